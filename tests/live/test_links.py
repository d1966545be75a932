"""Each link is followed on real data, and what it opens is there."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from queries.trace_links import SPAN_TAGS
from tests.live.ask import Grafana
from tests.live.servers import missing
from tests.live.stack import Stack

Json = dict[str, Any]


def uid_of(stack: Stack, kind: str) -> str:
    """The datasource of that kind; without its server there is nothing to follow."""
    if kind not in stack.processes:
        pytest.skip(missing(kind))
    return f"{stack.catalog.prefix}-{kind}"


def lines(grafana: Grafana, uid: str, query: str, limit: int = 50) -> list[tuple[Json, str]]:
    """The newest lines, each with its labels (structured metadata among them)."""
    now = time.time()
    answer = grafana.proxied(
        uid,
        "/loki/api/v1/query_range",
        query=query,
        limit=limit,
        start=int((now - 3600) * 1e9),
        end=int(now * 1e9),
    )
    assert answer.ok, f"{query}: {answer.text[:300]}"
    return [
        (stream["stream"], value[1])
        for stream in answer.json()["data"]["result"]
        for value in stream["values"]
    ]


def trace(grafana: Grafana, uid: str, trace_id: str) -> list[Json]:
    """The spans of a trace, none if Jaeger does not know it."""
    answer = grafana.proxied(uid, f"/api/traces/{trace_id}")
    return answer.json()["data"][0]["spans"] if answer.ok else []


def found_by(field: Json, labels: Json, line: str) -> str:
    """What a derived field of Loki's datasource finds in a line."""
    if field.get("matcherType") == "label":
        return str(labels.get(field["matcherRegex"], ""))
    match = re.search(field["matcherRegex"], line)
    return match[1] if match else ""


def test_a_log_line_leads_to_its_trace(stack: Stack, grafana: Grafana) -> None:
    loki, jaeger = uid_of(stack, "loki"), uid_of(stack, "jaeger")
    fields = grafana.get(f"/api/datasources/uid/{loki}")["jsonData"]["derivedFields"]
    for service in stack.catalog.services:
        if not any(field.type == "trace_id" for field in service.logs.fields):
            continue
        known: set[str] = set()
        newest = lines(grafana, loki, f'{{service="{service.id}"}}', 100)
        assert newest, f"{service.id} wrote no line"
        for labels, line in newest:
            known |= {found_by(field, labels, line) for field in fields}
        known.discard("")
        assert known, f"no derived field finds a trace id in the lines of {service.id}"
        chosen = sorted(known)[:5]
        empty = [each for each in chosen if not trace(grafana, jaeger, each)]
        assert not empty, f"{service.id}: no such traces {empty}"


def test_an_exemplar_leads_to_its_trace(stack: Stack, grafana: Grafana) -> None:
    prometheus, jaeger = uid_of(stack, "prometheus"), uid_of(stack, "jaeger")
    settings = grafana.get(f"/api/datasources/uid/{prometheus}")["jsonData"]
    label = settings["exemplarTraceIdDestinations"][0]["name"]
    now = time.time()
    for service in stack.catalog.services:
        for metric in service.metrics:
            if not metric.exemplars:
                continue
            answer = grafana.proxied(
                prometheus,
                "/api/v1/query_exemplars",
                query=f'{metric.name}_bucket{{service="{service.id}"}}',
                start=now - 3600,
                end=now,
            )
            assert answer.ok, answer.text[:300]
            known = [
                each["labels"][label]
                for series in answer.json()["data"]
                for each in series["exemplars"]
            ]
            assert known, f"{service.id}: {metric.name} has no exemplar"
            assert trace(grafana, jaeger, known[-1]), f"{service.id}: no trace {known[-1]}"


def some_trace(stack: Stack, grafana: Grafana) -> tuple[str, Json]:
    """A trace that is a minute old, and a span of it with the tags of its process."""
    jaeger = uid_of(stack, "jaeger")
    now = int(time.time())
    answer = grafana.proxied(
        jaeger,
        "/api/traces",
        service=stack.catalog.services[0].id,
        start=(now - 1800) * 1_000_000,
        end=(now - 60) * 1_000_000,
        limit=5,
    )
    found = answer.json()["data"]
    assert found, "Jaeger has no trace"
    span = found[0]["spans"][0]
    tags = {each["key"]: each["value"] for each in span["tags"]}
    process = found[0]["processes"][span["processID"]]
    tags |= {each["key"]: each["value"] for each in process["tags"]}
    return found[0]["traceID"], tags


def test_a_span_leads_to_its_lines(stack: Stack, grafana: Grafana) -> None:
    loki = uid_of(stack, "loki")
    jaeger = grafana.get(f"/api/datasources/uid/{uid_of(stack, 'jaeger')}")
    query = jaeger["jsonData"]["tracesToLogsV2"]["query"]
    jaeger_uid = jaeger["uid"]
    traced = [
        each
        for service in stack.catalog.services
        for each in lines(grafana, loki, f'{{service="{service.id}"}} | json', 20)
        if each[0].get("trace_id")
    ]
    assert traced, "no line has a trace id"
    trace_id = traced[0][0]["trace_id"]
    assert trace(grafana, jaeger_uid, trace_id)
    assert lines(grafana, loki, query.replace("${__trace.traceId}", trace_id)), query


def test_a_span_has_the_tags_that_its_links_read(stack: Stack, grafana: Grafana) -> None:
    _, tags = some_trace(stack, grafana)
    assert not [tag for tag in SPAN_TAGS if tag not in tags], tags


def test_a_span_leads_to_its_metrics(stack: Stack, grafana: Grafana) -> None:
    prometheus = uid_of(stack, "prometheus")
    _, tags = some_trace(stack, grafana)
    settings = grafana.get(f"/api/datasources/uid/{uid_of(stack, 'jaeger')}")["jsonData"]
    to_metrics = settings["tracesToMetrics"]
    matchers = ",".join(f'{each["value"]}="{tags[each["key"]]}"' for each in to_metrics["tags"])
    for each in to_metrics["queries"]:
        answer = grafana.proxied(
            prometheus, "/api/v1/query", query=each["query"].replace("$__tags", matchers)
        )
        assert answer.ok, answer.text[:300]
        assert answer.json()["data"]["result"], each["query"]


def test_a_correlation_finds_something(stack: Stack, grafana: Grafana) -> None:
    prometheus = uid_of(stack, "prometheus")
    live = grafana.get(f"/api/datasources/uid/{uid_of(stack, 'loki')}/correlations")
    if isinstance(live, dict):
        live = live["correlations"]
    for each in live:
        config = each["config"]
        if config["field"] not in config["target"]["expr"] and "transformations" not in config:
            pytest.skip(f"{stack.plan.grafana} knows no transformations of a correlation")
        read = [step["mapValue"] for step in config.get("transformations", ())]
        name = read[0] if read else config["field"]
        for service in stack.catalog.services:
            if service.by_role("requests") is None:
                continue
            query = config["target"]["expr"].replace(f"${{{name}}}", service.id)
            answer = grafana.proxied(prometheus, "/api/v1/query", query=query)
            assert answer.ok, answer.text[:300]
            assert answer.json()["data"]["result"], f"{each['label']}: {query}"


_SERVICE = re.compile(r"\$\{__(?:field\.labels|data\.fields)\.service\}|\$\{service\}")


def urls(value: Any) -> Iterator[str]:
    """Every address that a link of a dashboard names."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "url" and isinstance(inner, str) and inner:
                yield inner
            else:
                yield from urls(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from urls(inner)


def test_every_link_leads_to_a_dashboard(
    stack: Stack, grafana: Grafana, dashboards: dict[str, Json]
) -> None:
    wrong: set[str] = set()
    known: dict[str, set[str]] = {}
    for each in grafana.get("/api/search", type="dash-db"):
        live = grafana.get(f"/api/dashboards/uid/{each['uid']}")["dashboard"]
        known[each["uid"]] = {variable["name"] for variable in live["templating"]["list"]}
    services = [each.id for each in stack.catalog.services]
    for dashboard in dashboards.values():
        for url in urls(dashboard):
            for service in services if _SERVICE.search(url) else [""]:
                parts = urlsplit(_SERVICE.sub(service, url))
                uid = parts.path.removeprefix("/d/").split("/")[0]
                if uid not in known:
                    wrong.add(f"{dashboard['uid']}: {url} ({service}): no dashboard {uid}")
                    continue
                for name in parse_qs(parts.query, keep_blank_values=True):
                    if name.startswith("var-") and name[4:] not in known[uid]:
                        wrong.add(f"{dashboard['uid']}: {url}: {uid} has no variable {name[4:]}")
    assert not wrong, "\n".join(sorted(wrong))


_TEMPLATE = re.compile(r"\{\{[^}]*\}\}")


def test_every_alert_links_to_a_dashboard(stack: Stack, grafana: Grafana) -> None:
    known = {each["uid"] for each in grafana.get("/api/search", type="dash-db")}
    wrong: set[str] = set()
    files = [
        *sorted((stack.generated / "prometheus/rules").glob("*.yaml")),
        *sorted((stack.generated / "loki/rules").rglob("*.yaml")),
    ]
    for path in files:
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            for rule in group["rules"]:
                if "alert" not in rule:
                    continue
                url = rule["annotations"]["dashboard_url"]
                uid = urlsplit(_TEMPLATE.sub("x", url)).path.removeprefix("/d/").split("/")[0]
                if uid not in known or not url.startswith(stack.grafana):
                    wrong.add(f"{path.name}: {rule['alert']}: {url}")
    assert not wrong, "\n".join(sorted(wrong))


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
