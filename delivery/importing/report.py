"""The account of an import, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from delivery.importing.account import Line
from delivery.importing.run import Outcome

_WORDS = {
    "exact": "exactly as it was read",
    "equal": "equal in meaning",
    "lost": "with losses",
}
_REMEDY = "nothing was written: look at what is lost, then add --allow-losses"


def as_text(outcome: Outcome, *, every: bool) -> Iterator[str]:
    """A line a loss; with ``every``, one for each panel and each note."""
    for line in outcome.lines:
        if every:
            yield f"{line.path}: {_WORDS[line.verdict]}: {_called(line)}"
        for note in line.notes:
            if every or note.fate == "lost":
                yield f"{note.path}: {note.fate}: {note.what}"
    yield _counts(outcome)
    if outcome.findings:
        checks = Counter(finding.check for finding in outcome.findings)
        listed = ", ".join(f"{count} {check}" for check, count in sorted(checks.items()))
        yield f"to be confirmed: {listed}"


def closing(outcome: Outcome) -> str:
    """What was written, if anything was."""
    if outcome.changed is None:
        return _REMEDY
    files = "1 file" if outcome.changed == 1 else f"{outcome.changed} files"
    return f"{outcome.modules[-1]}: {files} written"


def as_json(outcome: Outcome) -> str:
    """One object; ``written`` is false where losses were not allowed."""
    data: dict[str, Any] = {
        "version": 1,
        "title": outcome.title,
        "uid": outcome.uid,
        "name": outcome.slug,
        "written": outcome.changed is not None,
        "modules": list(outcome.modules),
        "summary": dict(_panels(outcome)),
        "panels": [_data(line) for line in outcome.lines],
        "findings": [asdict(finding) for finding in outcome.findings],
    }
    return json.dumps(data, indent=2)


def _data(line: Line) -> dict[str, Any]:
    return {
        "path": line.path,
        "id": line.number,
        "title": line.title,
        "verdict": line.verdict,
        "notes": [asdict(note) for note in line.notes],
    }


def _called(line: Line) -> str:
    if line.path == "$":
        return "the dashboard itself"
    return f"panel {line.number} '{' '.join(line.title.split())}'"


def _panels(outcome: Outcome) -> Counter[str]:
    counted = Counter(dict.fromkeys(_WORDS, 0))
    counted.update(line.verdict for line in outcome.lines if line.path != "$")
    return counted


def _counts(outcome: Outcome) -> str:
    counted = _panels(outcome)
    told = ", ".join(f"{counted[verdict]} {words}" for verdict, words in _WORDS.items())
    return f"{outcome.uid} '{' '.join(outcome.title.split())}': panels: {told}"
