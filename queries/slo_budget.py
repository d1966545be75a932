"""Attainment, error budget and time to exhaustion, from the recorded sums of an objective.

All of them are weighted by traffic, so that a busy hour weighs more than a quiet night. Without
any event the objective is attained and nothing of the budget is spent.
"""

from __future__ import annotations

from catalog import names
from catalog.platform import Window
from catalog.service import Objective, Service
from catalog.spans import DAY_SECONDS, SHORTEST_SECONDS
from queries import slo_series, slo_sums
from queries.counters import at_least, present
from queries.promql import PromQL, over
from queries.slo import of_objective
from queries.text import Matchers, window

#: For how long an objective is shown after the last sum of it was recorded.
_SHOWN = "1d"
#: The longest calendar quarter.
_QUARTER_RANGE = "92d"


def objective(service: Service, promised: Objective) -> PromQL:
    """What is promised, as a ratio, for every cluster that has events of it."""
    where = of_objective(service, promised)
    recorded = slo_series.counted(names.SLI_EVENTS, where, SHORTEST_SECONDS)
    return PromQL(
        f"{present(names.SCOPE, over('last_over_time', recorded, _SHOWN))} * {promised.ratio:.10g}"
    )


def attainment(service: Service, promised: Objective) -> PromQL:
    """The share of good events over the rolling period."""
    where = of_objective(service, promised)
    errors = slo_series.counted(names.SLI_ERRORS, where, promised.period)
    events = slo_series.counted(names.SLI_EVENTS, where, promised.period)
    return PromQL(f"1 - {slo_sums.error_ratio(errors, events)}")


def attainment_this_quarter(service: Service, promised: Objective) -> PromQL:
    """The share of good events in the full hours since the calendar quarter began, in UTC."""
    where = of_objective(service, promised)
    errors = _this_quarter(names.HOURLY_ERRORS, where)
    events = _this_quarter(names.HOURLY_EVENTS, where)
    return PromQL(f"1 - {slo_sums.error_ratio(errors, events)}")


def _this_quarter(name: str, where: Matchers) -> PromQL:
    hours = slo_series.hours(name, where)
    added = over("sum_over_time", hours, _QUARTER_RANGE)
    current = f"{added} and on ({names.QUARTER}) {slo_sums.calendar_quarter()}"
    # Until the quarter's first hour is over it has nothing, of those that had hours yesterday.
    before = f"0 * sum without ({names.QUARTER}) ({over('last_over_time', hours, _SHOWN)})"
    return PromQL(f"(sum without ({names.QUARTER}) ({current}) or {before})")


def remaining(service: Service, promised: Objective, of: str) -> PromQL:
    """The share of the budget that is left, from the attainment of the same window."""
    attained = slo_series.attainment(of_objective(service, promised), of)
    return PromQL(f"1 - (1 - {attained}) / {promised.budget:.10g}")


def time_to_exhaustion(service: Service, promised: Objective, burn_window: int) -> PromQL:
    """Seconds until the rolling period's budget is spent; nothing where it never is at this rate.

    At a burn rate of 1 the whole budget lasts one period, by the definition of a burn rate. What
    would take longer than a period does not come: by then all that was spent before has left the
    window, and a burn rate below what is left now is below 1. So a rate that differs from 0 by
    the rounding of a subtraction foretells nothing either.
    """
    matchers = of_objective(service, promised)
    left = slo_series.budget_remaining(matchers, window(promised.period))
    burning = slo_series.burn_rate(matchers, burn_window)
    return PromQL(
        f"clamp_min({left}, 0) * {promised.period} / ignoring ({names.WINDOW}) ({burning} > 0) "
        f"<= {promised.period}"
    )


def burning(service: Service, promised: Objective, pair: Window) -> PromQL:
    """The burn rate over the long window, where it and the short one's exceed the factor.

    Of too few events, or too few errors among them, nothing is said.
    """
    matchers = of_objective(service, promised)
    factor = pair.factor(promised.period)
    lasting, now = (slo_series.burn_rate(matchers, each) for each in (pair.long, pair.short))
    events = slo_series.counted(names.SLI_EVENTS, matchers, pair.long)
    errors = slo_series.counted(names.SLI_ERRORS, matchers, pair.long)
    return PromQL(
        f"{lasting} > {factor:.10g} and ignoring ({names.WINDOW}) {now} > {factor:.10g} "
        f"and {at_least(pair.minimum_events, events)} and {at_least(pair.minimum_errors, errors)}"
    )


def left_between(
    service: Service, promised: Objective, low: float | None, high: float, minimum: int
) -> PromQL:
    """What is left of the period's budget, where it is at most ``high`` and above ``low``.

    It says nothing of fewer errors than the minimum, nor of an objective whose events were not
    counted a day ago: a bad first hour is no spent month.
    """
    matchers = of_objective(service, promised)
    period = window(promised.period)
    left = slo_series.budget_remaining(matchers, period)
    above = f" > {low:g}" if low is not None else ""
    errors = slo_series.counted(names.SLI_ERRORS, matchers, promised.period)
    a_day = slo_series.counted(names.SLI_EVENTS, matchers, DAY_SECONDS)
    known = over("last_over_time", a_day, slo_sums.TERM_RANGE, offset=window(DAY_SECONDS))
    return PromQL(
        f"{left} <= {high:g}{above} and {at_least(minimum, errors)} "
        f"and ignoring ({names.WINDOW}) {known}"
    )


def missing_hours(service: Service, promised: Objective) -> PromQL:
    """How many hours of the last day were not recorded, though those of the day before were.

    Nothing while the objective is not measured: what is not scraped has an alert of its own.
    """
    matchers = of_objective(service, promised)
    hours = slo_series.hours(names.HOURLY_EVENTS, matchers)
    day = window(DAY_SECONDS)
    today = f"sum without ({names.QUARTER}) ({over('count_over_time', hours, day)})"
    before = over("count_over_time", hours, day, offset=day)
    yesterday = f"sum without ({names.QUARTER}) ({before})"
    measured = slo_series.counted(names.SLI_EVENTS, matchers, SHORTEST_SECONDS)
    return PromQL(
        f"{yesterday} - ({today} or 0 * {yesterday}) > 0 and ignoring ({names.WINDOW}) {measured}"
    )


def impossible(service: Service, promised: Objective) -> PromQL:
    """How many errors were measured, while the indicator cannot be right."""
    matchers = of_objective(service, promised)
    errors = slo_series.counted(names.MEASURED_ERRORS, matchers, SHORTEST_SECONDS)
    events = slo_series.counted(names.MEASURED_EVENTS, matchers, SHORTEST_SECONDS)
    scope = ", ".join(names.SCOPE)
    # Without a number of errors there is none to show: nothing was told apart, so 0.
    return PromQL(f"({errors} or 0 * {events}) and on ({scope}) {slo_series.broken(matchers)} == 1")
