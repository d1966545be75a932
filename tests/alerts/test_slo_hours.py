"""One sample for each full hour, and the calendar quarter that they add up to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from queries.slo_sums import calendar_quarter
from tests.alerts.samples import HERE
from tests.alerts.slo_replay import labels, replay

OF = 'service="ryot",objective="latency"'
RYOT = partial(labels, "ryot", "latency")
Replay = Callable[..., str]


@pytest.fixture
def ryot(written: Path, tmp_path: Path, need_binary: Callable[[str], str]) -> Replay:
    rules = written / "prometheus/rules/slo-ryot.latency.yaml"
    return partial(replay, tmp_path, need_binary("promtool"), rules, "latency")


def hours(values: str) -> dict[str, str]:
    return {
        f'slo:sli_{name}:sum{{{HERE},{OF},window="1h"}}': values for name in ("events", "errors")
    }


def found(count: int) -> dict[str, float]:
    return {RYOT(quarter="1970.1"): count}


COUNTED = f"count_over_time(slo:sli_events:increase1h{{{OF}}}[1d])"


def test_each_full_hour_is_recorded_once(ryot: Replay) -> None:
    """Evaluated every minute: at one, two and three o'clock, and at no other minute."""
    values = hours("0+1x300")
    asked = [
        ("59m", COUNTED, {}),
        (
            "60m",
            f"slo:sli_events:increase1h{{{OF}}}",
            {"slo:sli_events:increase1h" + RYOT(quarter="1970.1"): 60},
        ),
        ("61m", f"slo:sli_events:increase1h{{{OF}}}", {}),
        ("179m", COUNTED, found(2)),
        ("200m", COUNTED, found(3)),
        ("200m", f"sum_over_time(slo:sli_errors:increase1h{{{OF}}}[1d])", found(60 + 120 + 180)),
    ]
    assert not (complaint := ryot(values, asked, "1m")), complaint


def test_an_evaluation_that_is_missed_makes_it_late(ryot: Replay) -> None:
    """Nothing is recorded at two o'clock and the two minutes after it."""
    values = hours("5x119 _x3 5x60")
    asked = [
        ("122m", COUNTED, found(1)),
        ("123m", COUNTED, found(2)),
        ("170m", COUNTED, found(2)),
    ]
    assert not (complaint := ryot(values, asked, "1m")), complaint


def test_an_hour_that_nobody_saw_the_end_of_stays_missing(ryot: Replay) -> None:
    """Nothing from five to two until ten past: what is recorded then is no hour's sum."""
    values = hours("5x114 _x16 5x80")
    asked = [("170m", COUNTED, found(1)), ("185m", COUNTED, found(2))]
    assert not (complaint := ryot(values, asked, "1m")), complaint


def test_a_start_within_an_hour_records_no_part_of_it(ryot: Replay) -> None:
    values = hours("_x20 5x100")
    asked = [("59m", COUNTED, {}), ("60m", COUNTED, found(1))]
    assert not (complaint := ryot(values, asked, "1m")), complaint


def test_the_last_hour_of_a_quarter_is_its_own(ryot: Replay) -> None:
    """Midnight of 1 April ends an hour of March."""
    of_the_hour = calendar_quarter(1800)
    asked = [
        ("90d", of_the_hour, {'{quarter="1970.1"}': 1.0}),
        ("2161h", of_the_hour, {'{quarter="1970.2"}': 1.0}),
    ]
    assert not (complaint := ryot({}, asked, "1d", "400d")), complaint


def test_the_quarter_starts_anew(ryot: Replay) -> None:
    """Ninety days of 1 % errors, then days of 5 % in the second quarter of 1970.

    Until its first hour is over the new quarter is whole.
    """
    told: dict[str, str] = {}
    for what, values in {
        "events": ("100x90", "_x91 100x9"),
        "errors": ("1x90", "_x91 5x9"),
    }.items():
        for quarter, shown in zip(("1970.1", "1970.2"), values, strict=True):
            told[f'slo:sli_{what}:increase1h{{{HERE},{OF},quarter="{quarter}"}}'] = shown
    attained = 'round(slo:attainment:ratio{window="quarter"}, 0.0001)'
    left = 'round(slo:error_budget_remaining:ratio{window="quarter"}, 0.0001)'
    asked = [
        ("89d", attained, {RYOT(window="quarter"): 0.99}),
        ("90d", attained, {RYOT(window="quarter"): 1.0}),
        ("95d", attained, {RYOT(window="quarter"): 0.95}),
        ("95d", left, {RYOT(window="quarter"): -4.0}),
    ]
    assert not (complaint := ryot(told, asked, "1d")), complaint
