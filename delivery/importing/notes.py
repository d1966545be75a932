"""What happened to a setting on the way in: nothing is dropped without one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: ``lost``: what it did is not done any more. ``left out``: Grafana of today does nothing with
#: it. ``migrated``: it is said in today's words. ``mapped``: it names one of our datasources now.
Fate = Literal["lost", "left out", "migrated", "mapped"]


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """The setting's place in the JSON that was read, and what became of it."""

    path: str
    fate: Fate
    what: str


class Notes:
    """Notes as they are taken."""

    def __init__(self) -> None:
        self.taken: list[Note] = []

    def lost(self, path: str, what: str) -> None:
        """What it did is not done any more."""
        self._take(Note(path, "lost", what))

    def left_out(self, path: str, what: str) -> None:
        """It does nothing, in any Grafana that we publish to."""
        self._take(Note(path, "left out", what))

    def migrated(self, path: str, what: str) -> None:
        """It is said in another way."""
        self._take(Note(path, "migrated", what))

    def mapped(self, path: str, what: str) -> None:
        """It names one of our datasources instead."""
        self._take(Note(path, "mapped", what))

    def _take(self, note: Note) -> None:
        if note not in self.taken:
            self.taken.append(note)
