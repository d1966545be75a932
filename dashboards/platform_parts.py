"""Panels as the rows of the platform's dashboard draw them."""

from __future__ import annotations

from dashboards import units
from dashboards.spec import Lines, Panel, Steps
from queries.promql import PromQL
from queries.query import Prom


def lines(
    key: str,
    title: str,
    description: str,
    queries: tuple[Prom, ...],
    unit: str,
    *,
    steps: Steps = (),
    maximum: float | None = None,
    soft_maximum: float | None = None,
    width: int = 8,
    height: int = 8,
    empty: str = "Not reported in this range",
) -> Panel:
    """Time series; a threshold line at each step but the first."""
    return Panel(
        key=key,
        title=title,
        description=description,
        queries=queries,
        drawing=Lines(steps=steps, maximum=maximum, soft_maximum=soft_maximum),
        unit=unit,
        width=width,
        height=height,
        empty=empty,
    )


def one(expression: PromQL, legend: str) -> tuple[Prom, ...]:
    """One query."""
    return (Prom(expression, legend),)


def losses(
    key: str,
    title: str,
    description: str,
    asked: tuple[tuple[PromQL, str], ...],
    *,
    width: int = 8,
) -> Panel:
    """Counts of what ought not to happen: nothing is the usual answer."""
    queries = tuple(Prom(expression, legend) for expression, legend in asked)
    return lines(key, title, description, queries, units.COUNT, width=width, empty="Nothing fails")
