"""Service level indicators as PromQL, and the recorded series that everything else reads.

Events and errors are recorded once, every five minutes, as increases over five minutes. A
longer window is the sum of those steps, so that it is weighted by traffic, and a month costs
8,640 samples instead of every raw sample of every pod.
"""

from __future__ import annotations

from catalog import names
from catalog.service import Objective, Service
from catalog.signals import Metric
from queries import counters
from queries.promql import PromQL, over, series
from queries.text import Matcher, Matchers, equal, selection, window

#: Above this window the recorded steps are summed; up to it the raw series are read.
RAW_LIMIT_SECONDS = 3600
#: The longest calendar quarter.
QUARTER_RANGE = "92d"
_DATE = "vector(time())"
#: One sample whose label ``quarter`` names the calendar quarter, in UTC: 2026.4.
CALENDAR_QUARTER = PromQL(
    f'count_values("{names.QUARTER}", year({_DATE}) + ceil(month({_DATE}) / 3) / 10)'
)


def of_objective(service: Service, objective: Objective) -> Matchers:
    """The matchers of one objective's recorded series."""
    return (equal(names.SERVICE, service.id), equal(names.OBJECTIVE, objective.id))


def events(service: Service, objective: Objective, range_: str) -> PromQL:
    """How many events there were within the range, by cluster and environment."""
    return counters.events(_metric(service, objective), names.SCOPE, _of(service), range_)


def errors(service: Service, objective: Objective, range_: str) -> PromQL:
    """How many of the events were bad; 0, not nothing, where none ever was."""
    metric = _metric(service, objective)
    whole = events(service, objective, range_)
    if objective.sli.type == "latency":
        bucket = (*_of(service), bound(objective.sli.threshold or 0))
        within = series(f"{metric.name}_bucket", bucket)
        quick = counters.counted(metric, within, names.SCOPE, range_)
        return PromQL(f"({whole} - {quick})")
    chosen = selection(metric.bad or metric.good or {})
    counted = counters.events(metric, names.SCOPE, (*_of(service), *chosen), range_)
    some = f"{counted} or 0 * {whole}"
    return PromQL(f"({some})" if metric.bad else f"({whole} - ({some}))")


def bound(threshold: float) -> Matcher:
    """The bucket of an upper bound.

    1 is written ``1`` or, by some clients and by Prometheus 3 for all, ``1.0``.
    """
    if threshold.is_integer():
        return Matcher(names.LE, f"{threshold:g}(\\.0)?", "=~")
    return equal(names.LE, f"{threshold:g}")


def tile(expression: PromQL) -> PromQL:
    """The expression with the calendar quarter as a label, as it is recorded."""
    labelled = f"* on () group_left ({names.QUARTER}) {CALENDAR_QUARTER}"
    return PromQL(f"{expression} {labelled}")


def summed(name: str, matchers: Matchers, seconds: int) -> PromQL:
    """A recorded step series added up over a rolling window."""
    added = over("sum_over_time", series(name, matchers), window(seconds))
    return PromQL(f"sum without ({names.QUARTER}) ({added})")


def summed_this_quarter(name: str, matchers: Matchers) -> PromQL:
    """A recorded step series added up since the calendar quarter began."""
    added = over("sum_over_time", series(name, matchers), QUARTER_RANGE)
    current = f"{added} and on ({names.QUARTER}) {CALENDAR_QUARTER}"
    return PromQL(f"sum without ({names.QUARTER}) ({current})")


def error_ratio(part: PromQL, whole: PromQL) -> PromQL:
    """Errors of events; without any event the share of errors is 0, not undefined."""
    return PromQL(f"({part} / ({whole} > 0) or 0 * {whole})")


def burn_rate(service: Service, objective: Objective, seconds: int) -> PromQL:
    """How many times faster than allowed the error budget burns over the window."""
    if seconds <= RAW_LIMIT_SECONDS:
        range_ = window(seconds)
        part, whole = errors(service, objective, range_), events(service, objective, range_)
    else:
        matchers = of_objective(service, objective)
        part = summed(names.SLI_ERRORS, matchers, seconds)
        whole = summed(names.SLI_EVENTS, matchers, seconds)
    return PromQL(f"{error_ratio(part, whole)} / {objective.budget:g}")


def _of(service: Service) -> Matchers:
    return (equal(names.SERVICE, service.id),)


def _metric(service: Service, objective: Objective) -> Metric:
    metric = service.metric(objective.sli.metric)
    if metric is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: no metric {objective.sli.metric}")
    return metric
