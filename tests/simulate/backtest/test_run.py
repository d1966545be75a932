"""Each kind of indicator against incidents, through the rules that a real Prometheus evaluates.

``make backtest`` does so for every objective and incident; here is one of each kind.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alerts import slo
from alerts.present import rule_file
from catalog.load import load_catalog
from catalog.model import Catalog
from simulate.backtest.incident import load_incidents
from simulate.backtest.quiet import quiet_days
from simulate.backtest.run import Outcome, run, tasks

ROOT = Path(__file__).resolve().parents[3]
NeedBinary = Callable[[str], str]
Json = dict[str, Any]


def groups(catalog: Catalog) -> list[Json]:
    return [
        group
        for service in catalog.services
        for objective in service.objectives
        for group in rule_file(slo.groups(catalog, service, objective), catalog)["groups"]
    ]


def replayed(folder: str, promise: str, incidents: set[str], promtool: str) -> list[Outcome]:
    catalog = load_catalog(ROOT / folder)
    known = (*load_incidents(), *quiet_days(1))
    todo = [
        task
        for task in tasks(catalog, known)
        if task.promise == promise and task.incident.id in incidents
    ]
    assert len(todo) == len(incidents)
    return list(run(promtool, catalog, groups(catalog), todo))


@pytest.mark.parametrize(
    ("folder", "promise"),
    [
        ("catalog", "ryot/availability"),
        ("catalog", "ryot/operations"),
        ("catalog", "sigmalang/latency"),
        ("catalog", "sigmavault/operations"),
        ("catalog", "sigmavault/audit-trail"),
        ("tests/fixtures/second", "tide-gauges/in-step"),
    ],
)
def test_half_of_all_is_seen_in_time_and_is_over_in_time(
    folder: str, promise: str, need_binary: NeedBinary
) -> None:
    (outcome,) = replayed(folder, promise, {"half"}, need_binary("promtool"))
    assert outcome.faults == ()
    assert any(each.measured is not None for each in outcome.verdicts)


def test_what_befalls_the_scrapes_is_no_alarm(need_binary: NeedBinary) -> None:
    incidents = {"quiet-resets", "quiet-gap", "duplicate", "deploy", "no-traffic", "low-traffic"}
    found = replayed("catalog", "ryot/availability", incidents, need_binary("promtool"))
    assert [(each.task.incident.id, each.faults) for each in found if each.faults] == []
    assert [each.task.incident.id for each in found if any(v.fired for v in each.verdicts)] == []


def test_a_quiet_day_at_twenty_events_is_quiet(need_binary: NeedBinary) -> None:
    (outcome,) = replayed("catalog", "ryot/availability", {"quiet-low"}, need_binary("promtool"))
    assert [each.fired for each in outcome.verdicts] == [()] * len(outcome.verdicts)


def test_a_wrong_factor_is_found(need_binary: NeedBinary) -> None:
    """A factor ten times as high, and one a tenth of it, in the rules alone."""
    catalog = load_catalog(ROOT / "catalog")
    (task,) = (
        task
        for task in tasks(catalog, load_incidents())
        if task.promise == "ryot/availability" and task.incident.id == "canary"
    )
    for wrong, fault in ((" > 144 ", "1h/5m: missed"), (" > 1.44 ", "1h/5m: false alarm")):
        changed = [
            {
                **group,
                "rules": [
                    {**rule, "expr": rule["expr"].replace(" > 14.4 ", wrong)}
                    for rule in group["rules"]
                ],
            }
            for group in groups(catalog)
        ]
        (outcome,) = run(need_binary("promtool"), catalog, changed, [task])
        assert any(each.startswith(fault) for each in outcome.faults), outcome.faults
