"""``panel/grid``: see docs/checks/panel-grid.md."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Panel
from delivery.checks.finding import Finding

_COLUMNS = 24
Placed = tuple[Panel, tuple[int, int, int, int]]


def _run(context: Context) -> Iterator[Finding]:
    for dashboard in context.documents.dashboards:
        #: What a collapsed row holds is laid out once it is opened, among itself.
        groups: dict[str, list[Placed]] = {}
        for panel in dashboard.panels:
            fault = _misplaced(panel)
            if fault:
                remedy = f"Set x, y, w and h, within {_COLUMNS} columns"
                yield Finding(CHECK.id, panel.file, panel.where, fault, remedy)
            elif panel.grid is not None:
                groups.setdefault(panel.row, []).append((panel, panel.grid))
        for placed in groups.values():
            yield from _overlaps(placed)


def _misplaced(panel: Panel) -> str:
    if panel.grid is None:
        return "the panel has no place on the grid"
    x, y, width, height = panel.grid
    if width < 1 or height < 1:
        return f"the panel is {width} wide and {height} high"
    if x < 0 or y < 0:
        return f"the panel is at x {x}, y {y}, outside of the grid"
    if x + width > _COLUMNS:
        return f"the panel ends at column {x + width}, and the grid has {_COLUMNS}"
    return ""


def _overlaps(placed: list[Placed]) -> Iterator[Finding]:
    for (one, first), (other, second) in combinations(placed, 2):
        if _meet(first, second):
            reason = f"the panel lies over {one.where}"
            remedy = "Move one of the two, or make it smaller"
            yield Finding(CHECK.id, other.file, other.where, reason, remedy)


def _meet(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    x, y, width, height = one
    left, top, wide, high = other
    return x < left + wide and left < x + width and y < top + high and top < y + height


CHECK = Check("panel/grid", "A panel that has no place, or one that another panel has", _run)
