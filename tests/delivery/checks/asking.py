"""What reading a single query finds, and what its answer looks like.

tests/golden/checks holds queries, each on a line, and indented below it what is found: nothing
below a sound one, which a false alarm would change. ``make golden`` writes them anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from catalog.exporters import load_exporters
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.checks.documents import Language
from delivery.checks.formats import sentence
from delivery.checks.logql_fields import Streams
from delivery.checks.promql_shape import Shape
from delivery.checks.readings import Readings
from delivery.checks.universe import Signal, Universe, emitted

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "checks"
#: The committed catalog (JSON lines, Loki 2.9 and 3) and the other system's (logfmt too, Loki 3).
FIRST, SECOND = "catalog", "tests/fixtures/second"


class Asked(NamedTuple):
    """A query read: each fault with its place, and the shape of the answer."""

    faults: list[str]
    shape: Shape | None


@cache
def catalog(folder: str) -> Catalog:
    return load_catalog(ROOT / folder)


@cache
def signals(folder: str) -> tuple[Signal, ...]:
    return tuple(emitted(catalog(folder), load_exporters(ROOT / folder)))


@cache
def streams(folder: str) -> Streams:
    return Streams(catalog(folder))


def asked(
    text: str,
    language: Language = "promql",
    folder: str = FIRST,
    *,
    recorded: tuple[Signal, ...] = (),
) -> Asked:
    """``id 'the words at fault': reason. Remedy.`` of each fault, in the order it is found."""
    readings = Readings(streams(folder), signals(folder))
    reading = readings.of(text, language, Universe(recorded, readings.emitted))
    return Asked(
        [
            f"{check} {text[start:end]!r}: {reason}. {sentence(remedy)}"
            for check, reason, remedy, start, end in (*reading.faults, *reading.bare)
        ],
        reading.shape,
    )


def faults(text: str, language: Language = "promql", folder: str = FIRST) -> list[str]:
    return asked(text, language, folder).faults


def golden(name: str) -> list[tuple[str, list[str]]]:
    """Each query of a golden file with what is found."""
    found: list[tuple[str, list[str]]] = []
    for line in _lines(name):
        if line.startswith("    "):
            found[-1][1].append(line.strip())
        elif line and not line.startswith("#"):
            found.append((line, []))
    return found


def renew(name: str, language: Language, folder: str = FIRST) -> None:
    """Writes what is found now, if UPDATE_GOLDEN asks for it."""
    if os.environ.get("UPDATE_GOLDEN"):
        text = "\n".join(_renewed(name, language, folder))
        (GOLDEN / name).write_text(f"{text}\n", encoding="utf-8")


def _renewed(name: str, language: Language, folder: str) -> Iterator[str]:
    for line in _lines(name):
        if not line.startswith("    "):
            yield line
            if line and not line.startswith("#"):
                yield from (f"    {each}" for each in faults(line, language, folder))


def _lines(name: str) -> list[str]:
    return (GOLDEN / name).read_text(encoding="utf-8").splitlines()
