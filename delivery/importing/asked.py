"""A panel's targets as our queries."""

from __future__ import annotations

from typing import Any

from delivery.importing.read import text
from queries.logql import LogQL
from queries.promql import PromQL
from queries.query import Jaeger, Loki, Prom, Query

Json = dict[str, Any]


def query_of(target: Json, kind: str) -> Query:
    """The target as a query of that kind of datasource; what it says besides, the delta tells."""
    legend = text(target, "legendFormat")
    if kind == "prometheus":
        return Prom(
            PromQL(text(target, "expr")),
            legend,
            instant=target.get("instant") is True,
            table=target.get("format") == "table",
            exemplars=target.get("exemplar") is True,
        )
    if kind == "loki":
        limit = target.get("maxLines")
        return Loki(
            LogQL(text(target, "expr")),
            legend,
            instant=target.get("queryType") == "instant",
            limit=limit if isinstance(limit, int) and not isinstance(limit, bool) else None,
        )
    return _jaeger(target)


def _jaeger(target: Json) -> Jaeger:
    if target.get("queryType") == "dependencyGraph":
        return Jaeger("dependencies")
    if target.get("queryType") != "search":
        return Jaeger("trace", trace_id=text(target, "query"))
    limit = target.get("limit")
    return Jaeger(
        "search",
        service=text(target, "service"),
        tags=text(target, "tags"),
        minimum_duration=text(target, "minDuration"),
        limit=limit if isinstance(limit, int) and not isinstance(limit, bool) else 20,
    )
