"""Worse than promised is told, and what is as promised is not."""

from __future__ import annotations

import pytest

from alerts.burn_theory import Condition, Delay, Stretch
from catalog.platform import Window
from simulate.backtest.incident import Incident
from simulate.backtest.story import tell
from simulate.backtest.verdict import Judge, Verdict, merged

WINDOW = Window.model_validate(
    {
        "severity": "page",
        "long": "1h",
        "short": "5m",
        "budget": 2,
        "minimum_events": 1,
        "minimum_errors": 1,
    }
)
INCIDENT = Incident.model_validate(
    {
        "id": "mine",
        "title": "Mine",
        "help": "Mine.",
        "rate": 20.0,
        "before": "2h",
        "course": ({"lasts": "20m", "errors": {"ratio": 0.5}},),
        "after": "1h",
    }
)
#: In theory it holds from 103.7 s on, until 291.4 s after its end.
FIRST, LAST = 7200 + 120, 8400 + 270


def judged(*fired: range) -> Verdict:
    judge = Judge(tell(INCIDENT, 0.001, 15), Delay(15, 30), 0.001, 30 * 86400)
    wanted = Condition(3600, 300, 14.4, 0.001, 1, 1)
    return judge.judge(WINDOW, wanted, [moment for each in fired for moment in each])


def test_as_promised() -> None:
    verdict = judged(range(FIRST, LAST + 30, 30))
    assert verdict.faults == ()
    assert verdict.theory == pytest.approx(103.7, abs=0.1)
    assert verdict.promised == pytest.approx(148.7, abs=0.1)
    assert (verdict.measured, verdict.reset, verdict.false_alarms) == (120, 300, 0)
    assert verdict.spent == pytest.approx(0.5 * 120 / (0.001 * 30 * 86400), rel=0.01)


@pytest.mark.parametrize(
    ("fired", "fault"),
    [
        ((), "missed: it should have fired by 149 s"),
        ((range(FIRST + 60, LAST + 30, 30),), "late: 31 s after what is promised"),
        (
            (range(FIRST, LAST + 150, 30),),
            "no reset: it fires 84 s longer than promised",
        ),
        (
            (range(3000, 3090, 30), range(FIRST, LAST + 30, 30)),
            "false alarm: from -4200 s on for 90 s",
        ),
    ],
)
def test_worse_than_promised(fired: tuple[range, ...], fault: str) -> None:
    assert judged(*fired).faults == (fault,)


def test_evaluations_that_follow_each_other_are_one_stretch() -> None:
    found = list(merged([30, 60, 90, 180, 210], 30))
    assert found == [Stretch(30, 120), Stretch(180, 240)]
    assert list(merged([], 30)) == []
