"""The recorded series of the objectives, as dashboards and alerts read them."""

from __future__ import annotations

from typing import Literal

from catalog import names
from queries.promql import PromQL, series
from queries.text import Matcher, Matchers, equal, window


def burn_rate(matchers: Matchers, seconds: int) -> PromQL:
    """How many times faster than allowed the budget burns over a window."""
    return series(names.BURN_RATE, (*matchers, equal(names.WINDOW, window(seconds))))


def attainment(matchers: Matchers, of: str) -> PromQL:
    """The share of good events over a rolling period (``30d``) or the ``quarter`` so far."""
    return series(names.ATTAINMENT, (*matchers, equal(names.WINDOW, of)))


def budget_remaining(matchers: Matchers, of: str | None = None) -> PromQL:
    """The share of the error budget that is left: 1 untouched, 0 spent, below 0 overspent."""
    narrowed = (*matchers, equal(names.WINDOW, of)) if of else matchers
    return series(names.BUDGET_REMAINING, narrowed)


def objective(matchers: Matchers) -> PromQL:
    """What is promised, as a ratio."""
    return series(names.OBJECTIVE_RATIO, matchers)


def time_to_exhaustion(matchers: Matchers) -> PromQL:
    """Seconds until the budget is spent as in the last six hours, if it is within its period."""
    return series(names.TIME_TO_EXHAUSTION, matchers)


def counted(name: str, matchers: Matchers, seconds: int) -> PromQL:
    """Events or errors, by the name of their series, within a rolling window."""
    return series(name, (*matchers, equal(names.WINDOW, window(seconds))))


def sums(matchers: Matchers, seconds: int) -> tuple[PromQL, PromQL]:
    """Events and errors within a rolling window, as the budget counts them."""
    events = counted(names.SLI_EVENTS, matchers, seconds)
    return events, counted(names.SLI_ERRORS, matchers, seconds)


def hours(name: str, matchers: Matchers) -> PromQL:
    """One sample an hour of events or errors, told apart by the label ``quarter``."""
    return series(name, matchers)


def broken(matchers: Matchers) -> PromQL:
    """1 while what is measured of the objective cannot be."""
    return series(names.SLI_BROKEN, matchers)


def over_period(name: str, matchers: Matchers, periods: str) -> PromQL:
    """A recorded series over the rolling periods only: ``30d``, or several as ``28d|30d``."""
    operator: Literal["=", "=~"] = "=~" if "|" in periods else "="
    return series(name, (*matchers, Matcher(names.WINDOW, periods, operator)))
