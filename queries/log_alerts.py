"""When the log lines themselves tell that something is wrong, as LogQL for Loki's ruler.

The ruler asks instant metric queries, so every range is fixed, and every query runs on Loki
2.9.4 and 3.x alike: a field is read after the parser, wherever it lives.
"""

from __future__ import annotations

from catalog import names
from catalog.service import Service
from catalog.signals import Event
from queries import log_lines
from queries.logql import LogQL, aggregate, lines, over
from queries.text import Matchers, among, equal

RATE_WINDOW = "5m"
EVENTS_WINDOW = "30m"
ERRORS_WINDOW = "30m"

_BY = (*names.SCOPE, names.SERVICE)
#: A line that cannot be parsed carries an error, and one such line fails a metric query.
_PARSED = '__error__=""'
#: Those lines only; without their error, which would fail the query in its turn.
_UNPARSED = ('__error__!=""', "drop __error__, __error_details__")


def of_service(service: Service) -> Matchers:
    """The streams of a service, in every cluster."""
    return (equal(names.SERVICE, service.id),)


def line_rate(service: Service) -> LogQL:
    """Lines a second by level."""
    return aggregate(
        "sum", (*_BY, names.LEVEL), over("rate", lines(of_service(service)), RATE_WINDOW)
    )


def byte_rate(service: Service) -> LogQL:
    """Bytes a second."""
    return aggregate("sum", _BY, over("bytes_rate", lines(of_service(service)), RATE_WINDOW))


def counted_by(service: Service, event: Event) -> tuple[str, ...]:
    """The fields that an event's lines are counted by: those with a closed set of values.

    An open one could have more values than Loki answers with (``max_query_series``).
    """
    telling = {event.outcome.field} if event.outcome else set()
    fields = (service.logs.field(name) for name in event.by if name not in telling)
    return tuple(field.name for field in fields if field is not None and field.values)


def failed_events(service: Service, event: Event, maximum: float, minimum: int) -> LogQL:
    """The share of an event's lines that report a bad outcome, where it is above the maximum."""
    by = (*_BY, *counted_by(service, event))
    matchers = of_service(service)
    whole = log_lines.count(log_lines.of_event(service, event, matchers), by, EVENTS_WINDOW)
    bad = log_lines.of_event(service, event, matchers, bad=True)
    return _share(log_lines.count(bad, by, EVENTS_WINDOW), whole, maximum, minimum)


def traceless_errors(
    service: Service, trace_id: str, error_levels: tuple[str, ...], maximum: float, minimum: int
) -> LogQL:
    """The share of error lines that carry no trace id, where it is above the maximum.

    One that cannot be read carries no trace id that anyone could see; of it :func:`unreadable`
    tells.
    """
    matchers = (*of_service(service), among(names.LEVEL, error_levels))
    without = lines(matchers, strict(service), _PARSED, f'{trace_id}=""')
    whole = log_lines.count(lines(matchers), _BY, ERRORS_WINDOW)
    return _share(log_lines.count(without, _BY, ERRORS_WINDOW), whole, maximum, minimum)


def unreadable(service: Service, maximum: float, minimum: int) -> LogQL:
    """The share of lines that are not in the service's format, where it is above the maximum."""
    matchers = of_service(service)
    whole = log_lines.count(lines(matchers), _BY, RATE_WINDOW)
    odd = lines(matchers, strict(service), *_UNPARSED)
    return _share(log_lines.count(odd, _BY, RATE_WINDOW), whole, maximum, minimum)


def strict(service: Service) -> str:
    """The parser, made to complain: logfmt passes over what it cannot read unless told not to."""
    parser = log_lines.parser(service)
    return f"{parser} --strict" if parser == "logfmt" else parser


def _share(part: LogQL, whole: LogQL, maximum: float, minimum: int) -> LogQL:
    return LogQL(f"({part} / {whole} > {maximum:g}) and ({whole} >= {minimum})")
