"""The rules that ship compute what the model computes, number by number, as promtool runs them."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import pytest

from alerts import canary
from alerts.model import Alert, Recording
from alerts.present import rule_file
from catalog import names
from catalog.artifact import Artifact
from catalog.model import Catalog
from delivery.render import encode
from tests.alerts.canary_model import Rollout, split
from tests.alerts.promtool import check, series

STEPS = 60


def of(track: str, code: str) -> str:
    where = f'cluster="c",environment="e",job="services",instance="{track}"'
    labels = f'{where},service="ryot",track="{track}",http_response_status_code="{code}"'
    return f"http_server_request_duration_seconds_count{{{labels}}}"


@pytest.mark.parametrize(
    ("ours", "theirs", "bad"), [(0.3, 3, 0.4), (6, 60, 0.1), (40, 4, 0.05)], ids=str
)
def test_every_step(
    shipped: Catalog,
    tmp_path: Path,
    need_binary: Callable[[str], str],
    ours: float,
    theirs: float,
    bad: float,
) -> None:
    """Events a step on the canary and on stable, and the canary's share of bad ones."""
    assert shipped.platform.canary
    chance = random.Random(3)  # noqa: S311 - a story that repeats
    stable = [(0, 0), *(split(chance, theirs, 0.05) for _ in range(STEPS))]
    new = [(0, 0), *(split(chance, ours, bad) for _ in range(STEPS))]
    evaluation = shipped.platform.scrape.evaluation
    rollout = Rollout(shipped.platform.canary, shipped.platform.canary.horizon // evaluation)
    evidence = [rollout.step(*each) for each in zip(stable, new, strict=True)]

    told: dict[str, str] = {}
    for track, events in (("stable", stable), ("canary", new)):
        told[f'up{{cluster="c",environment="e",service="ryot",track="{track}"}}'] = f"1x{STEPS}"
        for code, part in (("200", [n - x for n, x in events]), ("500", [x for _, x in events])):
            told[of(track, code)] = " ".join(map(str, accumulate(part)))
    file = tmp_path / "canary.yaml"
    service = next(each for each in shipped.services if each.id == "ryot")
    content = rule_file(canary.groups(shipped, service), shipped)
    file.write_bytes(encode(Artifact(file.name, content, "prometheus-rules", "x")))
    here = '{service="ryot",reason="error_ratio"}'
    asked = [
        {
            "expr": f"count(abs({names.CANARY_EVIDENCE}{here} / {evidence[step]!r} - 1) < 1e-9)",
            "eval_time": f"{step * evaluation}s",
            "exp_samples": [{"labels": "{}", "value": 1}],
        }
        for step in range(STEPS + 1)
    ]
    test = {
        "rule_files": [file.name],
        "evaluation_interval": f"{evaluation}s",
        "tests": [
            {
                "interval": f"{evaluation}s",
                "input_series": series(told),
                "promql_expr_test": asked,
            }
        ],
    }
    complaint = check(tmp_path, test, need_binary("promtool"))
    assert not complaint, complaint[:2000]


def test_each_service_with_requests_is_compared(shipped: Catalog, second: Catalog) -> None:
    for catalog in (shipped, second):
        for service in catalog.services:
            groups = canary.groups(catalog, service)
            assert bool(groups) == (service.by_role("requests") is not None), service.id
            alerts = [r for g in groups for r in g.rules if isinstance(r, Alert)]
            reasons = tuple(alert.labels[names.REASON] for alert in alerts)
            assert reasons == canary.reasons(catalog, service)
            assert {alert.labels[names.ACTION] for alert in alerts} <= {names.ROLLBACK}


def test_without_canaries_in_the_catalog_there_is_no_rule(shipped: Catalog) -> None:
    bare = shipped.model_copy(
        update={"platform": shipped.platform.model_copy(update={"canary": None})}
    )
    for service in bare.services:
        assert canary.groups(bare, service) == canary.log_groups(bare, service) == ()
        assert canary.reasons(bare, service) == ()


def test_a_service_without_a_latency_objective_takes_the_bucket_of_the_limit(
    shipped: Catalog,
) -> None:
    service = shipped.services[0].model_copy(update={"objectives": ()})
    metric = service.by_role("requests")
    assert metric
    limit = shipped.platform.thresholds.latency_p99_seconds
    assert canary.slow_threshold(shipped, service) == min(b for b in metric.buckets if b >= limit)
    short = metric.model_copy(update={"buckets": (limit / 2,)})
    without = service.model_copy(update={"metrics": (short,)})
    assert canary.slow_threshold(shipped, without) is None
    assert canary.reasons(shipped, without) == ("error_ratio", "log_patterns")
    [group] = canary.groups(shipped, without)
    recorded = [rule for rule in group.rules if isinstance(rule, Recording)]
    assert all(rule.labels.get(names.REASON) != "latency" for rule in recorded)
