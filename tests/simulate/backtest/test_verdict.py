"""Worse than promised is told, and what is as promised is not."""

from __future__ import annotations

import pytest

from alerts.burn_theory import Condition, Delay, Stretch
from catalog.platform import Window
from simulate.backtest.incident import Incident
from simulate.backtest.story import shown, tell
from simulate.backtest.verdict import Judge, Verdict, merged

OF_WINDOW = {
    "severity": "page",
    "long": "1h",
    "short": "5m",
    "budget": 2,
    "minimum_events": 1,
    "minimum_errors": 1,
}
WINDOW = Window.model_validate(OF_WINDOW)
TOLD = {
    "id": "mine",
    "title": "Mine",
    "help": "Mine.",
    "rate": 20.0,
    "before": "2h",
    "course": ({"lasts": "20m", "errors": {"ratio": 0.5}},),
    "after": "1h",
}
INCIDENT = Incident.model_validate(TOLD)
#: In theory it holds from 103.7 s on, until 291.4 s after its end.
FIRST, LAST = 7200 + 120, 8400 + 270


def judged(*fired: range) -> Verdict:
    judge = the_judge(INCIDENT, WINDOW)
    wanted = Condition(3600, 300, 14.4, 0.001, 1, 1)
    return judge.judge(wanted, [moment for each in fired for moment in each])


def the_judge(incident: Incident, window: Window) -> Judge:
    story = tell(incident, 0.001, 15)
    return Judge(story, shown(story), window, Delay(15, 30), 0.001, 30 * 86400)


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


def faulty(*faults: dict[str, str]) -> Incident:
    return Incident.model_validate({**TOLD, "faults": faults})


def test_what_a_counter_had_not_shown_when_it_started_again_is_not_expected() -> None:
    """15 s of 20 events a second, half of them errors: 1 event in 2 scrapes of 104 s."""
    story = tell(faulty({"kind": "reset", "at": "1m"}), 0.001, 15)
    seen = shown(story)
    assert story.events[-1] - seen.events[-1] == 300
    assert story.errors[-1] - seen.errors[-1] == 150
    at = 7200 // 15 + 4
    assert seen.events[at - 1] == story.events[at - 1]
    assert seen.events[at] == seen.events[at - 1]
    lost = the_judge(faulty({"kind": "reset", "at": "1m"}), WINDOW)
    wanted = Condition(3600, 300, 14.4, 0.001, 1, 1)
    # The errors that are lost have to come again; the events that are lost are wanted less.
    assert lost.judge(wanted, []).theory == pytest.approx(103.7 + 15, abs=0.5)


GAP = {"kind": "gap", "at": "65m", "lasts": "5m"}


@pytest.mark.parametrize(
    ("faults", "promised"),
    [
        ((), 4000),
        # The moment itself is in the gap: it is seen once the scrapes are back.
        ((GAP,), 4200),
        # An hour's edge is: what happened in the gap is on neither side of it yet.
        (({"kind": "late", "at": "5m", "lasts": "10m"},), 3600 + 900),
        # An edge that is yet to come hides nothing.
        (({"kind": "late", "at": "8m", "lasts": "10m"},), 4000),
        # Out of the one, an hour's edge is in the other, and then five minutes' is in the first.
        ((GAP, {"kind": "gap", "at": "9m", "lasts": "2m"}), 4200 + 300),
    ],
)
def test_what_is_not_scraped_is_not_promised(
    faults: tuple[dict[str, str], ...], promised: int
) -> None:
    """2 h of 1 % after none exceed 0.556 % after 4,000 s."""
    course = ({"lasts": "2h", "errors": {"ratio": 0.01}},)
    told = {**TOLD, "course": course, "faults": faults}
    two_hours = Window.model_validate({**OF_WINDOW, "long": "2h", "short": "5m"})
    wanted = Condition(7200, 300, 5.5555, 0.001, 1, 1)
    verdict = the_judge(Incident.model_validate(told), two_hours).judge(wanted, [])
    assert verdict.theory == pytest.approx(4000, abs=2)
    assert verdict.promised == pytest.approx(promised + 45, abs=2)
