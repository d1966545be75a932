"""Each kind of indicator, from what it reads to the sums: log lines, freshness, and broken ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import yaml

from alerts.present import rule_file
from alerts.slo import groups
from catalog.model import Catalog
from tests.alerts.samples import AGENT, HERE, RYOT, buckets, lines, up
from tests.alerts.slo_replay import labels, replay

EVENTS, ERRORS = "slo:sli_events:sum", "slo:sli_errors:sum"
Replay = Callable[..., str]


@pytest.fixture
def run(
    written: Path, second: Catalog, tmp_path: Path, need_binary: Callable[[str], str]
) -> Replay:
    """Replays an objective of the shipped catalog, or of the harbour's."""

    def of(service: str, objective: str, *rest: object) -> str:
        rules = written / f"prometheus/rules/slo-{service}.{objective}.yaml"
        if not rules.exists():
            rules = tmp_path / "harbour.yaml"
            found = next(each for each in second.services if each.id == service)
            promised = next(each for each in found.objectives if each.id == objective)
            content = rule_file(groups(second, found, promised), second)
            rules.write_text(yaml.safe_dump(content), encoding="utf-8")
        return replay(tmp_path, need_binary("promtool"), rules, objective, *rest)  # type: ignore[arg-type]

    return of


def both(name: str, service: str, objective: str, window: str, value: float) -> dict[str, float]:
    return {name + labels(service, objective, window=window): value}


def query(name: str, objective: str, window: str) -> str:
    return f'{name}{{objective="{objective}",window="{window}"}}'


# Log lines

COUNTS = f'{HERE},service="ryot",objective="operations"'


def test_lines_that_the_ruler_counted_are_events_of_each_minute_once(run: Replay) -> None:
    """A sample a minute, on the very ends of the ranges: five of them are five minutes."""
    values = {
        f"slo:log_sli_events:count1m{{{COUNTS}}}": "10x130",
        f"slo:log_sli_errors:count1m{{{COUNTS}}}": "_x100 1x30",
    }
    told = partial(both, service="ryot", objective="operations")
    asked = [
        ("120m", query(EVENTS, "operations", "5m"), told(EVENTS, window="5m", value=50)),
        ("120m", query(EVENTS, "operations", "1h"), told(EVENTS, window="1h", value=600)),
        ("90m", query(ERRORS, "operations", "1h"), told(ERRORS, window="1h", value=0)),
        ("120m", query(ERRORS, "operations", "1h"), told(ERRORS, window="1h", value=21)),
        ("120m", query(EVENTS, "operations", "2h"), told(EVENTS, window="2h", value=1200)),
    ]
    assert not (complaint := run("ryot", "operations", values, asked, "1m")), complaint


def test_no_line_is_no_event_while_service_and_agent_are_scraped(run: Replay) -> None:
    asked = [
        (
            "20m",
            query(EVENTS, "operations", "5m"),
            both(EVENTS, "ryot", "operations", "5m", 0),
        ),
        (
            "20m",
            query("slo:burn_rate:ratio", "operations", "5m"),
            both("slo:burn_rate:ratio", "ryot", "operations", "5m", 0),
        ),
        ("40m", query(EVENTS, "operations", "5m"), {}),
    ]
    values = {**up("1x60", RYOT), **up("1x30 0x30", AGENT)}
    assert not (complaint := run("ryot", "operations", values, asked, "1m")), complaint


# Freshness

TIDES = f'{{{HERE},job="services",service="tide-gauges",instance="t"}}'


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        # A checks at 30 minutes: synchronised at every minute, never, ten minutes ago, long ago.
        ({f"last_sync_seconds{TIDES}": "0+60x40"}, 0),
        ({}, 5),
        ({f"last_sync_seconds{TIDES}": "1200x40"}, 0),
        ({f"last_sync_seconds{TIDES}": "600x40"}, 5),
    ],
    ids=["fresh", "never there", "just old enough", "stale"],
)
def test_a_gauge_says_how_old_it_is(run: Replay, values: dict[str, str], errors: int) -> None:
    told = {f"up{TIDES}": "1x60", **values}
    asked = [
        ("30m", query(EVENTS, "in-step", "5m"), both(EVENTS, "tide-gauges", "in-step", "5m", 5)),
        (
            "30m",
            query(ERRORS, "in-step", "5m"),
            both(ERRORS, "tide-gauges", "in-step", "5m", errors),
        ),
    ]
    assert not (complaint := run("tide-gauges", "in-step", told, asked, "1m")), complaint


def test_what_is_not_scraped_is_not_stale(run: Replay) -> None:
    told = {f"up{TIDES}": "1x20 0x40", f"last_sync_seconds{TIDES}": "0+60x20 stale"}
    asked = [
        ("20m", query(EVENTS, "in-step", "5m"), both(EVENTS, "tide-gauges", "in-step", "5m", 5)),
        ("30m", query(EVENTS, "in-step", "5m"), {}),
        # Of the last hour the twenty minutes are left in which somebody could tell.
        ("55m", query(EVENTS, "in-step", "1h"), both(EVENTS, "tide-gauges", "in-step", "1h", 21)),
        ("55m", query(ERRORS, "in-step", "1h"), both(ERRORS, "tide-gauges", "in-step", "1h", 0)),
    ]
    assert not (complaint := run("tide-gauges", "in-step", told, asked, "1m")), complaint


def test_a_counter_is_fresh_while_it_counts(run: Replay) -> None:
    """Lines for twenty minutes, then none; five minutes later the checks begin to fail."""
    values = {**up("1x60", RYOT.replace("ryot", "sigmavault")), **up("1x60", AGENT)}
    values |= {
        name.replace("ryot", "sigmavault"): told for name, told in lines("0+9x20 180x40").items()
    }
    told = partial(both, service="sigmavault", objective="audit-trail", window="30m")
    asked = [
        ("24m", query(ERRORS, "audit-trail", "30m"), told(ERRORS, value=1)),
        ("45m", query(EVENTS, "audit-trail", "30m"), told(EVENTS, value=30)),
        ("45m", query(ERRORS, "audit-trail", "30m"), told(ERRORS, value=21)),
    ]
    assert not (complaint := run("sigmavault", "audit-trail", values, asked, "1m")), complaint


# Broken indicators


def test_a_broken_indicator_leaves_a_gap_and_never_a_wrong_sum(run: Replay) -> None:
    """The bucket of the bound counts twice what there is, for ten minutes after an hour."""
    count = "0+10x150"
    within = "0+9x60 " + "560+20x10 " + "779+9x80"
    values = buckets({"0.5": within, "+Inf": count})
    told = partial(both, service="ryot", objective="latency")
    asked = [
        ("60m", query(EVENTS, "latency", "5m"), told(EVENTS, window="5m", value=50)),
        ("66m", query(EVENTS, "latency", "5m"), {}),
        ("66m", query(EVENTS, "latency", "1h"), {}),
        ("66m", query("slo:burn_rate:ratio", "latency", "6h"), {}),
        # Five minutes after it ended nothing wrong is measured, and five more until it is summed.
        ("85m", query(ERRORS, "latency", "5m"), told(ERRORS, window="5m", value=5)),
        ("120m", query(EVENTS, "latency", "1h"), {}),
        ("145m", query(ERRORS, "latency", "1h"), told(ERRORS, window="1h", value=60)),
    ]
    assert not (complaint := run("ryot", "latency", values, asked, "1m")), complaint


def test_events_without_the_bucket_of_the_bound_are_broken(run: Replay) -> None:
    values = buckets({"1": "0+10x60", "+Inf": "0+10x60"})
    broken = 'slo:sli_broken:bool{objective="latency"}'
    asked = [
        ("30m", broken, {"slo:sli_broken:bool" + labels("ryot", "latency"): 1}),
        ("30m", query(EVENTS, "latency", "5m"), {}),
    ]
    assert not (complaint := run("ryot", "latency", values, asked, "1m")), complaint


def test_a_histogram_that_nobody_used_yet_is_not(run: Replay) -> None:
    broken = 'slo:sli_broken:bool{objective="latency"}'
    asked = [
        ("30m", broken, {"slo:sli_broken:bool" + labels("ryot", "latency"): 0}),
        ("30m", query(ERRORS, "latency", "5m"), both(ERRORS, "ryot", "latency", "5m", 0)),
    ]
    assert not (complaint := run("ryot", "latency", up("1x60", RYOT), asked, "1m")), complaint


def test_rounding_is_not_and_the_sum_stays_within_the_events(run: Replay) -> None:
    """One more was quick than there were: no error, and not one less than none."""
    values = buckets({"0.5": "0+10x14 151+10x20", "+Inf": "0+10x40"})
    told = partial(both, service="ryot", objective="latency", window="5m")
    asked = [
        (
            "16m",
            'slo:sli_errors:measured{objective="latency",window="5m"}',
            told("slo:sli_errors:measured", value=-1),
        ),
        ("16m", query(ERRORS, "latency", "5m"), told(ERRORS, value=0)),
    ]
    assert not (complaint := run("ryot", "latency", values, asked, "1m")), complaint
