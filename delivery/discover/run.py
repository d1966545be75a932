"""From the servers to drafts and differences: the one way through the parts of this package."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from catalog.unfinished import unfinished
from delivery import tree
from delivery.discover.differences import Difference, differences
from delivery.discover.draft import Draft, draft
from delivery.discover.loki import Span
from delivery.discover.servers import TELLS, Link, Target
from delivery.discover.sight import look
from delivery.places import display


@dataclass(frozen=True, slots=True)
class Discovery:
    """A draft by the name of its file, what differs, and which servers were not asked."""

    drafts: Mapping[str, Draft]
    differences: Sequence[Difference]
    missing: Sequence[Target]
    seen: int


def discover(
    catalog: Catalog,
    links: Mapping[Target, Link],
    span: Span,
    *,
    by: str | None = None,
    only: str | None = None,
) -> Discovery:
    """Looks at everything once.

    :raises ServerError: a server cannot be reached, or refuses us.
    """
    found = look(catalog, links, span, by, only)
    known = {each.id: each for each in catalog.services}
    drafts: dict[str, Draft] = {}
    differ: list[Difference] = []
    taken = set(known)
    for name, sight in sorted(found.services.items()):
        if name in known:
            differ += differences(known[name], sight)
            continue
        made = draft(catalog, sight, found, span, taken)
        if made.id is not None:
            taken.add(made.id)
        drafts[f"{made.id or f'unnamed-{len(drafts) + 1}'}.yaml"] = made
    return Discovery(drafts, differ, found.missing, len(found.services))


def write(folder: Path, drafts: Mapping[str, Draft]) -> None:
    """Writes the drafts; where one is there already, none is written.

    :raises UsageError: what was filled in would be lost.
    """
    there = [folder / name for name in drafts if os.path.lexists(folder / name)]
    if there:
        fault = "the draft is there already, and what was filled in would be lost"
        raise UsageError(
            *(Problem(display(each), fault, "Delete it, or name another --out") for each in there)
        )
    if drafts:
        folder.mkdir(parents=True, exist_ok=True)
    for name, made in drafts.items():
        tree.write_new(folder / name, made.text.encode())


def text(folder: Path, found: Discovery) -> Iterator[str]:
    """The report, a line each."""
    for target in found.missing:
        variable = f"{target.upper()}_URL"
        yield f"no {target} was asked ({variable} is not set): nothing is known of {TELLS[target]}"
    for each in found.differences:
        yield str(each)
    for name, made in found.drafts.items():
        count = sum(1 for _ in unfinished(made.document))
        left = "1 question" if count == 1 else f"{count} questions"
        yield f"{display(folder / name)}: {left} left open"


def data(folder: Path, found: Discovery) -> str:
    """The report as JSON."""
    return json.dumps(
        {
            "version": 1,
            "missing": list(found.missing),
            "differences": [asdict(each) for each in found.differences],
            "drafts": [
                {
                    "file": str(folder / name),
                    "id": made.id,
                    "open": [
                        {"at": ".".join(map(str, at)), "asks": asks}
                        for at, asks in unfinished(made.document)
                    ],
                }
                for name, made in found.drafts.items()
            ],
        },
        ensure_ascii=False,
        indent=2,
    )
