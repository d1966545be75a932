"""The platform dashboard's row on the month's volume of log lines and on its cost."""

from __future__ import annotations

from collections.abc import Iterator

from catalog import names
from catalog.model import Catalog
from catalog.spending import Spending
from dashboards import units
from dashboards.platform_parts import lines, one
from dashboards.spec import Panel, Row, Stat, Step
from queries import platform_more as ask
from queries.query import Prom


def row(catalog: Catalog) -> Row:
    """The month so far and its forecast, in bytes and money, and who writes them."""
    spending = catalog.platform.spending
    return Row(
        "volume",
        "Volume and cost" if spending else "Volume",
        (*_volume(catalog), *(_cost(catalog, spending) if spending else ()), *_services()),
    )


def _volume(catalog: Catalog) -> Iterator[Panel]:
    budget = catalog.platform.limits.monthly_bytes
    planned = f"{budget / 1e9:g} GB are planned for a month, before compression."
    yield _figure(
        "volume.month",
        "Lines this month",
        f"Bytes of log lines since the calendar month began, in UTC; {planned}",
        names.LOG_BYTES_MONTH,
        units.DECIMAL_BYTES,
    )
    yield _figure(
        "volume.forecast",
        "Lines, whole month",
        f"If the rest of it is like the last seven days; {planned}",
        names.LOG_BYTES_FORECAST,
        units.DECIMAL_BYTES,
        limit=budget * (1 + catalog.platform.thresholds.forecast_margin),
    )


def _cost(catalog: Catalog, spending: Spending) -> Iterator[Panel]:
    budget = spending.monthly_budget
    bill = ", ".join(item.title for item in spending.items)
    yield _figure(
        "cost.month",
        "Cost this month",
        f"The month's share of what is fixed, and its bytes. The bill: {bill}.",
        names.LOG_COST_MONTH,
        units.money(spending.currency),
    )
    yield _figure(
        "cost.forecast",
        "Cost, whole month",
        f"If the rest of it is like the last seven days; the budget is {budget:g} "
        f"{spending.currency}.",
        names.LOG_COST_FORECAST,
        units.money(spending.currency),
        limit=budget * (1 + catalog.platform.thresholds.forecast_margin),
    )


def _figure(
    key: str, title: str, description: str, series: str, unit: str, *, limit: float | None = None
) -> Panel:
    steps = (Step("text"),) if limit is None else (Step("green"), Step("red", limit))
    return Panel(
        key=key,
        title=title,
        description=description,
        queries=one(ask.recorded(series), ""),
        drawing=Stat(steps=steps, decimals=2),
        unit=unit,
        width=6,
        height=5,
        empty="Recorded every five minutes",
    )


def _services() -> Iterator[Panel]:
    yield Panel(
        key="volume.share",
        title="Share of the last day, by service",
        description="Each service's share of the bytes of log lines of the last 24 hours.",
        queries=(Prom(ask.share_by_service(), "{{service}}", instant=True),),
        drawing=Stat(sparkline=False, by_name=True, decimals=1),
        unit=units.RATIO,
        width=12,
        empty="Loki's ruler records it every minute",
    )
    yield lines(
        "volume.growth",
        "Bytes of lines, by service",
        "Bytes a second, before compression, as Loki's ruler records them.",
        one(ask.bytes_by_service(), "{{service}}"),
        units.BYTES_PER_SECOND,
        width=12,
        empty="Loki's ruler records it every minute",
    )
