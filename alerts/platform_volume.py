"""Recording and alert rules of what comes in within a month, and of what that costs."""

from __future__ import annotations

from collections.abc import Iterator

from alerts import text
from alerts.model import Alert, Group, Recording, Rule
from alerts.platform_parts import Build
from catalog import names
from catalog.model import Catalog
from queries import log_volume

#: A forecast moves slowly, and so do people who are asked to spend less.
_HOLD = 3600


def groups(catalog: Catalog, alert: Build) -> Iterator[Group]:
    """The steps, then all that is added up of them."""
    yield Group(
        "platform-volume-steps",
        names.VOLUME_STEP_SECONDS,
        (Recording(names.LOG_BYTES_STEP, log_volume.step()),),
    )
    rules: tuple[Rule, ...] = (
        *_recorded(catalog),
        _volume(catalog, alert),
        *_cost(catalog, alert),
    )
    # At every evaluation: within Prometheus' lookback of five minutes even when one is missed.
    yield Group("platform-volume", names.BUDGET_SECONDS, rules)


def _recorded(catalog: Catalog) -> Iterator[Recording]:
    yield Recording(names.LOG_BYTES_MONTH, log_volume.month_to_date())
    yield Recording(names.LOG_BYTES_FORECAST, log_volume.forecast())
    spending = catalog.platform.spending
    if spending is not None:
        yield Recording(names.LOG_COST_MONTH, log_volume.cost_to_date(spending))
        yield Recording(names.LOG_COST_FORECAST, log_volume.cost_forecast(spending))


def _volume(catalog: Catalog, alert: Build) -> Alert:
    budget = catalog.platform.limits.monthly_bytes
    margin = catalog.platform.thresholds.forecast_margin
    return alert(
        "MonthlyVolumeOverBudget",
        log_volume.above(names.LOG_BYTES_FORECAST, budget, margin),
        f"Log lines will come to {text.DECIMAL_BYTES} this month in cluster "
        f"{text.label(names.CLUSTER)}",
        f"If the rest of the month is like the last {log_volume.TREND_RANGE}, that is more than "
        f"{text.percent(margin)} above the {budget / 1e9:g} GB that were planned. Look first at "
        "which service writes more than its share, at the level of its lines, and at what was "
        "deployed since the trend began.",
        hold=_HOLD,
    )


def _cost(catalog: Catalog, alert: Build) -> Iterator[Alert]:
    spending = catalog.platform.spending
    if spending is None:
        return
    margin = catalog.platform.thresholds.forecast_margin
    yield alert(
        "MonthlyCostOverBudget",
        log_volume.above(names.LOG_COST_FORECAST, spending.monthly_budget, margin),
        f"Log lines will cost {text.AMOUNT} {spending.currency} this month in cluster "
        f"{text.label(names.CLUSTER)}",
        f"If the rest of the month is like the last {log_volume.TREND_RANGE}, that is more than "
        f"{text.percent(margin)} above the budget of {spending.monthly_budget:g} "
        f"{spending.currency}. Look first at the month's volume by service, at how long its "
        "lines are kept, and at whether the prices in the catalog still hold.",
        hold=_HOLD,
    )
