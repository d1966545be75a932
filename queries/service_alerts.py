"""When something is wrong with a service, as PromQL: what comes back is what is wrong.

Ratios over few events say little, so each comes with the number of events it needs.
"""

from __future__ import annotations

from catalog import names
from catalog.service import Service
from catalog.signals import Metric
from queries import counters, requests
from queries.promql import PromQL, aggregate, increase, over, series
from queries.text import Matchers, equal

#: Requests are judged over this window ...
REQUESTS_WINDOW = "5m"
#: ... and events, which are rarer, over this one.
EVENTS_WINDOW = "30m"
#: Error lines of this window are held against the same window an hour earlier.
SPIKE_WINDOW = "15m"
SPIKE_OFFSET = "1h"


def of_service(service: Service) -> Matchers:
    """The targets and series of a service, in every cluster."""
    return (equal(names.SERVICE, service.id),)


def read_labels(metric: Metric) -> tuple[str, ...]:
    """The labels that a metric's events are read by, less those that tell good from bad."""
    telling = metric.bad or metric.good or {}
    return tuple(label for label in metric.by if label not in telling)


def error_ratio(service: Service, metric: Metric, maximum: float, minimum: int) -> PromQL:
    """The share of failed requests, where it is above the maximum."""
    matchers = of_service(service)
    share = requests.bad_ratio(metric, names.SCOPE, matchers, REQUESTS_WINDOW)
    enough = _enough(metric, matchers, REQUESTS_WINDOW, minimum)
    return PromQL(f"{share} > {maximum:g} and {enough}")


def latency(service: Service, metric: Metric, maximum: float, minimum: int) -> PromQL:
    """The 99th percentile of the duration, where it is above the maximum."""
    matchers = of_service(service)
    slowest = requests.percentile(metric, 0.99, names.SCOPE, matchers, REQUESTS_WINDOW)
    enough = _enough(metric, matchers, REQUESTS_WINDOW, minimum)
    return PromQL(f"{slowest} > {maximum:g} and {enough}")


def failed_events(service: Service, metric: Metric, maximum: float, minimum: int) -> PromQL:
    """The share of bad events by the labels they are read by, where it is above the maximum."""
    by = (*names.SCOPE, *read_labels(metric))
    share = counters.bad_share(metric, by, of_service(service), EVENTS_WINDOW)
    whole = counters.events(metric, by, of_service(service), EVENTS_WINDOW)
    return PromQL(f"{share} > {maximum:g} and {counters.at_least(minimum, whole)}")


def error_lines_spike(service: Service, metric: Metric, factor: float, minimum: int) -> PromQL:
    """How many error lines there were, unless an hour earlier there were about as many."""
    selector = series(metric.name, of_service(service))
    now = counters.events(metric, names.SCOPE, of_service(service), SPIKE_WINDOW)
    earlier = over("increase", selector, SPIKE_WINDOW, offset=SPIKE_OFFSET)
    before = aggregate("sum", names.SCOPE, earlier)
    return PromQL(f"{counters.at_least(minimum, now)} unless {now} <= {factor:g} * {before}")


def _enough(metric: Metric, matchers: Matchers, window: str, minimum: int) -> PromQL:
    counted = increase(series(counters.counter(metric), matchers), window)
    return counters.at_least(minimum, aggregate("sum", names.SCOPE, counted))
