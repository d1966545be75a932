"""What the recorded series of an objective say, replayed by promtool."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from queries.slo import CALENDAR_QUARTER
from tests.alerts.promtool import check, series
from tests.alerts.samples import AGENT, HERE, THERE, requests, up, vault

OBJECTIVE = 'service="ryot",objective="availability"'
Replay = Callable[..., str]


@pytest.fixture
def replay(written: Path, tmp_path: Path, need_binary: Callable[[str], str]) -> Replay:
    """Replay some groups of a rule file; promtool's complaint, or nothing."""

    def run(
        values: dict[str, str],
        expected: Iterable[tuple[str, str, dict[str, float]]],
        interval: str = "5m",
        service: str = "ryot",
        groups: tuple[str, ...] = ("-steps", "", "-budget"),
    ) -> str:
        file = written / f"prometheus/rules/slo-{service}.yaml"
        wanted = {f"slo-{service}{group}" for group in groups}
        every = yaml.safe_load(file.read_text("utf-8"))["groups"]
        chosen = [group for group in every if group["name"] in wanted]
        assert len(chosen) == len(groups)
        (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": chosen}), "utf-8")
        queries: list[dict[str, Any]] = [
            {
                "expr": expr,
                "eval_time": at,
                "exp_samples": [
                    {"labels": labels, "value": value} for labels, value in samples.items()
                ],
            }
            for at, expr, samples in expected
        ]
        test = {
            "rule_files": ["rules.yaml"],
            "evaluation_interval": interval,
            "tests": [
                {
                    "interval": interval,
                    "input_series": series(values),
                    "promql_expr_test": queries,
                }
            ],
        }
        return check(tmp_path, test, need_binary("promtool"))

    return run


def recorded(name: str, **labels: str) -> str:
    """A recorded series of the objective in the first cluster, as promtool writes it."""
    every = {"cluster": "c", "environment": "e", "objective": "availability", "service": "ryot"}
    inside = ",".join(f'{key}="{value}"' for key, value in sorted({**every, **labels}.items()))
    return f"{name}{{{inside}}}"


def rounded(name: str, **matchers: str) -> str:
    """The objective's recorded series, rounded so that a test can say what it expects."""
    inside = "".join(f',{key}="{value}"' for key, value in matchers.items())
    return f"round({name}{{{OBJECTIVE}{inside}}}, 0.0001)"


def unnamed(**labels: str) -> str:
    return recorded("", **labels)


def test_steps_carry_the_quarter_and_never_mix_clusters(replay: Replay) -> None:
    values = {
        **requests("200", "0+90x12"),
        **requests("503", "0+10x12"),
        **requests("200", "0+100x12", scope=THERE),
    }
    there = unnamed(quarter="1970.1").replace('cluster="c"', 'cluster="d"')
    expected = [
        (
            "30m",
            rounded("slo:sli_events:increase5m"),
            {unnamed(quarter="1970.1"): 100.0, there: 100.0},
        ),
        (
            "30m",
            rounded("slo:sli_errors:increase5m"),
            {unnamed(quarter="1970.1"): 10.0, there: 0.0},
        ),
    ]
    assert not (complaint := replay(values, expected)), complaint


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
def test_the_calendar_quarter_in_utc(replay: Replay, at: str, quarter: str) -> None:
    expected = [(at, CALENDAR_QUARTER, {f'{{quarter="{quarter}"}}': 1.0})]
    assert not (complaint := replay({}, expected, "1d")), complaint


def test_an_attainment_is_weighted_by_traffic(replay: Replay) -> None:
    """A busy hour with 1 % errors, a quiet one with 50 %: not a quarter, but 1.5 %."""
    values = {
        **requests("200", "0+9900x12 118850+50x12"),
        **requests("503", "0+100x12 1250+50x12"),
    }
    ratio = (1200 + 600) / (120000 + 1200)
    expected = [
        ("2h", rounded("slo:attainment:ratio", window="30d"), {unnamed(window="30d"): 1 - ratio}),
        (
            "2h",
            rounded("slo:error_budget_remaining:ratio", window="30d"),
            {unnamed(window="30d"): 1 - ratio / 0.001},
        ),
        ("2h", rounded("slo:objective:ratio"), {unnamed(): 0.999}),
    ]
    rounded_to = [
        (at, expr, {labels: round(value, 4) for labels, value in samples.items()})
        for at, expr, samples in expected
    ]
    assert not (complaint := replay(values, rounded_to)), complaint


def test_the_quarter_starts_anew_and_the_rolling_period_does_not(replay: Replay) -> None:
    """Ninety days of 1 % errors, then days of 5 % in the second quarter of 1970."""
    steps: dict[str, str] = {}
    for name, values in {
        "slo:sli_events:increase5m": ("100x89", "_x90 100x10"),
        "slo:sli_errors:increase5m": ("1x89", "_x90 5x10"),
    }.items():
        for quarter, shown in zip(("1970.1", "1970.2"), values, strict=True):
            steps[f'{name}{{{HERE},{OBJECTIVE},quarter="{quarter}"}}'] = shown
    # On day 95 there are six days of the quarter, and thirty-one samples within thirty days.
    rolling = 1 - (25 * 1 + 6 * 5) / 3100
    expected = [
        (
            "95d",
            rounded("slo:attainment:ratio"),
            {
                unnamed(window="quarter"): 0.95,
                unnamed(window="30d"): round(rolling, 4),
            },
        ),
        (
            "95d",
            rounded("slo:error_budget_remaining:ratio", window="quarter"),
            {unnamed(window="quarter"): -49.0},
        ),
    ]
    complaint = replay(steps, expected, "1d", groups=("-budget",))
    assert not complaint, complaint


def test_nothing_is_spent_where_nobody_asks(replay: Replay) -> None:
    values = {**requests("200", "7x90"), **requests("503", "3x90")}
    windows = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
    expected = [
        (
            "400m",
            f"slo:burn_rate:ratio{{{OBJECTIVE}}}",
            {recorded("slo:burn_rate:ratio", window=window): 0.0 for window in windows},
        ),
        (
            "400m",
            f"slo:attainment:ratio{{{OBJECTIVE}}}",
            {recorded("slo:attainment:ratio", window=window): 1.0 for window in ("30d", "quarter")},
        ),
        ("400m", f"slo:time_to_exhaustion:seconds{{{OBJECTIVE}}}", {}),
    ]
    assert not (complaint := replay(values, expected)), complaint


@pytest.mark.parametrize(("agent", "rate"), [("1x90", 8.26), ("0x72 1x18", 0.0)])
def test_what_a_lazy_counter_is_born_with_counts_if_its_agent_was_up(
    replay: Replay, agent: str, rate: float
) -> None:
    """Ten failures among 1,210 operations, where one in a thousand is allowed."""
    values = {
        **up(agent, AGENT),
        **vault("granted", "0+100x90"),
        **vault("failed", "_x73 10x17"),
    }
    labels = 'service="sigmavault",objective="operations",window="1h"'
    expected = [
        (
            "400m",
            f"round(slo:burn_rate:ratio{{{labels}}}, 0.01)",
            {
                '{cluster="c",environment="e",objective="operations",service="sigmavault",'
                'window="1h"}': rate
            },
        )
    ]
    complaint = replay(values, expected, service="sigmavault")
    assert not complaint, complaint


def test_an_error_series_that_is_born_late_counts_as_nothing_before(replay: Replay) -> None:
    values = {**requests("200", "0+100x90"), **requests("503", "_x72 0+1x18")}
    burn = "round(slo:burn_rate:ratio{" + OBJECTIVE + ',window="1h"}, 0.01)'
    expected = [
        ("300m", burn, {unnamed(window="1h"): 0.0}),
        ("450m", burn, {unnamed(window="1h"): 9.9}),
    ]
    assert not (complaint := replay(values, expected)), complaint


def test_exhaustion_is_foretold_from_the_last_six_hours(replay: Replay) -> None:
    """Half of the allowed errors: half of the budget is left, and it lasts a month from now."""
    values = {**requests("200", "0+19990x90"), **requests("503", "0+10x90")}
    month = 30 * 86400
    expected = [
        (
            "400m",
            "round(slo:time_to_exhaustion:seconds{" + OBJECTIVE + "}, 1000)",
            {unnamed(): float(month)},
        )
    ]
    assert not (complaint := replay(values, expected)), complaint


def test_a_pod_that_restarts_is_no_burst(replay: Replay) -> None:
    values = {
        **requests("200", "0+100x30 0+100x30", pod="a"),
        **requests("200", "0+100x60", pod="b"),
        **requests("503", "0+1x30 0+1x30", pod="a"),
    }
    burn = "slo:burn_rate:ratio{" + OBJECTIVE + ',window="1h"} < bool 6'
    expected = [("155m", burn, {unnamed(window="1h"): 1.0})]
    assert not (complaint := replay(values, expected)), complaint
