"""When a burn alert has to fire, from the truth about an incident and not from the rules.

The Site Reliability Workbook, chapter 5 (https://sre.google/workbook/alerting-on-slos), gives
the time to detection of a constant error ratio ``r`` after none, for a window of length ``L``,
an error budget ``b`` (a ratio: 0.001 for 99.9 %) and a burn-rate factor ``f``::

    t = L * f * b / r

With errors at a ratio ``q`` before the incident, which the window still holds::

    t = L * (f * b - q) / (r - q)

Both windows of a pair have to agree. The short one does so sooner and ends the alert: once all
of it has held ``r``, the ratio falls back under ``f * b`` after ``S * (1 - (f * b - q) / (r - q))``
seconds. The formulas hold for even traffic; for any other course of events the same condition is
followed along what happened (:func:`stretches`).

A rule sees that later: after one scrape interval, one evaluation of each recording rule outside
the alert's own group, and its own ``for`` (:class:`Delay`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.platform import Window
from catalog.service import Objective

#: To how fine a part of a scrape interval a crossing is looked for: 2 ** -12.
_HALVINGS = 12


@dataclass(frozen=True, slots=True)
class Condition:
    """What has to be true for a pair of windows to fire: lengths in seconds, ``budget`` a ratio."""

    long: int
    short: int
    factor: float
    budget: float
    minimum_events: float
    minimum_errors: float

    @property
    def threshold(self) -> float:
        """The error ratio that both windows have to exceed."""
        return self.factor * self.budget


@dataclass(frozen=True, slots=True)
class Delay:
    """How long what is true takes to be seen, in seconds."""

    scrape: int
    evaluation: int
    hold: int = 0
    #: Evaluation intervals of recording rules outside the alert's group, one after the other.
    levels: tuple[int, ...] = ()

    @property
    def seen(self) -> int:
        """Until the alert's expression sees it at the latest, if it is evaluated at once."""
        return self.scrape + sum(self.levels)

    @property
    def promised(self) -> int:
        """Until the alert fires at the latest: one more evaluation, since it is not at once."""
        return self.seen + self.hold + self.evaluation


@dataclass(frozen=True, slots=True)
class Course:
    """All events and all errors up to each moment, ``step`` seconds apart, from 0 on."""

    step: int
    events: Sequence[float]
    errors: Sequence[float]

    def within(self, moment: float, length: float) -> tuple[float, float]:
        """Events and errors of a window that ends at the moment; before the story there are none.

        Between two of the known moments events come evenly.
        """
        since, until = max(0.0, moment - length) / self.step, moment / self.step
        return _at(self.events, until) - _at(self.events, since), (
            _at(self.errors, until) - _at(self.errors, since)
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when something is true, in seconds."""

    since: float
    until: float


def condition(objective: Objective, window: Window) -> Condition:
    """What a pair of windows asks of an objective."""
    return Condition(
        window.long,
        window.short,
        window.factor(objective.period),
        objective.budget,
        window.minimum_events,
        window.minimum_errors,
    )


def seconds_to_exceed(length: int, threshold: float, ratio: float, before: float = 0.0) -> float:
    """Until a window of even traffic exceeds the ratio; infinite if it never does."""
    if before > threshold:
        return 0.0
    if ratio <= threshold:
        return float("inf")
    return length * (threshold - before) / (ratio - before)


def seconds_to_fall(length: int, threshold: float, ratio: float, after: float = 0.0) -> float:
    """Until a window that was full of errors at that ratio no longer exceeds the threshold."""
    if after > threshold:
        return float("inf")
    return max(0.0, length * (ratio - threshold) / (ratio - after)) if ratio > after else 0.0


def stretches(course: Course, wanted: Condition) -> Iterator[Stretch]:
    """When the condition is true along a course, one stretch after the other."""
    begun: float | None = None
    for number in range(1, len(course.events)):
        moment = number * course.step
        is_true = holds(course, wanted, moment)
        if is_true and begun is None:
            begun = _turn(course, wanted, moment, into=True)
        elif not is_true and begun is not None:
            yield Stretch(begun, _turn(course, wanted, moment, into=False))
            begun = None
    if begun is not None:
        yield Stretch(begun, (len(course.events) - 1) * course.step)


def holds(course: Course, wanted: Condition, moment: float) -> bool:
    """Whether the condition is true at a moment."""
    events, errors = course.within(moment, wanted.long)
    if events < wanted.minimum_events or errors < wanted.minimum_errors:
        return False
    if errors <= wanted.threshold * events:
        return False
    events, errors = course.within(moment, wanted.short)
    return errors > wanted.threshold * events


def _turn(course: Course, wanted: Condition, moment: float, *, into: bool) -> float:
    """When, within the step that ends at the moment, the condition came to be or ceased."""
    low, high = moment - course.step, moment
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if holds(course, wanted, middle) is into:
            high = middle
        else:
            low = middle
    return high


def _at(values: Sequence[float], place: float) -> float:
    whole = int(place)
    if whole + 1 >= len(values):
        return values[-1]
    rest = place - whole
    return values[whole] + (values[whole + 1] - values[whole]) * rest if rest else values[whole]
