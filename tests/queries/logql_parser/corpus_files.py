"""The queries of corpus/*.yaml with the verdict that a real Loki gave on each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml

CORPUS = Path(__file__).parent / "corpus"
_ACCEPTED_BY = {
    "both accept": ("3.7.6", "2.9.4"),
    "only 3.7.6 accepts": ("3.7.6",),
    "only 2.9.4 accepts": ("2.9.4",),
    "neither accepts": (),
}


class Recorded(NamedTuple):
    """A query, and the releases that take it for one."""

    query: str
    topic: str
    accepted_by: tuple[str, ...]


def recorded() -> list[Recorded]:
    """Every query of the corpus."""
    return [
        Recorded(query, path.stem, _ACCEPTED_BY[verdict])
        for path in sorted(CORPUS.glob("*.yaml"))
        for verdict, queries in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for query in queries
    ]
