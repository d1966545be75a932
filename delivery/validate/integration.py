"""Phase 6: the servers find one another, and a line leads to its trace."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from catalog import names
from catalog.service import Service
from delivery.publish.transport import path
from delivery.validate.flow import has_traces, matchers
from delivery.validate.judge import NothingToSeeError, Seen, judge, listed
from delivery.validate.model import Check
from delivery.validate.system import System, Target
from queries import log_lines
from queries.logql import LogQL, lines
from queries.promql import aggregate, series
from queries.text import equal

#: What is asked of a datasource whose plugin has no test of its own: it only runs in browsers.
_THROUGH_GRAFANA = {
    "alertmanager": "/api/v2/status",
    "jaeger": "/api/services",
    "loki": "/loki/api/v1/labels",
    "prometheus": "/api/v1/status/buildinfo",
}
#: A trace may be younger than its storage, or older: so many lines are tried.
_TRACES = 10


def integration(system: System, folder: str) -> Iterator[Check]:
    """Phase 6. ``folder`` is where the environment's datasources are."""
    for datasource in _datasources(system, folder):
        uid = datasource["uid"]
        yield judge(
            6,
            f"Grafana reaches {datasource['name']}",
            system.curl("grafana", f"/api/datasources{path('uid', uid)}/health"),
            "it is healthy",
            partial(_healthy, system, uid, datasource["type"]),
        )
    if system.has("alertmanager"):
        yield judge(
            6,
            "Prometheus sends alerts to an Alertmanager",
            system.curl("prometheus", "/api/v1/alertmanagers"),
            "at least one",
            lambda: _alertmanagers(system),
        )
    rulers: tuple[tuple[Target, str], ...] = (
        ("prometheus", "/api/v1/rules"),
        ("loki", "/prometheus/api/v1/rules"),
    )
    for target, where in rulers:
        yield judge(
            6,
            f"{target.capitalize()} evaluates its rules",
            system.curl(target, where),
            "every rule that was evaluated is well",
            partial(_rules, system, target, where),
        )
    place = system.environment
    scope = (equal(names.CLUSTER, place.cluster), equal(names.ENVIRONMENT, place.environment))
    recorded = aggregate("group", (names.SERVICE,), series(names.LOG_BYTES_RATE, scope))
    yield judge(
        6,
        "What Loki's ruler records reaches Prometheus",
        system.curl("prometheus", "/api/v1/query", query=recorded),
        f"{names.LOG_BYTES_RATE} of every service",
        lambda: _recorded(system, recorded),
    )
    for service in system.catalog.services:
        if has_traces(service) and system.has("jaeger"):
            yield judge(
                6,
                f"A line of {service.name} leads to its trace",
                system.curl("jaeger", "/api/traces/$TRACE_ID"),
                f"one of the newest {_TRACES} traces is stored",
                partial(_traced, system, service),
            )


def _datasources(system: System, folder: str) -> Iterator[dict[str, Any]]:
    for entry in system.shipped.of_kind("datasource", folder):
        yield from system.shipped.load(entry.path)["datasources"]


def _healthy(system: System, uid: str, kind: str) -> Seen:
    answer = system.get("grafana", f"/api/datasources{path('uid', uid)}/health")
    if answer.ok and isinstance(answer.body, dict):
        return f"{answer.body.get('status')}: {answer.message}", answer.body.get("status") == "OK"
    asked = _THROUGH_GRAFANA.get(kind)
    # A plugin without a backend says so: 404 up to 10, 500 since.
    if asked is None or "unavailable" not in answer.message.lower() + str(answer.body).lower():
        return f"{answer.status}: {answer.message}", False
    through = system.get("grafana", f"/api/datasources/proxy{path('uid', uid)}{asked}")
    return f"{through.status} through Grafana's proxy", through.ok


def _alertmanagers(system: System) -> Seen:
    found = system.get("prometheus", "/api/v1/alertmanagers").mapping("data")["data"]
    active = found["activeAlertmanagers"]
    return f"{len(active)} active", bool(active)


def _rules(system: System, target: Target, where: str) -> Seen:
    groups = system.get(target, where).mapping("data")["data"]["groups"]
    rules = [rule for each in groups for rule in each["rules"]]
    if not rules:
        raise NothingToSeeError("it has no rules")
    broken = [f"{rule['name']}: {rule.get('lastError')}" for rule in rules if _is_broken(rule)]
    return listed(broken, f"{len(rules)} rules, none in error"), not broken


def _is_broken(rule: dict[str, Any]) -> bool:
    return rule.get("health") == "err"


def _recorded(system: System, query: str) -> Seen:
    there = {each["metric"].get(names.SERVICE) for each in system.metric(query)}
    missing = sorted({service.id for service in system.catalog.services} - there)
    return listed([f"none of {each}" for each in missing], f"{len(there)} services"), not missing


def _traced(system: System, service: Service) -> Seen:
    system.link("jaeger")
    field = has_traces(service)
    query = LogQL(f'{lines(matchers(system, service), log_lines.parser(service))} | {field}!=""')
    now = system.clock()
    answer = system.fresh(
        "loki",
        "/loki/api/v1/query_range",
        query=query,
        start=str(int((now - 3600) * 1e9)),
        end=str(int(now * 1e9)),
        limit=str(_TRACES),
    )
    streams = answer.mapping("data")["data"]["result"]
    traces = sorted({each["stream"][field] for each in streams if field in each["stream"]})
    if not traces:
        return "no line of the last hour names a trace", False
    for number, trace in enumerate(traces[:_TRACES], 1):
        if system.get("jaeger", f"/api/traces{path(trace)}").ok:
            return f"trace {number} of {len(traces)} is there", True
    return f"none of {len(traces)} traces is there", False
