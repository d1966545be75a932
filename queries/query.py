"""A query as a panel carries it: the expression, and how its answer is to be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from queries.logql import LogQL
from queries.promql import PromQL


@dataclass(frozen=True, slots=True)
class Prom:
    """A Prometheus query. ``instant`` asks for one value, ``table`` for rows."""

    expr: PromQL
    legend: str = ""
    instant: bool = False
    table: bool = False
    exemplars: bool = False


@dataclass(frozen=True, slots=True)
class Loki:
    """A Loki query: log lines, or a metric over them."""

    expr: LogQL
    legend: str = ""
    instant: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Jaeger:
    """A Jaeger query: one trace, a search, or the dependency graph.

    ``tags`` are those of a span, in logfmt: ``error=true``.
    """

    kind: Literal["trace", "search", "dependencies"]
    trace_id: str = ""
    service: str = ""
    tags: str = ""
    minimum_duration: str = ""
    limit: int = 20


Query = Prom | Loki | Jaeger
