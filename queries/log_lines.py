"""Log lines of a service, parsed as its format asks, and what is counted over them."""

from __future__ import annotations

from collections.abc import Iterable

from catalog import names
from catalog.service import Service
from catalog.signals import Event
from queries.logql import INTERVAL, LogQL, aggregate, line_format, lines, over, quantile, where
from queries.text import Matchers, among, selection

#: Parses lines of services whose formats differ, and drops the complaint of the parser that
#: did not fit.
ANY_FORMAT = ("json", "logfmt", "drop __error__, __error_details__")


def parser(service: Service) -> str:
    """The stage that extracts the fields of a service's lines: ``json`` or ``logfmt``."""
    return service.logs.format


def parsers(services: Iterable[Service]) -> tuple[str, ...]:
    """The stages that extract the fields of any of the services' lines."""
    formats = {parser(service) for service in services}
    return tuple(formats) if len(formats) == 1 else ANY_FORMAT


def parsed(service: Service, matchers: Matchers, *stages: str) -> LogQL:
    """The parsed lines of the streams, through further stages."""
    return lines(matchers, parser(service), *stages)


def of_event(service: Service, event: Event, matchers: Matchers, *, bad: bool = False) -> LogQL:
    """The lines that report an event, or only those that report one gone wrong."""
    conditions = selection(event.match)
    if bad and event.outcome:
        conditions += (among(event.outcome.field, event.outcome.bad),)
    return parsed(service, matchers, where(conditions))


def count(query: LogQL, by: Iterable[str], window: str = INTERVAL) -> LogQL:
    """How many lines there are in the window."""
    return aggregate("sum", by, over("count_over_time", query, window))


def top(number: int, query: LogQL, by: tuple[str, ...], window: str) -> LogQL:
    """The label sets with the most lines in the window; the rest is left out."""
    return aggregate("topk", (), count(query, by, window), str(number))


def percentile(q: float, field: str, query: LogQL, by: tuple[str, ...]) -> LogQL:
    """A percentile of a numeric field of the lines: by labels, or of all of a service's lines.

    ``by ()`` would say the latter too, but Loki 2.9 reads it as no grouping at all, and then
    every set of values that a parser finds is a series of its own, up to its limit of 500.
    """
    return quantile(q, field, query, by or (names.SERVICE,))


def trail(service: Service, event: Event, matchers: Matchers, *, bad: bool = False) -> LogQL:
    """The event's lines, each as the few fields that tell what happened."""
    return LogQL(f"{of_event(service, event, matchers, bad=bad)} | {line_format(event.trail)}")


def having(query: LogQL, field: str) -> LogQL:
    """Only the lines in which a field is there and not empty."""
    return LogQL(f'{query} | {field}!=""')


def bad_share(service: Service, event: Event, matchers: Matchers) -> LogQL:
    """The share of an event's lines that went wrong, 0 where none did, a gap without lines."""
    whole = count(of_event(service, event, matchers), ())
    some = count(of_event(service, event, matchers, bad=True), ())
    return LogQL(f"({some} or 0 * {whole}) / {whole}")
