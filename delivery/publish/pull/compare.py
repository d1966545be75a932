"""What changed between the published dashboard and the edited one, by panel and row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from delivery.publish.difference import differences
from delivery.publish.model import Difference, Json

#: A panel without a number of its own still has to be told from the others.
_NO_ID = -1


@dataclass(frozen=True, slots=True)
class Part:
    """A panel or a row before and after; None where it is not there."""

    number: int
    old: Json | None
    new: Json | None
    differences: tuple[Difference, ...]

    @property
    def is_row(self) -> bool:
        """Whether it is a row."""
        return (self.new or self.old or {}).get("type") == "row"

    @property
    def title(self) -> str:
        """Its title before, or now."""
        return str((self.old or self.new or {}).get("title") or "")


@dataclass(frozen=True, slots=True)
class Order:
    """The panels of one row in the order in which they are read, before and after."""

    row: int | None
    old: tuple[int, ...]
    new: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that changed."""

    dashboard: tuple[Difference, ...]
    parts: tuple[Part, ...]
    orders: tuple[Order, ...]


def compare(old: Json, new: Json) -> Comparison:
    """The published document and the edited one."""
    before, after = _parts(old), _parts(new)
    numbers = [*after, *(each for each in before if each not in after)]
    parts = (_part(number, before.get(number), after.get(number)) for number in numbers)
    return Comparison(
        differences(_without(old), _without(new)),
        tuple(each for each in parts if each.differences or each.old is None or each.new is None),
        tuple(_orders(old, new)),
    )


def _without(dashboard: Json) -> Json:
    return {key: value for key, value in dashboard.items() if key != "panels"}


def _parts(dashboard: Json) -> Mapping[int, Json]:
    """Panels and rows by number; those of a collapsed row stand within it."""
    found: dict[int, Json] = {}
    for panel in _flat(dashboard):
        number = panel.get("id")
        free = min([_NO_ID + 1, *found]) - 1
        found[number if isinstance(number, int) and number not in found else free] = panel
    return found


def _flat(dashboard: Json) -> Iterator[Json]:
    for panel in dashboard.get("panels") or ():
        yield {key: value for key, value in panel.items() if key != "panels"}
        yield from panel.get("panels") or ()


def _part(number: int, old: Json | None, new: Json | None) -> Part:
    changed = differences(old, new) if old is not None and new is not None else ()
    return Part(number, old, new, changed)


def _orders(old: Json, new: Json) -> Iterator[Order]:
    """Rows whose panels stand in another order, or came from another row."""
    before, after = _rows(old), _rows(new)
    for row, numbers in after.items():
        earlier = before.get(row, ())
        if _kept(numbers, earlier) != _kept(earlier, numbers) or _moved_in(row, numbers, before):
            yield Order(row, earlier, numbers)


def _kept(numbers: Sequence[int], others: Sequence[int]) -> list[int]:
    return [number for number in numbers if number in others]


def _moved_in(
    row: int | None, numbers: Sequence[int], before: Mapping[int | None, Sequence[int]]
) -> bool:
    return any(
        number in others for key, others in before.items() if key != row for number in numbers
    )


def _rows(dashboard: Json) -> Mapping[int | None, tuple[int, ...]]:
    """The panels of each row as they are read: by line, from left to right."""
    rows: dict[int | None, list[Json]] = {}
    row: int | None = None
    for panel in sorted(dashboard.get("panels") or (), key=_place):
        if panel.get("type") == "row":
            row = panel.get("id")
            rows[row] = sorted(panel.get("panels") or (), key=_place)
        else:
            rows.setdefault(row, []).append(panel)
    return {
        key: tuple(each["id"] for each in panels if isinstance(each.get("id"), int))
        for key, panels in rows.items()
    }


def _place(panel: Json) -> tuple[int, int]:
    grid = panel.get("gridPos") or {}
    return int(grid.get("y") or 0), int(grid.get("x") or 0)
