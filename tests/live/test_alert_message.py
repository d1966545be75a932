"""The links of a message that a real Alertmanager sends lead to what was logged from then on."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import yaml

from tests.alerts import alertmanager
from tests.alerts.alertmanager import alert, wait
from tests.live.ask import Grafana, defaults, filled, panels
from tests.live.servers import missing
from tests.live.stack import Stack

Json = dict[str, Any]

#: How long before now the alert of this test began, and how long before that the link looks.
AGO, MARGIN = timedelta(minutes=20), timedelta(minutes=5)
_LABEL = re.compile(r"\{\{ \$labels\.(\w+) \}\}")


def rule_of(stack: Stack, service: str) -> Json:
    """A rule on the log lines of a service."""
    path = stack.generated / f"prometheus/rules/service-{service}.yaml"
    return next(
        rule
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
        for rule in group["rules"]
        if rule["alert"] == "LogErrorSpike"
    )


def message(stack: Stack, service: str, start: datetime, folder: Path) -> str:
    """What is sent of it, with the configuration and the templates as they were generated."""
    rule, place = rule_of(stack, service), stack.catalog.default_environment
    labels = {"cluster": place.cluster, "environment": place.environment}
    annotations = {
        name: _LABEL.sub(lambda found: labels[found[1]], text)
        for name, text in rule["annotations"].items()
    }
    told = {"alertname": rule["alert"], **labels, **rule["labels"]}
    content = yaml.safe_load((stack.generated / "alertmanager/alertmanager.yml").read_text("utf-8"))
    for route in content["route"]["routes"]:
        route.pop("mute_time_intervals", None)
    server = stack.plan.alertmanager
    assert server is not None
    with alertmanager.listening() as chat:
        config = alertmanager.write(
            folder, alertmanager.quickened(content), stack.catalog.prefix, f"{chat.url}/slack"
        )
        with alertmanager.running(server.path, config, folder) as running:
            running.post([alert(told, annotations, start=start)])
            wait(lambda: bool(chat.told), "the message")
        return str(chat.slack()[0]["text"])


def test_the_logs_link_shows_the_lines_from_then_on(
    stack: Stack, grafana: Grafana, dashboards: dict[str, Json], tmp_path: Path
) -> None:
    for kind in ("alertmanager", "loki"):
        if kind not in stack.processes:
            pytest.skip(missing(kind))
    [service, *_] = [each.id for each in stack.catalog.services if each.by_role("log_errors")]
    start = (datetime.now(UTC) - AGO).replace(microsecond=0)
    found = re.search(r"<([^|>]*)\|Logs from then on>", message(stack, service, start, tmp_path))
    assert found is not None
    url = found[1]
    assert requests.get(url, timeout=30).ok, url
    parts, given = urlsplit(url), parse_qs(urlsplit(url).query)
    since = int(given["from"][0])
    assert since == int((start - MARGIN).timestamp()) * 1000
    assert given["to"] == ["now"]
    uid = parts.path.rsplit("/", 1)[1]
    [dashboard] = [each for each in dashboards.values() if each["uid"] == uid]
    values = defaults(dashboard, stack, service)
    values |= {
        name.removeprefix("var-"): value[0]
        for name, value in given.items()
        if name.startswith("var-")
    }
    shown = [panel for panel in panels(dashboard) if panel["title"] == "Log lines"]
    [target] = shown[0]["targets"]
    expr = filled(target["expr"], values)
    now = int(time.time() * 1000)
    inside = times(grafana, {**target, "expr": expr}, since, now)
    assert inside
    assert min(inside) >= since
    assert times(grafana, {**target, "expr": expr}, since - 1_800_000, since), "nothing before"


def times(grafana: Grafana, target: Json, since: int, until: int) -> list[int]:
    """When the lines were written that the panel shows for a range, in milliseconds."""
    asked = {**target, "maxLines": 5000, "intervalMs": 15_000, "maxDataPoints": 800}
    body = {"queries": [asked], "from": str(since), "to": str(until)}
    answer = grafana.session.post(f"{grafana.url}/api/ds/query", json=body, timeout=90)
    assert answer.ok, answer.text[:300]
    found: list[int] = []
    for frame in answer.json()["results"][target["refId"]]["frames"]:
        for field, column in zip(frame["schema"]["fields"], frame["data"]["values"], strict=True):
            if field["type"] == "time":
                found += column
    return found
