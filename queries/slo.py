"""Service level indicators as PromQL: how many events there were, and how many were bad.

Whatever the source is, a metric, log lines or the freshness of something, it becomes two
numbers by cluster and environment over a window of at most an hour. Everything longer is made
of them (:mod:`queries.slo_sums`).
"""

from __future__ import annotations

from catalog import names
from catalog.platform import Platform
from catalog.service import Objective, Service
from catalog.signals import Metric
from queries import counters, slo_series
from queries.platform_alerts import of_component
from queries.promql import PromQL, aggregate, over, series, total
from queries.targets import some_up
from queries.text import Matcher, Matchers, equal, selection, window


def of_objective(service: Service, objective: Objective) -> Matchers:
    """The matchers of one objective's recorded series."""
    return (equal(names.SERVICE, service.id), equal(names.OBJECTIVE, objective.id))


def is_doubtful(objective: Objective) -> bool:
    """Whether its errors and its events are counted by different series, and can contradict.

    Those of an availability on one metric cannot, since the one are some of the other; nor can
    checks of freshness.
    """
    return objective.sli.type == "latency" or objective.sli.log is not None


def measured_as(objective: Objective) -> tuple[str, str]:
    """How events and errors are recorded as they are measured.

    What cannot contradict needs no second look before it is summed up.
    """
    if is_doubtful(objective):
        return names.MEASURED_EVENTS, names.MEASURED_ERRORS
    return names.SLI_EVENTS, names.SLI_ERRORS


def events(platform: Platform, service: Service, objective: Objective, seconds: int) -> PromQL:
    """How many events there were within the window: 0, not nothing, where none can have been."""
    where = of_objective(service, objective)
    if objective.sli.type == "freshness":
        # Recorded only while someone is scraped, so that there is nothing to fill in.
        checks = over("count_over_time", series(names.SLI_FRESH, where), just_under(seconds))
        return total(names.SCOPE, checks)
    if objective.sli.log is not None:
        counted = _minutes(names.LOG_SLI_EVENTS, where, seconds)
    else:
        metric = _metric(service, objective)
        counted = counters.events(metric, names.SCOPE, _of(service), window(seconds))
    return PromQL(f"{counted} or 0 * {scraped(platform, service, objective)}")


def errors(service: Service, objective: Objective, seconds: int) -> PromQL:
    """How many of the events were bad; it reads how many events there were as recorded."""
    where = of_objective(service, objective)
    recorded = slo_series.counted(measured_as(objective)[0], where, seconds)
    whole = total(names.SCOPE, recorded)
    if objective.sli.type == "freshness":
        fresh = over("sum_over_time", series(names.SLI_FRESH, where), just_under(seconds))
        return PromQL(f"{whole} - {total(names.SCOPE, fresh)}")
    if objective.sli.log is not None:
        return PromQL(f"{_minutes(names.LOG_SLI_ERRORS, where, seconds)} or 0 * {whole}")
    metric = _metric(service, objective)
    if objective.sli.type == "latency":
        bucket = (*_of(service), bound(objective.sli.threshold or 0))
        within = series(f"{metric.name}_bucket", bucket)
        quick = counters.counted(metric, within, names.SCOPE, window(seconds))
        # Without any event no bucket needs to be there; with some, a missing one is a fault.
        return PromQL(f"{whole} - ({quick} or {whole} == 0)")
    chosen = selection(metric.bad or metric.good or {})
    counted = counters.events(metric, names.SCOPE, (*_of(service), *chosen), window(seconds))
    some = f"{counted} or 0 * {whole}"
    return PromQL(some if metric.bad else f"{whole} - ({some})")


def fresh(platform: Platform, service: Service, objective: Objective) -> PromQL:
    """1 where the newest is no older than it may be, 0 where it is, nothing if nobody can tell.

    What does not exist although it could be scraped is stale.
    """
    metric = _metric(service, objective)
    age = int(objective.sli.threshold or 0)
    if metric.type == "gauge":
        newest = aggregate("max", names.SCOPE, series(metric.name, _of(service)))
        young = f"(time() - {newest}) <= bool {age}"
    else:
        counted = counters.events(metric, names.SCOPE, _of(service), window(age))
        young = f"({counted}) > bool 0"
    alive = scraped(platform, service, objective)
    return PromQL(f"{young} and {alive} or 0 * {alive}")


def scraped(platform: Platform, service: Service, objective: Objective) -> PromQL:
    """1 for every cluster in which what tells of the service's events can be scraped.

    What an agent emits, or reads from the logs, is told if the service runs there and an agent
    does.
    """
    here = some_up(_of(service))
    metric = service.metric(objective.sli.metric or "")
    by_agent = metric is None or metric.emitted_by == "agent"
    agent = platform.components.get("agent")
    if not by_agent or agent is None or agent.metrics_port is None:
        return here
    return PromQL(f"({here} and {some_up(of_component('agent'))})")


def just_under(seconds: int) -> str:
    """A range that holds each sample of regular ones once: ``4m59s999ms``.

    A range of Prometheus 2 has both of its ends, so that five minutes of a sample a minute are
    six samples whenever it falls on them. Timestamps are whole milliseconds.
    """
    left, text = seconds - 1, ""
    for unit, length in (("h", 3600), ("m", 60), ("s", 1)):
        number, left = divmod(left, length)
        text += f"{number}{unit}" if number else ""
    return f"{text}999ms"


def bound(threshold: float) -> Matcher:
    """The bucket of an upper bound.

    1 is written ``1`` or, by some clients and by Prometheus 3 for all, ``1.0``.
    """
    if threshold.is_integer():
        return Matcher(names.LE, f"{threshold:g}(\\.0)?", "=~")
    return equal(names.LE, f"{threshold:g}")


def _minutes(name: str, where: Matchers, seconds: int) -> PromQL:
    counted = over("sum_over_time", series(name, where), just_under(seconds))
    return total(names.SCOPE, counted)


def _of(service: Service) -> Matchers:
    return (equal(names.SERVICE, service.id),)


def _metric(service: Service, objective: Objective) -> Metric:
    name = objective.sli.metric or ""
    metric = service.metric(name)
    if metric is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: no metric {name}")
    return metric
