"""Phase 4: every address that people, dashboards and rules ask answers as it ought to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from delivery.publish.transport import Answer
from delivery.validate.judge import Seen, judge
from delivery.validate.model import Check
from delivery.validate.system import System, Target


@dataclass(frozen=True, slots=True)
class _Endpoint:
    target: Target
    title: str
    where: str
    expected: str
    is_good: Callable[[Answer], bool]
    query: dict[str, str] = field(default_factory=dict)


def _success(answer: Answer) -> bool:
    return isinstance(answer.body, dict) and answer.body.get("status") == "success"


def _computed(answer: Answer) -> bool:
    return _success(answer) and float(answer.body["data"]["result"][0]["value"][1]) == 2.0


_ANSWERS = "200"
_ENDPOINTS = (
    _Endpoint("loki", "Loki is ready", "/ready", "200 ready", lambda a: "ready" in str(a.body)),
    _Endpoint(
        "loki",
        "Loki lists labels",
        "/loki/api/v1/labels",
        "200 and at least one label",
        lambda a: _success(a) and bool(a.body.get("data")),
    ),
    _Endpoint(
        "loki",
        "Loki answers a query",
        "/loki/api/v1/query",
        "200 and 1 + 1 = 2",
        _computed,
        {"query": "vector(1) + vector(1)"},
    ),
    _Endpoint(
        "loki", "Loki's ruler tells its rules", "/prometheus/api/v1/rules", _ANSWERS, _success
    ),
    _Endpoint("prometheus", "Prometheus is ready", "/-/ready", _ANSWERS, lambda a: a.ok),
    _Endpoint(
        "prometheus",
        "Prometheus answers a query",
        "/api/v1/query",
        "200 and 1 + 1 = 2",
        _computed,
        {"query": "vector(1) + vector(1)"},
    ),
    _Endpoint("alertmanager", "Alertmanager is ready", "/-/ready", _ANSWERS, lambda a: a.ok),
    _Endpoint(
        "grafana",
        "Grafana reaches its database",
        "/api/health",
        "200 and database ok",
        lambda a: isinstance(a.body, dict) and a.body.get("database") == "ok",
    ),
    _Endpoint(
        "jaeger",
        "Jaeger lists services",
        "/api/services",
        "200 and at least one service",
        lambda a: isinstance(a.body, dict) and bool(a.body.get("data")),
    ),
)


def api(system: System) -> Iterator[Check]:
    """Phase 4."""
    for each in filter(lambda each: system.has(each.target), _ENDPOINTS):
        yield judge(
            4,
            each.title,
            system.curl(each.target, each.where, **each.query),
            each.expected,
            partial(_asked, system, each),
        )


def _asked(system: System, endpoint: _Endpoint) -> Seen:
    answer = system.get(endpoint.target, endpoint.where, **endpoint.query)
    if not answer.ok:
        return f"{answer.status}: {answer.message}", False
    good = endpoint.is_good(answer)
    return f"{answer.status}" if good else f"{answer.status}: {answer.message}", good
