"""Attainment, error budget and time to exhaustion, from the recorded steps of an objective.

Everything is a sum of steps, so that a busy hour weighs more than a quiet night. Without
any event the objective is attained and nothing of the budget is spent.
"""

from __future__ import annotations

from catalog import names
from catalog.service import Objective, Service
from queries import slo, slo_series
from queries.counters import present
from queries.promql import PromQL, over, series
from queries.text import window

#: For how long an objective is shown after the last step of it was recorded.
_SHOWN = "1d"


def objective(service: Service, promised: Objective) -> PromQL:
    """What is promised, as a ratio, for every cluster that has events of it."""
    recorded = series(names.SLI_EVENTS, slo.of_objective(service, promised))
    return PromQL(
        f"{present(names.SCOPE, over('last_over_time', recorded, _SHOWN))} * {promised.ratio:.10g}"
    )


def attainment(service: Service, promised: Objective) -> PromQL:
    """The share of good events over the rolling period."""
    matchers = slo.of_objective(service, promised)
    errors = slo.summed(names.SLI_ERRORS, matchers, promised.period)
    events = slo.summed(names.SLI_EVENTS, matchers, promised.period)
    return PromQL(f"1 - {slo.error_ratio(errors, events)}")


def attainment_this_quarter(service: Service, promised: Objective) -> PromQL:
    """The share of good events since the calendar quarter began, in UTC."""
    matchers = slo.of_objective(service, promised)
    errors = slo.summed_this_quarter(names.SLI_ERRORS, matchers)
    events = slo.summed_this_quarter(names.SLI_EVENTS, matchers)
    return PromQL(f"1 - {slo.error_ratio(errors, events)}")


def remaining(service: Service, promised: Objective, of: str) -> PromQL:
    """The share of the budget that is left, from the attainment of the same window."""
    attained = slo_series.attainment(slo.of_objective(service, promised), of)
    return PromQL(f"1 - (1 - {attained}) / {promised.budget:.10g}")


def time_to_exhaustion(service: Service, promised: Objective, burn_window: int) -> PromQL:
    """Seconds until the rolling period's budget is spent; nothing where nothing burns.

    At a burn rate of 1 the whole budget lasts one period, by the definition of a burn rate.
    """
    matchers = slo.of_objective(service, promised)
    left = slo_series.budget_remaining(matchers, window(promised.period))
    burning = slo_series.burn_rate(matchers, burn_window)
    return PromQL(
        f"clamp_min({left}, 0) * {promised.period} / ignoring ({names.WINDOW}) ({burning} > 0)"
    )


def burning(service: Service, promised: Objective, long: int, short: int, factor: float) -> PromQL:
    """The burn rate over the long window, where it and the short one's exceed the factor."""
    matchers = slo.of_objective(service, promised)
    lasting, now = (slo_series.burn_rate(matchers, seconds) for seconds in (long, short))
    return PromQL(f"{lasting} > {factor:g} and ignoring ({names.WINDOW}) {now} > {factor:g}")
