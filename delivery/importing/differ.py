"""What is to be put beside our model so that it says what was read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dashboards.beyond import pointer_of
from delivery.importing.read import nothing

Way = tuple[str | int, ...]


class Delta:
    """Settings to put and to leave out, by pointer, and what that costs a reader."""

    def __init__(self) -> None:
        self.put: dict[str, Any] = {}
        self.without: list[str] = []

    @property
    def cost(self) -> int:
        """How much there is to read: each setting is a line, and a long one several."""
        return len(self.without) + sum(
            1 + len(json.dumps(each)) // 60 for each in self.put.values()
        )


def delta(made: Any, wanted: Any) -> Delta:
    """From what is made to what is wanted; what is empty or missing is the same to a server."""
    found = Delta()
    _walk((), made, wanted, found)
    return found


def same(one: Any, other: Any) -> bool:
    """As JSON: ``True`` is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _walk(way: Way, made: Any, wanted: Any, found: Delta) -> None:
    for key in wanted:
        old, new = made.get(key), wanted[key]
        here = (*way, key)
        if (nothing(old) and nothing(new)) or same(old, new):
            continue
        if new is None:
            found.without.append(pointer_of(here))
        elif isinstance(old, dict) and isinstance(new, dict) and new:
            _walk(here, old, new, found)
        elif _alike(old, new):
            for index, (one, other) in enumerate(zip(old, new, strict=True)):
                _walk((*here, index), one, other, found)
        else:
            found.put[pointer_of(here)] = new
    for key in _gone(made, wanted):
        found.without.append(pointer_of((*way, key)))


def _gone(made: Any, wanted: Any) -> Iterator[str]:
    return (key for key in made if key not in wanted and not nothing(made[key]))


def _alike(old: Any, new: Any) -> bool:
    """Whether two lists hold the same things in their order, if with other settings."""
    return (
        isinstance(old, list)
        and isinstance(new, list)
        and len(old) == len(new)
        and all(isinstance(each, dict) for each in (*old, *new))
    )
