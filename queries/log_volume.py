"""Bytes of log lines in a calendar month, what the month will come to, and what that costs.

What Loki's distributors take in is recorded every five minutes, like the events of an objective,
and labelled with its month: a missed evaluation loses five minutes and not an hour, and a month
costs 8,928 samples a cluster. Months are calendar months in UTC, as bills are. The step that ends
just after a month began counts for the new one, which is five minutes too much at most.
"""

from __future__ import annotations

from catalog import names
from catalog.spending import Spending
from queries.promql import PromQL, increase, over, series, total
from queries.text import window

#: The longest month.
MONTH_RANGE = "31d"
#: What the rest of the month is expected to be like: a week has every day once.
TREND_RANGE = "7d"
#: Steps of a day: fewer say little about a month.
DAY_STEPS = 86400 // names.VOLUME_STEP_SECONDS

_NOW = "vector(time())"
#: One sample whose label ``month`` names the calendar month, in UTC: 202611.
_THIS_MONTH = PromQL(f'count_values("{names.MONTH}", year({_NOW}) * 100 + month({_NOW}))')
_ELAPSED = f"(day_of_month({_NOW}) - 1) * 86400 + hour({_NOW}) * 3600 + minute({_NOW}) * 60"
_SECONDS = f"days_in_month({_NOW}) * 86400"


def step() -> PromQL:
    """Bytes that came in within the last five minutes, with the month as a label."""
    received = series("loki_distributor_bytes_received_total")
    added = total(names.SCOPE, increase(received, window(names.VOLUME_STEP_SECONDS)))
    return PromQL(f"{added} * on () group_left ({names.MONTH}) {_THIS_MONTH}")


def month_to_date() -> PromQL:
    """Bytes since the calendar month began."""
    current = f"{_over('sum_over_time', MONTH_RANGE)} and on ({names.MONTH}) {_THIS_MONTH}"
    return _all_months(PromQL(current))


def forecast() -> PromQL:
    """Bytes of the whole month, if what is left of it is like the last seven days."""
    recent = _all_months(_over("sum_over_time", TREND_RANGE))
    rate = f"{recent} / {_steps()} / {names.VOLUME_STEP_SECONDS}"
    left = f"scalar({_SECONDS} - ({_ELAPSED}))"
    return PromQL(f"{series(names.LOG_BYTES_MONTH)} + {rate} * {left}")


def enough() -> PromQL:
    """How many steps the forecast stands on, where they make up a day."""
    return PromQL(f"{_steps()} >= {DAY_STEPS}")


def _steps() -> PromQL:
    return _all_months(_over("count_over_time", TREND_RANGE))


def _over(function: str, range_: str) -> PromQL:
    return over(function, series(names.LOG_BYTES_STEP), range_)


def _all_months(expression: PromQL) -> PromQL:
    return PromQL(f"sum without ({names.MONTH}) ({expression})")


def cost_to_date(spending: Spending) -> PromQL:
    """What the month has cost so far: its share of the fixed sum, and the bytes."""
    elapsed = f"scalar(({_ELAPSED}) / ({_SECONDS}))"
    bytes_ = f"{series(names.LOG_BYTES_MONTH)} * {spending.per_byte:.10g}"
    return PromQL(f"{bytes_} + {spending.fixed:.10g} * {elapsed}")


def cost_forecast(spending: Spending) -> PromQL:
    """What the whole month will cost."""
    bytes_ = f"{series(names.LOG_BYTES_FORECAST)} * {spending.per_byte:.10g}"
    return PromQL(f"{bytes_} + {spending.fixed:.10g}")


def above(name: str, budget: float, margin: float) -> PromQL:
    """A forecast that exceeds its budget by more than the margin and stands on a day or more."""
    return PromQL(f"{series(name)} > {budget * (1 + margin):.10g} and {enough()}")
