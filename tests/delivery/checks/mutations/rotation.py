"""What stands several times in a query is broken at another of its places each time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import count
from typing import TypeVar

_T = TypeVar("_T")


def one_of_each(
    items: Iterable[_T], key: Callable[[_T], Hashable], turn: Iterator[int]
) -> Iterator[_T]:
    """Of the items with one key a single one: the first, the second and so on, in turn."""
    groups: dict[Hashable, list[_T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    for group in groups.values():
        yield group[next(turn) % len(group)]


def turns() -> Iterator[int]:
    """0, 1, 2 …"""
    return count()
