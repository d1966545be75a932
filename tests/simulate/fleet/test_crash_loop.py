"""A crash loop is told: its alert fires in the time of the theory, and outlasts the group's wait.

The deaths are those of the incident, scraped as Prometheus does; the rule and the routes ship.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.registry import generate
from catalog import names
from catalog.load import load_catalog
from catalog.scalars import format_duration, parse_duration
from delivery.render import encode
from simulate.fleet.expected import expected
from simulate.fleet.incidents import Incident, read
from tests.alerts.promtool import check, series
from tests.simulate.fleet.conftest import SHIPPED

CATALOG = load_catalog(SHIPPED)
SERVICE = CATALOG.services[0].id
SCRAPE = CATALOG.platform.scrape
LASTS = 960
#: All is well for so long before it, and after it until nothing of it is remembered.
BEFORE, AFTER = 600, 2400


def incident(factor: float | None) -> Incident:
    asked: dict[str, Any] = {"kind": "crash-loop", "service": SERVICE, "seconds": LASTS}
    if factor is not None:
        asked["factor"] = factor
    return read(asked, CATALOG, "one", float(BEFORE))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The rules of the service, and Alertmanager's configuration."""
    found = {
        Path(artifact.path).name: yaml.safe_load(encode(artifact))
        for artifact in generate(CATALOG)
        if artifact.kind == "alertmanager"
        or artifact.path.endswith(f"prometheus/rules/service-{SERVICE}.yaml")
    }
    assert len(found) == 2
    return found


def wait(shipped: dict[str, Any]) -> int:
    """How long Alertmanager keeps a ticket back until others of its group have come."""
    route = shipped["alertmanager.yml"]["route"]
    assert not any("group_wait" in each for each in route["routes"] if names.TEAM in str(each))
    return parse_duration(route["group_wait"])


@pytest.mark.parametrize("factor", [None, 900, 180, 40])
@pytest.mark.parametrize("offset", [0, 7, 14])
def test_it_is_told(
    factor: float | None,
    offset: int,
    shipped: dict[str, Any],
    tmp_path: Path,
    need_binary: Callable[[str], str],
) -> None:
    """Not a moment without it from when it is due until the chat is told."""
    crash = incident(factor)
    [due] = expected(CATALOG, crash).fires
    assert due.seconds is not None
    every = SCRAPE.evaluation
    begins = math.ceil((BEFORE + due.seconds) / every) * every
    firing = range(begins, begins + wait(shipped) + every + 1, every)
    story = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": format_duration(every),
        "tests": [
            {
                "interval": format_duration(SCRAPE.interval),
                "input_series": series(told(crash, offset)),
                "promql_expr_test": [
                    *(moment(at, 1) for at in firing),
                    moment(BEFORE, None),
                    moment(BEFORE + LASTS + AFTER, None),
                ],
            }
        ],
    }
    rules = shipped[f"service-{SERVICE}.yaml"]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    assert not (complaint := check(tmp_path, story, need_binary("promtool"))), complaint


def told(crash: Incident, offset: int) -> dict[str, str]:
    """The pod that crashes, and one that does not."""
    # What a scrape finds is as it was so many seconds before: the worst is a death just after one.
    moments = range(-offset, BEFORE + LASTS + AFTER + SCRAPE.interval, SCRAPE.interval)
    dead = [crash.active(at) and crash.kills(at) for at in moments]
    labels = f'cluster="c",environment="e",job="services",service="{SERVICE}"'
    return {
        f'up{{{labels},pod="1",instance="1:1"}}': " ".join("0" if each else "1" for each in dead),
        f'up{{{labels},pod="2",instance="2:1"}}': f"1x{len(dead) - 1}",
    }


def moment(at: int, alerts: int | None) -> dict[str, Any]:
    return {
        "expr": 'count(ALERTS{alertname="TargetDown",alertstate="firing",pod="1"})',
        "eval_time": f"{at}s",
        "exp_samples": [] if alerts is None else [{"labels": "{}", "value": alerts}],
    }
