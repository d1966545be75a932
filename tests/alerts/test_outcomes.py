"""Outcomes told apart: what is watched is no failure any more, and each bad value fires alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alerts.proofs.told import counting, of, series
from catalog.bounds import Watch
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from queries.outcomes import unwatched, unwatched_event
from queries.service_alerts import read_labels
from tests.alerts.promtool import check
from tests.alerts.promtool import series as promtool_series

ROOT = Path(__file__).resolve().parents[2]


def metric(catalog: Catalog, service: str, name: str) -> Metric:
    found = next(each for each in catalog.services if each.id == service).metric(name)
    assert found is not None
    return found


def watching(declared: Metric, label: str, *values: str) -> Metric:
    watch = Watch(
        id="w", title="T", meaning="M.", label=label, values=values, above=0.5,
        severity="ticket", source="seed",
    )  # fmt: skip
    return declared.model_copy(update={"watch": (watch,)})


def test_what_is_not_watched_stays_bad(shipped: Catalog) -> None:
    tasks = metric(shipped, "agents", "agent_tasks_total")
    left = unwatched(watching(tasks, "outcome", "timeout"))
    assert left is not None
    assert left.bad == {"outcome": ("failure",)}


def test_a_watch_on_another_label_leaves_all_of_it(shipped: Catalog) -> None:
    tasks = metric(shipped, "agents", "agent_tasks_total")
    left = unwatched(watching(tasks, "tier", "foundation"))
    assert left is not None
    assert left.bad == tasks.bad


def test_where_every_bad_value_is_watched_nothing_is_left(shipped: Catalog) -> None:
    tasks = metric(shipped, "agents", "agent_tasks_total")
    assert unwatched(watching(tasks, "outcome", "timeout", "failure")) is None


def test_what_is_not_good_and_watched_is_taken_out_of_the_bad(second: Catalog) -> None:
    readings = metric(second, "tide-gauges", "readings_total")
    left = unwatched(watching(readings, "quality", "lost"))
    assert left is not None
    assert left.good == {"quality": ("good", "doubtful", "lost")}


def test_the_same_of_an_event(shipped: Catalog) -> None:
    agents = next(each for each in shipped.services if each.id == "agents")
    task = agents.logs.events[0]
    watch = watching(metric(shipped, "agents", "agent_tasks_total"), "outcome", "timeout").watch
    left = unwatched_event(task.model_copy(update={"watch": watch}))
    assert left is not None
    assert left.outcome is not None
    assert left.outcome.bad == ("failure",)
    assert unwatched_event(agents.logs.events[1]) is None


def each_bad() -> Iterator[object]:
    """Every value that the shipped catalog calls bad, of whatever is no request."""
    for service in load_catalog(ROOT / "catalog").services:
        for declared in service.metrics:
            if declared.role == "requests" or not declared.bad:
                continue
            for label, values in declared.bad.items():
                for value in values:
                    name = f"{declared.name} {value}"
                    yield pytest.param(service, declared, label, value, id=name)


@pytest.mark.parametrize(("service", "declared", "label", "value"), list(each_bad()))
def test_each_bad_value_fires_by_itself(
    service: Service,
    declared: Metric,
    label: str,
    value: str,
    written: Path,
    tmp_path: Path,
    need_binary: Callable[[str], str],
) -> None:
    """Failures without a timeout are told of, and timeouts without a failure."""
    known = declared.labels[label] or ()
    good = next(each for each in known if each not in (declared.bad or {})[label])
    part = {each: (declared.labels[each] or ("x",))[0] for each in read_labels(declared)}
    told = {
        series(declared.name, of(service, declared, {**part, label: good})): counting((8, 60)),
        series(declared.name, of(service, declared, {**part, label: value})): counting((2, 60)),
    }
    firing = ",".join(f'{key}="{each}"' for key, each in sorted(part.items()))
    rules = written / f"prometheus/rules/service-{service.id}.yaml"
    alerts = f'ALERTS{{alertname="FailedEvents",alertstate="firing",metric="{declared.name}"}}'
    by = ", ".join(sorted(part))
    test = {
        "rule_files": [str(rules)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": promtool_series(told),
                "promql_expr_test": [
                    {
                        "expr": f"count by ({by}) ({alerts})",
                        "eval_time": "50m",
                        "exp_samples": [{"labels": f"{{{firing}}}", "value": 1}],
                    }
                ],
            }
        ],
    }
    complaint = check(tmp_path, test, need_binary("promtool"))
    assert not complaint, complaint
