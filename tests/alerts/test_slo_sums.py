"""What the recorded sums and burn rates say, replayed by promtool, against exact numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from queries.slo_sums import calendar_quarter
from tests.alerts.samples import AGENT, HERE, THERE, requests, up, vault
from tests.alerts.slo_replay import labels, replay, rising

EVENTS, ERRORS = "slo:sli_events:sum", "slo:sli_errors:sum"
BURN = "slo:burn_rate:ratio"
OF = 'service="ryot",objective="availability"'
RYOT = partial(labels, "ryot", "availability")
Replay = Callable[..., str]
#: Steps of five minutes.
HOUR, DAY = 12, 288


@pytest.fixture
def ryot(written: Path, tmp_path: Path, need_binary: Callable[[str], str]) -> Replay:
    rules = written / "prometheus/rules/slo-ryot.availability.yaml"
    return partial(replay, tmp_path, need_binary("promtool"), rules, "availability")


def recorded(name: str, window: str) -> str:
    return f'{name}{{{OF},window="{window}"}}'


def told(name: str, values: str, window: str) -> dict[str, str]:
    return {f'{name}{{{HERE},{OF},window="{window}"}}': values}


def test_a_sum_is_exact_under_uneven_traffic_at_any_moment(ryot: Replay) -> None:
    """No hour is like another, and the moment is five past, not on the hour."""
    good = [(step * step) % 97 + 1 for step in range(26 * HOUR)]
    bad = [3 if step % 31 == 0 else 0 for step in range(26 * HOUR)]
    at = 25 * HOUR + 1
    asked = []
    for window, steps in (("1h", HOUR), ("2h", 2 * HOUR), ("6h", 6 * HOUR), ("1d", DAY)):
        wrong = sum(bad[at - steps : at])
        every = sum(good[at - steps : at]) + wrong
        asked.append(("25h5m", recorded(EVENTS, window), {EVENTS + RYOT(window=window): every}))
        asked.append(("25h5m", recorded(ERRORS, window), {ERRORS + RYOT(window=window): wrong}))
        ratio = round(wrong / every / 0.001, 6)
        rate = f"round({recorded(BURN, window)}, 0.000001)"
        asked.append(("25h5m", rate, {RYOT(window=window): ratio}))
    values = {**requests("200", rising(*good)), **requests("503", rising(*bad))}
    assert not (complaint := ryot(values, asked)), complaint


def test_months_are_made_of_days(ryot: Replay) -> None:
    """Each day has other traffic; the sums of thirty are those of ten times three."""
    days = [1000 + 37 * number for number in range(40)]
    values = {
        **told(EVENTS, " ".join(map(str, days)), "1d"),
        **told(ERRORS, " ".join(str(day / 100) for day in days), "1d"),
    }
    last_30 = days[5:35]
    asked = [
        ("34d", recorded(EVENTS, "3d"), {EVENTS + RYOT(window="3d"): sum(days[32:35])}),
        ("34d", recorded(EVENTS, "30d"), {EVENTS + RYOT(window="30d"): sum(last_30)}),
        (
            "34d",
            'round(slo:attainment:ratio{window="30d"}, 0.0001)',
            {RYOT(window="30d"): 0.99},
        ),
        (
            "34d",
            'round(slo:error_budget_remaining:ratio{window="30d"}, 0.0001)',
            {RYOT(window="30d"): -9.0},
        ),
    ]
    assert not (complaint := ryot(values, asked, "1d")), complaint


def test_a_period_that_has_only_begun_holds_what_there_is(ryot: Replay) -> None:
    values = told(EVENTS, "500x1", "1d")
    asked = [("1d", recorded(EVENTS, "30d"), {EVENTS + RYOT(window="30d"): 1000})]
    assert not (complaint := ryot(values, asked, "1d")), complaint


@pytest.mark.parametrize(
    ("missed", "at_eight", "at_nine"), [(1, 600, 600), (5, 600, 600), (9, 400, 500)]
)
def test_a_missed_evaluation_loses_no_term(
    ryot: Replay, missed: int, at_eight: float, at_nine: float
) -> None:
    """A hundred an hour, and for a while before six o'clock no hour was recorded.

    At eight six hours are three times two, of which the second is looked for at six; at nine
    one of those two has the hour of six in it. Up to half an hour the last sum before the hole
    stands in; longer, and the term counts nothing.
    """
    seen = 6 * HOUR - missed + 1
    values = told(EVENTS, f"100x{seen - 1} _x{missed} 100x{3 * HOUR}", "1h")
    of = EVENTS + RYOT(window="6h")
    asked = [
        ("8h", recorded(EVENTS, "6h"), {of: at_eight}),
        ("9h", recorded(EVENTS, "6h"), {of: at_nine}),
    ]
    assert not (complaint := ryot(values, asked)), complaint


def test_evaluations_that_come_half_as_often_add_up_to_the_same(ryot: Replay) -> None:
    good = [(step * 7) % 13 + 1 for step in range(8 * HOUR)]
    values = {**requests("200", rising(*good))}
    at = 7 * HOUR
    asked = [
        ("7h", recorded(EVENTS, "6h"), {EVENTS + RYOT(window="6h"): sum(good[at - 6 * HOUR : at])})
    ]
    assert not (complaint := ryot(values, asked, evaluation="10m")), complaint


def test_clusters_never_mix(ryot: Replay) -> None:
    values = {
        **requests("200", "0+90x90"),
        **requests("503", "0+10x90"),
        **requests("200", "0+100x90", scope=THERE),
    }
    there = RYOT(window="6h").replace('cluster="c"', 'cluster="d"')
    asked = [
        ("7h", recorded(EVENTS, "6h"), {EVENTS + RYOT(window="6h"): 7200, EVENTS + there: 7200}),
        ("7h", recorded(ERRORS, "6h"), {ERRORS + RYOT(window="6h"): 720, ERRORS + there: 0}),
    ]
    assert not (complaint := ryot(values, asked)), complaint


def test_nothing_burns_where_nobody_asks(ryot: Replay) -> None:
    """Zero, not nothing and not NaN: with counters that stand still, and without any."""
    windows = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
    still = {**requests("200", "7x90"), **requests("503", "3x90")}
    none_yet = up("1x90", 'job="services",service="ryot",instance="ryot:8080"')
    for values in (still, none_yet):
        asked = [
            (
                "400m",
                f"{BURN}{{{OF}}}",
                {BURN + RYOT(window=window): 0.0 for window in windows},
            ),
            (
                "400m",
                'slo:attainment:ratio{window="30d"}',
                {"slo:attainment:ratio" + RYOT(window="30d"): 1.0},
            ),
            ("400m", f"slo:time_to_exhaustion:seconds{{{OF}}}", {}),
        ]
        assert not (complaint := ryot(values, asked)), complaint


def test_what_is_no_longer_scraped_burns_nothing_and_says_nothing(ryot: Replay) -> None:
    values = {**requests("200", "0+9x60 stale"), **requests("503", "0+1x60 stale")}
    asked = [("7h", f"{BURN}{{{OF}}}", {})]
    assert not (complaint := ryot(values, asked)), complaint


def test_a_pod_that_restarts_is_no_burst(ryot: Replay) -> None:
    """The counters of one pod begin anew; between the two samples it served a hundred."""
    values = {
        **requests("200", "0+100x30 100+100x30", pod="a"),
        **requests("200", "0+100x60", pod="b"),
        **requests("503", "0+1x30 1+1x30", pod="a"),
    }
    asked = [
        ("3h", recorded(EVENTS, "1h"), {EVENTS + RYOT(window="1h"): 12 * 201}),
        ("3h", recorded(ERRORS, "1h"), {ERRORS + RYOT(window="1h"): 12}),
    ]
    assert not (complaint := ryot(values, asked)), complaint


def test_an_error_series_that_is_born_late_counts_as_nothing_before(ryot: Replay) -> None:
    values = {**requests("200", "0+100x90"), **requests("503", "_x72 0+1x18")}
    burn = f"round({recorded(BURN, '1h')}, 0.01)"
    asked = [("300m", burn, {RYOT(window="1h"): 0.0}), ("450m", burn, {RYOT(window="1h"): 9.9})]
    assert not (complaint := ryot(values, asked)), complaint


@pytest.mark.parametrize(("agent", "rate"), [("1x90", 8.26), ("0x72 1x18", 0.0)])
def test_what_a_lazy_counter_is_born_with_counts_if_its_agent_was_up(
    written: Path,
    tmp_path: Path,
    need_binary: Callable[[str], str],
    agent: str,
    rate: float,
) -> None:
    """Ten failures among 1,210 operations, where one in a thousand is allowed."""
    values = {
        **up(agent, AGENT),
        **vault("granted", "0+100x90"),
        **vault("failed", "_x73 10x17"),
    }
    asked = [
        (
            "400m",
            'round(slo:burn_rate:ratio{window="1h"}, 0.01)',
            {labels("sigmavault", "operations", window="1h"): rate},
        )
    ]
    rules = written / "prometheus/rules/slo-sigmavault.operations.yaml"
    complaint = replay(tmp_path, need_binary("promtool"), rules, "operations", values, asked)
    assert not complaint, complaint


def test_exhaustion_is_foretold_from_the_last_six_hours(ryot: Replay) -> None:
    """Three quarters of the allowed errors: a quarter of the budget is left, for ten days."""
    values = {**requests("200", "0+19985x90"), **requests("503", "0+15x90")}
    asked = [
        ("400m", "round(slo:time_to_exhaustion:seconds, 1000)", {RYOT(): float(10 * 86400)}),
    ]
    assert not (complaint := ryot(values, asked)), complaint


def test_what_would_take_longer_than_the_period_never_comes(ryot: Replay) -> None:
    """A quarter of the allowed errors, and next to none: the window forgets them as fast."""
    for good, bad in ((19995, 5), (2_000_000_000, 1)):
        values = {**requests("200", f"0+{good}x90"), **requests("503", f"0+{bad}x90")}
        asked: list[tuple[str, str, dict[str, float]]] = [
            ("400m", "slo:time_to_exhaustion:seconds", {}),
            ("400m", f"count({recorded(BURN, '6h')} > 0)", {"{}": 1.0}),
        ]
        assert not (complaint := ryot(values, asked)), complaint


@pytest.mark.parametrize(
    ("at", "quarter"),
    [
        ("0s", "1970.1"),
        ("89d23h59m59s", "1970.1"),
        ("90d", "1970.2"),
        ("181d", "1970.3"),
        ("273d", "1970.4"),
        ("364d23h59m59s", "1970.4"),
        ("365d", "1971.1"),
    ],
)
def test_the_calendar_quarter_in_utc(ryot: Replay, at: str, quarter: str) -> None:
    asked = [(at, calendar_quarter(), {f'{{quarter="{quarter}"}}': 1.0})]
    assert not (complaint := ryot({}, asked, "1d", "400d")), complaint
