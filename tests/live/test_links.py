"""Each link is followed on real data, and what it opens is there."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from queries.trace_links import SPAN_TAGS
from tests.live.ask import Grafana
from tests.live.audited import audited, bad
from tests.live.servers import missing
from tests.live.stack import Stack

Json = dict[str, Any]

#: What must have been followed, whatever else was.
_FOLLOWED = {
    *("exemplar", "derived-field", "span-logs", "trace-metrics", "correlation"),
    *("dashboard-link", "data-link", "dashboard_url", "logs_url", "runbook_url"),
}


def uid_of(stack: Stack, kind: str) -> str:
    """The datasource of that kind; without its server there is nothing to follow."""
    if kind not in stack.processes:
        pytest.skip(missing(kind))
    return f"{stack.catalog.prefix}-{kind}"


def test_the_audit_finds_something_behind_every_link(stack: Stack) -> None:
    for kind in ("prometheus", "loki", "jaeger"):
        uid_of(stack, kind)
    made = audited(stack, "rules", "costs", "latency")
    assert not bad(made), "\n".join(bad(made))
    assert {each.kind for each in made.links if each.verdict == "OK"} >= _FOLLOWED


def test_a_span_has_the_tags_that_its_links_read(stack: Stack, grafana: Grafana) -> None:
    jaeger = uid_of(stack, "jaeger")
    answer = grafana.proxied(
        jaeger, "/api/traces", service=stack.catalog.services[0].id, lookback="1h", limit=5
    )
    found = answer.json()["data"]
    assert found, "Jaeger has no trace"
    span = found[0]["spans"][0]
    process = found[0]["processes"][span["processID"]]
    tags = {each["key"] for each in (*span["tags"], *process["tags"])}
    assert not [tag for tag in SPAN_TAGS if tag not in tags], tags


def test_a_firing_alert_s_link_is_filled_in(stack: Stack, grafana: Grafana) -> None:
    """The watchdog always fires."""
    prometheus = uid_of(stack, "prometheus")
    answer = grafana.proxied(prometheus, "/api/v1/alerts")
    firing = [each for each in answer.json()["data"]["alerts"] if each["state"] == "firing"]
    assert firing, "not even the watchdog fires"
    for each in firing:
        url = each["annotations"]["dashboard_url"]
        assert "{{" not in json.dumps(each["annotations"])
        assert grafana.session.get(url, timeout=30).ok, url
        given = parse_qs(urlsplit(url).query)
        assert given["var-cluster"] == [stack.catalog.default_environment.cluster], url
