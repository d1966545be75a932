"""Before and after: which panels of which dashboards are other ones now.

By the digests of their JSON: pixels differ with every second of telemetry, the JSON only with
what somebody changed. How far the pictures differ is reckoned where they are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from delivery.snapshot.model import Panel, Shot

Change = Literal["changed", "added", "gone", "same"]
State = Literal["changed", "new", "gone", "same"]


@dataclass(frozen=True, slots=True)
class PanelChange:
    """A panel on both sides, or on one."""

    change: Change
    before: Panel | None
    after: Panel | None

    @property
    def title(self) -> str:
        """What it is called now, or was."""
        panel = self.after or self.before
        return panel.title or f"panel {panel.id}" if panel else ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture on both sides, or on one."""

    name: str
    before: Shot | None
    after: Shot | None
    panels: tuple[PanelChange, ...]

    @property
    def title(self) -> str:
        """What the dashboard is called now, or was."""
        shot = self.after or self.before
        if shot is None:
            return self.name
        title = shot.title or shot.subject.uid
        return f"{title} ({shot.subject.service})" if shot.subject.service else title

    @property
    def state(self) -> State:
        """What became of it."""
        if self.before is None:
            return "new"
        if self.after is None:
            return "gone"
        same = self.before.subject.generated == self.after.subject.generated
        return "same" if same and not self.changes else "changed"

    @property
    def changes(self) -> tuple[PanelChange, ...]:
        """The panels that are not what they were."""
        return tuple(each for each in self.panels if each.change != "same")

    def count(self, change: Change) -> int:
        """How many panels it happened to."""
        return sum(1 for each in self.panels if each.change == change)


def pairs(before: Mapping[str, Shot], after: Mapping[str, Shot]) -> tuple[Pair, ...]:
    """Every picture of the two folders; those with changes first, each group by name."""
    found = [
        Pair(name, before.get(name), after.get(name), _panels(before.get(name), after.get(name)))
        for name in {*before, *after}
    ]
    return tuple(sorted(found, key=lambda each: (each.state == "same", each.name)))


def _panels(before: Shot | None, after: Shot | None) -> tuple[PanelChange, ...]:
    if before is None or after is None:
        # A whole dashboard came or went: its panels are no news of their own.
        return ()
    return tuple(_changes(before.panels, after.panels))


def _changes(before: tuple[Panel, ...], after: tuple[Panel, ...]) -> Iterator[PanelChange]:
    old = {each.id: each for each in before}
    new = {each.id: each for each in after}
    for panel in after:
        earlier = old.get(panel.id)
        if earlier is None:
            yield PanelChange("added", None, panel)
        else:
            same = earlier.digest == panel.digest
            yield PanelChange("same" if same else "changed", earlier, panel)
    yield from (PanelChange("gone", each, None) for each in before if each.id not in new)
