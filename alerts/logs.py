"""Rules for Loki's ruler: what log lines tell and no metric does.

Recorded rates go to Prometheus by the ruler's remote write. Alerts are few: each costs a
query over lines, so what a metric counts is left to Prometheus.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts import log_bounds, log_patterns, text
from alerts.model import Alert, Dashboard, Group, Recording
from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from queries import log_alerts, outcomes

#: A minute: the ranges are five minutes and longer, and every evaluation reads lines.
INTERVAL = 60
_HOLD = 300
_LONG_HOLD = 600


def groups(catalog: Catalog, service: Service) -> tuple[Group, ...]:
    """The rates of a service's lines, and the alerts on what they say."""
    alerts = (
        *_failed_events(catalog, service),
        *_traceless(catalog, service),
        _unreadable(catalog, service),
        *log_bounds.alerts(catalog, service),
    )
    return (
        Group(f"logs-{service.id}-rates", INTERVAL, tuple(_rates(service))),
        Group(f"logs-{service.id}", INTERVAL, alerts),
        log_patterns.group(catalog, service),
    )


def _rates(service: Service) -> Iterator[Recording]:
    yield Recording(names.LOG_LINES_RATE, log_alerts.line_rate(service))
    yield Recording(names.LOG_BYTES_RATE, log_alerts.byte_rate(service))


def _dashboard(catalog: Catalog, service: Service) -> Dashboard:
    return Dashboard(names.logs_uid(catalog.prefix, service.id))


def _failed_events(catalog: Catalog, service: Service) -> Iterator[Alert]:
    limits = catalog.platform.thresholds
    for declared in service.logs.events:
        event = outcomes.unwatched_event(declared)
        if event is None or event.counted_by is not None:
            continue
        fields = log_alerts.counted_by(service, event)
        yield Alert(
            name="FailedEvents",
            expr=log_alerts.failed_events(
                service, event, limits.event_bad_ratio_maximum, limits.minimum_events
            ),
            severity=names.TICKET,
            service=service.id,
            team=service.owner.team,
            summary=f"{service.name}, {event.title}{text.within(fields)}: "
            f"{text.PERCENT} went wrong",
            description=f"Over {log_alerts.EVENTS_WINDOW}, and of at least "
            f"{limits.minimum_events} events, more than "
            f"{text.percent(limits.event_bad_ratio_maximum)} ended badly. {event.help} Look first "
            "at the lines that report them, at what they share, and at a trace of one of them.",
            dashboard=_dashboard(catalog, service),
            hold=_HOLD,
            labels={"event": event.id},
        )


def _traceless(catalog: Catalog, service: Service) -> Iterator[Alert]:
    limits = catalog.platform.thresholds
    ids = [field.name for field in service.logs.fields if field.type == "trace_id"]
    if not ids:
        return
    yield Alert(
        name="MissingTraceIds",
        expr=log_alerts.traceless_errors(
            service,
            ids[0],
            catalog.platform.error_levels,
            limits.traceless_ratio_maximum,
            limits.minimum_events,
        ),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{text.PERCENT} of the error lines of {service.name} carry no trace id",
        description=f"Over {log_alerts.ERRORS_WINDOW}, and of at least {limits.minimum_events} "
        f"error lines, more than {text.percent(limits.traceless_ratio_maximum)} lead to no trace. "
        "Look first at which message they carry, at the release that began it, and at whether "
        "the agent still passes the field on.",
        dashboard=_dashboard(catalog, service),
        hold=_LONG_HOLD,
    )


def _unreadable(catalog: Catalog, service: Service) -> Alert:
    limits = catalog.platform.thresholds
    return Alert(
        name="UnreadableLogLines",
        expr=log_alerts.unreadable(service, limits.event_bad_ratio_maximum, limits.minimum_events),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{text.PERCENT} of the lines of {service.name} are not {service.logs.format}",
        description=f"Over {log_alerts.RATE_WINDOW} more than "
        f"{text.percent(limits.event_bad_ratio_maximum)} of the lines could not be parsed: their "
        "level, trace and event are lost to every panel and rule. Look first at such a line, at "
        "whether a record that spans lines was cut, and at the release that began it.",
        dashboard=_dashboard(catalog, service),
        hold=_HOLD,
    )
