"""When a bound that an event declares is passed, as LogQL for Loki's ruler."""

from __future__ import annotations

from catalog import names
from catalog.bounds import Bound, Watch
from catalog.service import Service
from catalog.signals import Event
from queries import log_lines
from queries.log_alerts import EVENTS_WINDOW, counted_by, of_service
from queries.logql import LogQL, aggregate, over, where
from queries.text import Matchers, among, selection

#: What is measured has to stay above its ceiling on average over this.
CEILING_WINDOW = "10m"
#: Slower than the bound may be one in a hundred.
ONE_IN = 0.01

_BY = (*names.SCOPE, names.SERVICE)


def watched_fields(service: Service, event: Event, watch: Watch) -> tuple[str, ...]:
    """The closed fields that an event is counted by, less the one that is watched."""
    return tuple(name for name in counted_by(service, event) if name != watch.label)


def parts(service: Service, event: Event) -> tuple[str, ...]:
    """The closed field that what is measured is told apart by: the first, as on the dashboard.

    More of them would leave each part too few events to judge.
    """
    return counted_by(service, event)[:1]


def slow_operations(service: Service, event: Event, bound: Bound, minimum: int) -> LogQL:
    """The share of an event's lines that report a longer time, where it is above one in a hundred.

    That is when the 99th percentile is above the bound; but Loki 2.9 answers ``unimplemented``
    where a percentile and a count stand in one query that its frontend splits by shards.
    """
    by = (*_BY, *parts(service, event))
    measures = event.measures or ""
    found = log_lines.having(log_lines.of_event(service, event, of_service(service)), measures)
    slow = LogQL(f'{found} | {measures}>{bound.above:.10g} | __error__=""')
    whole = log_lines.count(found, by, EVENTS_WINDOW)
    some = log_lines.count(slow, by, EVENTS_WINDOW)
    return LogQL(f"({some} / {whole} > {ONE_IN:g}) and ({whole} >= {minimum})")


def above_ceiling(service: Service, event: Event, bound: Bound, minimum: int) -> LogQL:
    """The mean of what is measured by closed fields, where it is above the bound.

    A sum over a count, for the same reason: ``avg_over_time`` is split no more than a percentile.
    """
    by = (*_BY, *parts(service, event))
    measures = event.measures or ""
    found = log_lines.having(log_lines.of_event(service, event, of_service(service)), measures)
    numbers = LogQL(f'{found} | unwrap {measures} | __error__=""')
    whole = log_lines.count(found, by, CEILING_WINDOW)
    added = aggregate("sum", by, over("sum_over_time", numbers, CEILING_WINDOW))
    return LogQL(f"({added} / {whole} > {bound.above:.10g}) and ({whole} >= {minimum})")


def watched_outcomes(service: Service, event: Event, watch: Watch, minimum: int) -> LogQL:
    """The share of the watched outcomes, where it is above their limit."""
    by = (*_BY, *watched_fields(service, event, watch))
    matchers = of_service(service)
    whole = log_lines.count(log_lines.of_event(service, event, matchers), by, EVENTS_WINDOW)
    chosen = where((*selection(event.match), among(watch.label, watch.values)))
    some = log_lines.count(log_lines.parsed(service, matchers, chosen), by, EVENTS_WINDOW)
    return LogQL(f"({some} / {whole} > {watch.above:g}) and ({whole} >= {minimum})")


def watched_share(
    service: Service, event: Event, watch: Watch, by: tuple[str, ...], matchers: Matchers
) -> LogQL:
    """That share as a panel draws it: 0 where there is none of them, a gap without lines."""
    whole = log_lines.count(log_lines.of_event(service, event, matchers), by)
    chosen = where((*selection(event.match), among(watch.label, watch.values)))
    some = log_lines.count(log_lines.parsed(service, matchers, chosen), by)
    return LogQL(f"({some} or 0 * {whole}) / {whole}")
