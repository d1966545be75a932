"""What was found, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from delivery.snapshot.model import Finding, Shot


def lines(shot: Shot) -> Iterator[str]:
    """A line for the picture, and one for each thing that is wrong in it."""
    name = shot.subject.name
    if shot.file:
        size = f"{shot.width}x{shot.height}, {shot.size // 1000} kB"
        yield f"{shot.file}: {len(shot.panels)} panels, {size}"
    yield from (f"{name}: {_said(each)}" for each in shot.findings)


def _said(found: Finding) -> str:
    panel = f"panel {found.panel} '{found.title}' " if found.panel is not None else ""
    if found.excuse:
        return f"excused: {panel}{found.text} ({found.excuse})"
    return f"{'fault' if found.fault else 'remark'}: {panel}{found.text}"


def verdict(shots: Sequence[Shot]) -> str:
    """The last line."""
    found = [each for shot in shots for each in shot.findings]
    faults = sum(1 for each in found if each.fault)
    excused = sum(1 for each in found if each.excuse)
    rest = len(found) - faults - excused
    taken = sum(1 for shot in shots if shot.file)
    return f"{taken} pictures: {faults} faults, {excused} excused, {rest} remarks"


def failed(shots: Sequence[Shot], *, strict: bool) -> bool:
    """Whether the command fails: for faults, and where it is strict for every remark as well."""
    found = [each for shot in shots for each in shot.findings if not each.excuse]
    return any(each.fault or strict for each in found)


def data(shots: Sequence[Shot], index: str) -> str:
    """One JSON document: the index, and what it comes to."""
    document = json.loads(index)
    return json.dumps({**document, "summary": verdict(shots)}, indent=2)
