"""When a bound that an event declares is passed, as LogQL for Loki's ruler."""

from __future__ import annotations

from catalog import names
from catalog.bounds import Bound, Watch
from catalog.service import Service
from catalog.signals import Event
from queries import log_lines
from queries.log_alerts import EVENTS_WINDOW, counted_by, of_service
from queries.logql import LogQL, measured, quantile, where
from queries.text import among, selection

#: What is measured has to stay above its ceiling on average over this.
CEILING_WINDOW = "10m"

_BY = (*names.SCOPE, names.SERVICE)


def watched_fields(service: Service, event: Event, watch: Watch) -> tuple[str, ...]:
    """The closed fields that an event is counted by, less the one that is watched."""
    return tuple(name for name in counted_by(service, event) if name != watch.label)


def slow_operations(service: Service, event: Event, bound: Bound, minimum: int) -> LogQL:
    """The 99th percentile of a measured time by closed fields, where it is above the bound."""
    by = (*_BY, *counted_by(service, event))
    found = log_lines.of_event(service, event, of_service(service))
    slowest = quantile(0.99, event.measures or "", found, by, EVENTS_WINDOW)
    whole = log_lines.count(found, by, EVENTS_WINDOW)
    return LogQL(f"({slowest} > {bound.above:g}) and ({whole} >= {minimum})")


def above_ceiling(service: Service, event: Event, bound: Bound, minimum: int) -> LogQL:
    """The mean of what is measured by closed fields, where it is above the bound."""
    by = (*_BY, *counted_by(service, event))
    found = log_lines.of_event(service, event, of_service(service))
    mean = measured("avg_over_time", event.measures or "", found, by, CEILING_WINDOW)
    whole = log_lines.count(found, by, CEILING_WINDOW)
    return LogQL(f"({mean} > {bound.above:g}) and ({whole} >= {minimum})")


def watched_outcomes(service: Service, event: Event, watch: Watch, minimum: int) -> LogQL:
    """The share of the watched outcomes, where it is above their limit."""
    by = (*_BY, *watched_fields(service, event, watch))
    matchers = of_service(service)
    whole = log_lines.count(log_lines.of_event(service, event, matchers), by, EVENTS_WINDOW)
    chosen = where((*selection(event.match), among(watch.label, watch.values)))
    some = log_lines.count(log_lines.parsed(service, matchers, chosen), by, EVENTS_WINDOW)
    return LogQL(f"({some} / {whole} > {watch.above:g}) and ({whole} >= {minimum})")
