"""Which lengths of time an objective's events are summed over, and what a sum is made of.

A length up to an hour is read from the raw series. A longer one is made of the next shorter
recorded one, laid end to end: six hours are three times two hours, each a sample of its own.
That is exact at every evaluation, as long as evaluations fall on the ends: every length is a
multiple of the evaluation interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from catalog.platform import Windows

#: Up to this length the raw series are read; a longer one costs every sample of every pod.
RAW_SECONDS = 3600
#: Always recorded: what is shown as "now", and what tells whether an indicator can be right.
SHORTEST_SECONDS = 300
#: Always recorded: periods are whole days.
DAY_SECONDS = 86400
#: So many terms a person can still count in an expression: a day has no more half hours.
MOST_PARTS = 48


class Layout(NamedTuple):
    """A length as so many parts, end to end."""

    part: int
    number: int


def lengths(windows: Windows) -> tuple[int, ...]:
    """Every length that a burn window has, shortest first: one burn rate is recorded for each."""
    found = {length for each in windows.windows for length in (each.short, each.long)}
    return tuple(sorted(found))


def recorded(windows: Windows) -> tuple[int, ...]:
    """Every length that events and errors are summed over at each evaluation, shortest first."""
    return tuple(sorted({SHORTEST_SECONDS, RAW_SECONDS, DAY_SECONDS, *lengths(windows)}))


def raw(windows: Windows) -> tuple[int, ...]:
    """Those of them that are measured on the raw series."""
    return tuple(length for length in recorded(windows) if length <= RAW_SECONDS)


def layout(length: int, known: Iterable[int]) -> Layout | None:
    """The length in as few parts as possible, each a known shorter length; None if there is none.

    A part is a multiple of five minutes, and so of the evaluation interval: its ends are
    moments at which it was recorded.
    """
    parts = (
        Layout(part, length // part)
        for part in sorted(known, reverse=True)
        if part < length and part % SHORTEST_SECONDS == 0 and length % part == 0
    )
    found = next(parts, None)
    return found if found is not None and found.number <= MOST_PARTS else None


def nearest(length: int, known: Iterable[int], step: int) -> Iterator[int]:
    """The nearest shorter and the nearest longer length that can be laid out, if there are any."""
    parts = tuple(known)
    for candidates in (range(length - step, 0, -step), range(length + step, 2 * length, step)):
        for candidate in candidates:
            if candidate <= RAW_SECONDS or layout(candidate, parts):
                yield candidate
                break
