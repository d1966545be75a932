"""Queries and annotations as Grafana stores them: grafanalib knows neither Loki nor Jaeger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboards.spec import Dashboard
from queries.query import Jaeger, Loki, Prom, Query

Json = dict[str, Any]

_DEFAULT_LOG_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Datasources:
    """The datasource references of a dashboard, by kind."""

    prefix: str

    def reference(self, kind: str) -> Json:
        """``{type, uid}``: a name can be changed in the UI, a uid cannot."""
        return {"type": kind, "uid": f"{self.prefix}-{kind}"}


def kind_of(query: Query) -> str:
    """The kind of datasource that a query is for."""
    match query:
        case Prom():
            return "prometheus"
        case Loki():
            return "loki"
        case Jaeger():
            return "jaeger"


def target_json(query: Query, ref_id: str, sources: Datasources) -> Json:
    """A query as its datasource stores it."""
    common = {"refId": ref_id, "datasource": sources.reference(kind_of(query))}
    match query:
        case Prom():
            return common | {
                "editorMode": "code",
                "exemplar": query.exemplars,
                "expr": query.expr,
                "format": "table" if query.table else "time_series",
                "instant": query.instant,
                "legendFormat": query.legend,
                "range": not query.instant,
            }
        case Loki():
            return common | {
                "editorMode": "code",
                "expr": query.expr,
                "legendFormat": query.legend,
                "maxLines": query.limit or _DEFAULT_LOG_LIMIT,
                "queryType": "instant" if query.instant else "range",
            }
        case Jaeger(kind="trace"):
            return common | {"query": query.trace_id}
        case Jaeger(kind="dependencies"):
            return common | {"queryType": "dependencyGraph"}
        case Jaeger():
            search: Json = {"queryType": "search", "service": query.service, "limit": query.limit}
            if query.tags:
                search["tags"] = query.tags
            if query.minimum_duration:
                search["minDuration"] = query.minimum_duration
            return common | search


def annotations_json(dashboard: Dashboard, sources: Datasources) -> list[Json]:
    """The dashboard's marks, after Grafana's own."""
    own: Json = {
        "builtIn": 1,
        "datasource": {"type": "grafana", "uid": "-- Grafana --"},
        "enable": True,
        "hide": True,
        "iconColor": "rgba(0, 211, 255, 1)",
        "name": "Annotations & Alerts",
        "type": "dashboard",
    }
    marks = [
        {
            "datasource": sources.reference("prometheus"),
            "enable": True,
            "hide": False,
            "iconColor": mark.colour,
            "name": mark.name,
            # 9.4 reads these keys, newer releases read the target.
            "expr": mark.expr,
            "step": mark.step,
            "tagKeys": ",".join(mark.tags),
            "target": {"expr": mark.expr, "interval": mark.step, "refId": "Anno"},
            "textFormat": mark.text,
            "titleFormat": mark.title,
            "useValueForTime": False,
        }
        for mark in dashboard.annotations
    ]
    return [own, *marks]
