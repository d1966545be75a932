"""What happens in an incident: events and errors, pods that come and go, chance."""

from __future__ import annotations

import pytest

from simulate.backtest.freshness import tell_freshness
from simulate.backtest.incident import Incident
from simulate.backtest.story import swing, tell

STEP = 15
Json = dict[str, object]


def phase(lasts: str, until: Json | None = None, **errors: float) -> Json:
    return {"lasts": lasts, "errors": errors, "until": until}


def incident(*faults: Json, **fields: object) -> Incident:
    return Incident.model_validate(
        {
            "id": "mine",
            "title": "Mine",
            "help": "Mine.",
            "rate": 20.0,
            "before": "10m",
            "course": (phase("10m", ratio=0.5),),
            "after": "10m",
            "faults": faults,
            **fields,
        }
    )


def test_events_and_errors_are_those_of_the_phases() -> None:
    story = tell(incident(), 0.001, STEP)
    assert len(story.events) == 1800 // STEP + 1
    assert story.events[-1] - story.events[0] == 20 * 1800
    assert story.errors[600 // STEP] - story.errors[0] == 0
    assert story.errors[-1] - story.errors[0] == 10 * 600


def test_a_burn_is_a_multiple_of_the_budget_and_never_more_than_all() -> None:
    course = (phase("10m", burn=20),)
    for budget, ratio in ((0.01, 0.2), (0.5, 1.0)):
        story = tell(incident(course=course), budget, STEP)
        assert story.errors[-1] - story.errors[0] == pytest.approx(ratio * 12000, abs=2)


def test_errors_may_rise_along_a_phase() -> None:
    course = (phase("10m", ratio=0.0, until={"ratio": 1.0}),)
    story = tell(incident(course=course), 0.001, STEP)
    assert story.errors[900 // STEP] == pytest.approx(1500, abs=20)
    assert story.errors[-1] == pytest.approx(6000, abs=20)


def test_replaced_pods_lose_nothing_of_the_truth() -> None:
    story = tell(incident({"kind": "restart", "at": "5m"}), 0.001, STEP)
    assert [pod.name for pod in story.pods] == ["a0", "a1", "b0", "b1"]
    assert story.events[-1] - story.events[0] == 20 * 1800
    old, new = story.pods[0], story.pods[1]
    assert old.seen[900 // STEP]
    assert not old.seen[900 // STEP + 1]
    assert new.seen.index(True) == 900 // STEP
    assert new.good[900 // STEP] == 0


def test_a_canary_bears_all_errors() -> None:
    told = incident(
        {"kind": "canary", "lasts": "10m", "share": 0.1},
        course=(phase("10m", ratio=0.05),),
    )
    story = tell(told, 0.001, STEP)
    canary = story.pods[-1]
    assert canary.name == "canary"
    assert canary.bad[-1] == story.errors[-1] == 600
    assert canary.good[-1] == 600


def test_what_is_not_scraped_happens_all_the_same() -> None:
    gap = tell(incident({"kind": "gap", "at": None, "lasts": "5m"}), 0.001, STEP)
    late = tell(incident({"kind": "late", "lasts": "5m"}), 0.001, STEP)
    assert gap.events == late.events == tell(incident(), 0.001, STEP).events
    assert [sum(pod.seen) for pod in gap.pods] == [101, 101]
    assert [sum(pod.seen) for pod in late.pods] == [121, 101]


def test_chance_repeats_and_keeps_the_mean() -> None:
    told = incident(chance=True, rate=0.5, before="10h", background={"ratio": 0.1})
    story = tell(told, 0.001, STEP)
    assert story == tell(told, 0.001, STEP)
    assert story.events[-1] == pytest.approx(0.5 * told.length, rel=0.05)
    assert story.errors[36000 // STEP] == pytest.approx(0.05 * 36000, rel=0.1)
    assert len({b - a for a, b in zip(story.events, story.events[1:], strict=False)}) > 5


def test_a_week_of_swings_has_the_mean() -> None:
    week = 7 * 86400
    mean = sum(swing(moment) for moment in range(0, week, 300)) / (week / 300)
    assert mean == pytest.approx(1, abs=0.01)
    assert swing(86400 / 4) > 2 * swing(3 * 86400 / 4)
    assert swing(5 * 86400 + 21600) < swing(21600)


@pytest.mark.parametrize(("ratio", "share"), [(1.0, 1.0), (0.5, 0.5), (0.1, 0.1)])
def test_freshness_fails_for_the_share_of_the_time(ratio: float, share: float) -> None:
    told = incident(course=(phase("10h", ratio=ratio),))
    story = tell_freshness(told, 0.001, 300, STEP, 30, counted=True)
    assert story.events[-1] == told.length // 30
    assert story.errors[-1] == pytest.approx(share * 1200, rel=0.05)


def test_a_counter_is_stale_a_scrape_earlier_than_a_gauge() -> None:
    """Each is renewed for the last time so that both are stale at the same evaluations."""
    told = incident(course=(phase("10m", ratio=1),))
    gauge = tell_freshness(told, 0.001, 300, STEP, 30, counted=False)
    counter = tell_freshness(told, 0.001, 300, STEP, 30, counted=True)
    assert gauge.errors == counter.errors
    assert counter.pods[0].good[600 // STEP] == gauge.pods[0].good[600 // STEP] + 1
