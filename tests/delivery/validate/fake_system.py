"""A system whose servers answer from a table: all is well until a test changes an answer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.places import DEFAULT_CATALOG, DEFAULT_OUT
from delivery.publish.shipped import Shipped
from delivery.publish.transport import Answer
from delivery.validate.system import SERVERS, Link, System

Json = dict[str, Any]
#: A body, or an answer's status and body, or what makes either of the query.
Reply = object | Callable[[str], object]

CATALOG = load_catalog(DEFAULT_CATALOG)
SHIPPED = Shipped.read(DEFAULT_OUT)
#: A day after the newest line of the fake; only differences to it count.
NOW = 1_800_000_000.0


def vector(*samples: tuple[Json, float]) -> Json:
    result = [{"metric": labels, "value": [NOW, str(value)]} for labels, value in samples]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def one(value: float) -> Json:
    return vector(({}, value))


def _prometheus(query: str) -> Json:
    if query == "time()":
        return {"status": "success", "data": {"resultType": "scalar", "result": [NOW, str(NOW)]}}
    if query.startswith("vector(1)"):
        return one(2)
    if "loki_discarded_samples_total" in query:
        return vector()
    if "slo:attainment" in query:
        return vector(
            *(
                ({"service": service.id, "objective": each.id}, 1)
                for service in CATALOG.services
                for each in service.objectives
            )
        )
    if "group by (service)" in query:
        return vector(*(({"service": service.id}, 1) for service in CATALOG.services))
    if "avg_over_time(up" in query:
        return vector(({"component": "loki"}, 1.0))
    if "up{" in query:
        return one(3)
    if "memcached_commands_total" in query:
        return one(0.8)
    if "histogram_quantile" in query:
        return one(0.2)
    if 'status_code=~"5.."' in query:
        return one(0.0)
    return one(50)


def _loki(query: str) -> Json:
    if query.startswith("vector(1)"):
        return one(2)
    if 'trace_id=""' in query or '__error__!=""' in query:
        return one(1)
    if "by (level)" in query:
        return vector(({"level": "info"}, 900), ({"level": "error"}, 100))
    return one(1_000)


TRACE = "0123456789abcdef0123456789abcdef"
STREAM = {"cluster": "compose", "service": "any", "level": "info", "trace_id": TRACE}
CONFIG = """\
limits_config:
  max_label_names_per_series: 15
  max_global_streams_per_user: 10000
  retention_period: 30d
compactor:
  retention_enabled: true
storage:
  secret_access_key: "not to be shown"
"""


def _success(data: object) -> Json:
    return {"status": "success", "data": data}


def _rules(health: str = "ok") -> Json:
    rules = [{"name": "One", "health": health, "lastError": "many-to-many"}]
    return _success({"groups": [{"name": "a", "rules": rules}]})


def _receivers() -> str:
    files = [SHIPPED.load(entry.path) for entry in SHIPPED.of_kind("alertmanager")]
    return json.dumps({"receivers": [{"name": each["name"]} for each in files[0]["receivers"]]})


def good() -> dict[tuple[str, str], Reply]:
    """What each server answers while all is well, by server and path."""
    return {
        ("loki", "/ready"): "ready",
        ("loki", "/services"): "distributor => Running\ningester => Running\n",
        ("loki", "/config"): CONFIG,
        ("loki", "/loki/api/v1/status/buildinfo"): {"version": "3.7.6"},
        ("loki", "/loki/api/v1/labels"): _success(["service"]),
        ("loki", "/loki/api/v1/query"): _loki,
        ("loki", "/loki/api/v1/query_range"): _success(
            {"result": [{"stream": STREAM, "values": [["1", "line"]]}]}
        ),
        ("loki", "/loki/api/v1/series"): _success([{"service": "a", "level": "info"}]),
        ("loki", "/prometheus/api/v1/rules"): _rules(),
        ("prometheus", "/-/ready"): "Prometheus is Ready.",
        ("prometheus", "/api/v1/query"): _prometheus,
        ("prometheus", "/api/v1/rules"): _rules(),
        ("prometheus", "/api/v1/status/buildinfo"): _success({"version": "2.42.0+ds"}),
        ("prometheus", "/api/v1/alertmanagers"): _success({"activeAlertmanagers": [{}]}),
        ("alertmanager", "/-/ready"): "OK",
        ("alertmanager", "/api/v2/status"): {
            "config": {"original": _receivers()},
            "versionInfo": {"version": "0.28.1"},
        },
        ("jaeger", "/api/services"): {"data": ["any"]},
        ("jaeger", f"/api/traces/{TRACE}"): {"data": [{}]},
        ("grafana", "/api/health"): {"database": "ok", "version": "11.0.0"},
        **{
            ("grafana", f"/api/datasources/uid/neurectomy-{kind}/health"): {
                "status": "OK",
                "message": "connected",
            }
            for kind in ("prometheus", "loki", "jaeger", "alertmanager")
        },
    }


@dataclass
class FakeTransport:
    """One server of the table; ``written`` is what was pushed to it."""

    target: str
    replies: Mapping[tuple[str, str], Reply]
    written: list[object] = field(default_factory=list)
    place: str = "http://fake"
    asked: list[str] = field(default_factory=list)

    def read(
        self, where: str, query: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        if "query" in query:
            self.asked.append(query["query"])
        reply = self.replies.get((self.target, where), (404, {"message": "not found"}))
        if callable(reply):
            reply = reply(query.get("query", ""))
        if isinstance(reply, Exception):
            raise reply
        status, body = reply if isinstance(reply, tuple) else (200, reply)
        return Answer(status, body, f"http://fake{where}")

    def write(
        self, method: str, where: str, body: object, *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        self.written.append(body)
        reply = self.replies.get(("loki", f"{method} {where}"), (204, ""))
        assert isinstance(reply, tuple)
        return Answer(*reply, "http://fake/push")


def fake(
    replies: Mapping[tuple[str, str], Reply],
    catalog: Catalog = CATALOG,
    targets: tuple[str, ...] = SERVERS,
    clock: Callable[[], float] = lambda: NOW,
) -> System:
    """The system that answers so."""
    links = {each: Link(FakeTransport(each, replies), {}) for each in targets}  # type: ignore[arg-type]
    return System(catalog, catalog.default_environment, SHIPPED, links, clock=clock)  # type: ignore[arg-type]


def slowly(seconds: float) -> Callable[[str], Json]:
    """A query's answer that takes its time."""

    def answer(_: str) -> Json:
        time.sleep(seconds)
        return _success({"result": []})

    return answer


def when(part: str, reply: object, otherwise: Callable[[str], Json]) -> Callable[[str], object]:
    """Another answer to the queries that hold a text."""
    return lambda query: reply if re.search(part, query) else otherwise(query)


PROMETHEUS, LOKI = _prometheus, _loki
RULES_IN_ERROR = _rules("err")
