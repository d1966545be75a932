"""Alerts of Loki's ruler on the bounds that the events of a service's log lines declare."""

from __future__ import annotations

from collections.abc import Iterator

from alerts import text
from alerts.model import Alert, Dashboard
from catalog import names
from catalog.bounds import Bound, Watch
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Event, Unit
from queries import log_alerts, log_bounds

_HOLD = 300
_STAYS = 600


def alerts(catalog: Catalog, service: Service) -> Iterator[Alert]:
    """One alert for each bound, in the order of the service's file."""
    for event in service.logs.events:
        if event.slow is not None:
            yield _slow(catalog, service, event, event.slow)
        if event.ceiling is not None:
            yield _ceiling(catalog, service, event, event.ceiling)
        for watch in event.watch:
            yield _watched(catalog, service, event, watch)


def _dashboard(catalog: Catalog, service: Service) -> Dashboard:
    return Dashboard(names.logs_uid(catalog.prefix, service.id))


def _unit(service: Service, event: Event) -> Unit:
    field = service.logs.field(event.measures or "")
    return field.unit if field else "none"


def _slow(catalog: Catalog, service: Service, event: Event, bound: Bound) -> Alert:
    minimum = catalog.platform.thresholds.minimum_events
    unit = _unit(service, event)
    part = text.within(log_bounds.parts(service, event))
    return Alert(
        name="SlowOperations",
        expr=log_bounds.slow_operations(service, event, bound, minimum),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}, {event.title}{part}: {text.PERCENT} take over "
        f"{text.amount(bound.above, unit)}",
        description=f"Over {log_alerts.EVENTS_WINDOW}, and of at least {minimum} of them, that is "
        f"more than {text.percent(log_bounds.ONE_IN)}: the 99th percentile of {event.measures} is "
        f"above the bound. {event.help} Look first at the slowest lines and their traces, at when "
        "it began, and at what was deployed then.",
        dashboard=_dashboard(catalog, service),
        hold=_HOLD,
        labels={"event": event.id},
    )


def _ceiling(catalog: Catalog, service: Service, event: Event, bound: Bound) -> Alert:
    minimum = catalog.platform.thresholds.minimum_events
    unit = _unit(service, event)
    part = text.within(log_bounds.parts(service, event))
    return Alert(
        name="AboveCeiling",
        expr=log_bounds.above_ceiling(service, event, bound, minimum),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}, {event.title}{part}: {text.in_unit(unit)} on average",
        description=f"For ten minutes, and over at least {minimum} lines at a time, the mean of "
        f"{event.measures} over {log_bounds.CEILING_WINDOW} has been above "
        f"{text.amount(bound.above, unit)}. {event.help} Look first at which pod reports most, at "
        "whether it still grows, and at whether its work is done or piles up.",
        dashboard=_dashboard(catalog, service),
        hold=_STAYS,
        labels={"event": event.id},
    )


def _watched(catalog: Catalog, service: Service, event: Event, watch: Watch) -> Alert:
    minimum = catalog.platform.thresholds.minimum_events
    part = text.within(log_bounds.watched_fields(service, event, watch))
    return Alert(
        name="WatchedOutcome",
        expr=log_bounds.watched_outcomes(service, event, watch, minimum),
        severity=watch.severity,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}, {event.title}{part}: {text.PERCENT} {watch.title}",
        description=f"Over {log_alerts.EVENTS_WINDOW}, and of at least {minimum} events, more than "
        f"{text.percent(watch.above)} ended so. {watch.meaning} Look first at who asked, at what "
        "for, and at what was changed before it began.",
        dashboard=_dashboard(catalog, service),
        hold=_HOLD,
        labels={"event": event.id, "watch": watch.id},
    )
