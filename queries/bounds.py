"""When a bound that a metric declares is passed, as PromQL: what comes back is what is wrong."""

from __future__ import annotations

from catalog import names
from catalog.bounds import Bound, Watch
from catalog.service import Service
from catalog.signals import Metric
from queries import counters, requests
from queries.promql import PromQL
from queries.service_alerts import EVENTS_WINDOW, of_service, read_labels
from queries.text import Matchers, among


def watched_labels(metric: Metric, watch: Watch) -> tuple[str, ...]:
    """The labels that a metric's events are read by, less the one that is watched."""
    return tuple(label for label in metric.by if label != watch.label)


def slow_operations(service: Service, metric: Metric, bound: Bound, minimum: int) -> PromQL:
    """The 99th percentile by the labels a histogram is read by, where it is above the bound."""
    by = (*names.SCOPE, *read_labels(metric))
    matchers = of_service(service)
    slowest = requests.percentile(metric, 0.99, by, matchers, EVENTS_WINDOW)
    whole = counters.events(metric, by, matchers, EVENTS_WINDOW)
    return PromQL(f"{slowest} > {bound.above:g} and {counters.at_least(minimum, whole)}")


def above_ceiling(service: Service, metric: Metric, bound: Bound) -> PromQL:
    """What a gauge adds up to by the labels it is read by, where that is above the bound."""
    by = (*names.SCOPE, *metric.by)
    return PromQL(f"{requests.gauge(metric, by, of_service(service))} > {bound.above:g}")


def watched_outcomes(service: Service, metric: Metric, watch: Watch, minimum: int) -> PromQL:
    """The share of the watched outcomes, where it is above their limit."""
    by = (*names.SCOPE, *watched_labels(metric, watch))
    matchers = of_service(service)
    whole = counters.events(metric, by, matchers, EVENTS_WINDOW)
    chosen = (*matchers, among(watch.label, watch.values))
    some = counters.events(metric, by, chosen, EVENTS_WINDOW)
    return PromQL(f"{some} / {whole} > {watch.above:g} and {counters.at_least(minimum, whole)}")


def watched_share(metric: Metric, watch: Watch, by: tuple[str, ...], matchers: Matchers) -> PromQL:
    """That share as a panel draws it: 0 where there is none of them, a gap without events."""
    whole = requests.by_label(metric, by, matchers)
    some = requests.by_label(metric, by, (*matchers, among(watch.label, watch.values)))
    return PromQL(f"({some} or 0 * {whole}) / {whole}")
