"""The formulas of the Workbook, and the same followed along what happened."""

from __future__ import annotations

import math

import pytest

from alerts.burn_theory import (
    Condition,
    Course,
    Delay,
    seconds_to_exceed,
    seconds_to_fall,
    stretches,
)

HOUR = 3600
PAGE = Condition(HOUR, 300, 14.4, 0.001, 0, 0)


def course(*phases: tuple[int, float, float], step: int = 15) -> Course:
    """Seconds, events a second and the share of them that fails."""
    events, errors = [0.0], [0.0]
    for seconds, rate, ratio in phases:
        for _ in range(seconds // step):
            events.append(events[-1] + rate * step)
            errors.append(errors[-1] + rate * step * ratio)
    return Course(step, events, errors)


@pytest.mark.parametrize("ratio", [1.0, 0.5, 0.1, 0.02])
@pytest.mark.parametrize("before", [0.0, 0.0005])
def test_along_even_traffic_the_formulas_hold(ratio: float, before: float) -> None:
    told = course((2 * HOUR, 20, before), (2 * HOUR, 20, ratio), (2 * HOUR, 20, 0))
    (held,) = stretches(told, PAGE)
    since = 2 * HOUR + seconds_to_exceed(HOUR, PAGE.threshold, ratio, before)
    until = 4 * HOUR + seconds_to_fall(300, PAGE.threshold, ratio)
    assert held.since == pytest.approx(since, abs=0.01)
    assert held.until == pytest.approx(until, abs=0.01)


def test_the_workbook_s_own_figures() -> None:
    """Table 5-4 and the text above it: 10 % of errors are seen by 14.4 in 8.64 minutes."""
    assert seconds_to_exceed(HOUR, 14.4 * 0.001, 0.1) == pytest.approx(8.64 * 60)
    assert seconds_to_exceed(HOUR, 14.4 * 0.001, 1.0) == pytest.approx(51.84)


def test_what_never_exceeds_and_what_always_does() -> None:
    assert math.isinf(seconds_to_exceed(HOUR, 0.01, 0.01))
    assert seconds_to_exceed(HOUR, 0.01, 0.5, before=0.02) == 0
    assert math.isinf(seconds_to_fall(300, 0.01, 0.5, after=0.02))
    assert list(stretches(course((4 * HOUR, 20, 0.0143)), PAGE)) == []


def test_a_window_is_weighted_by_its_traffic() -> None:
    """An hour of many events before: the same errors among few are no tenth of all."""
    told = course((HOUR // 2, 200, 0), (HOUR // 2, 2, 0.5))
    assert list(stretches(told, PAGE)) == []


def test_few_events_and_few_errors_say_nothing() -> None:
    told = course((HOUR, 0.01, 0), (HOUR, 0.01, 1))
    first = next(iter(stretches(told, PAGE))).since
    of_errors = Condition(HOUR, 300, 14.4, 0.001, 0, 10)
    assert next(iter(stretches(told, of_errors))).since == pytest.approx(HOUR + 1000, abs=0.1)
    assert first < HOUR + 100
    assert list(stretches(told, Condition(HOUR, 300, 14.4, 0.001, 37, 0))) == []


def test_two_stretches_are_two() -> None:
    told = course((HOUR, 20, 0), (300, 20, 1), (2 * HOUR, 20, 0), (300, 20, 1), (HOUR, 20, 0))
    assert len(list(stretches(told, PAGE))) == 2


def test_what_still_holds_at_the_end_ends_there() -> None:
    told = course((HOUR, 20, 0), (600, 20, 1))
    assert next(iter(stretches(told, PAGE))).until == HOUR + 600


def test_promised_is_scrape_levels_hold_and_one_evaluation() -> None:
    assert Delay(scrape=15, evaluation=30).promised == 45
    assert Delay(scrape=15, evaluation=30, hold=120, levels=(60, 60)).promised == 285
