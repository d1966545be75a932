"""Alerts on the bounds that a service's metrics declare of themselves.

Where an event of the log lines declares one and no metric counts it, :mod:`alerts.log_bounds`
asks Loki.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts import text
from alerts.model import Alert, Dashboard
from catalog import names
from catalog.bounds import Bound, Watch
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from queries import bounds, service_alerts

_HOLD = 300
#: A gauge that is high at one scrape may be low at the next: it has to stay above.
_STAYS = 600


def alerts(catalog: Catalog, service: Service) -> Iterator[Alert]:
    """One alert for each bound, in the order of the service's file."""
    for metric in service.metrics:
        if metric.slow is not None:
            yield _slow(catalog, service, metric, metric.slow)
        if metric.ceiling is not None:
            yield _ceiling(catalog, service, metric, metric.ceiling)
        for watch in metric.watch:
            yield _watched(catalog, service, metric, watch)


def _dashboard(catalog: Catalog, service: Service) -> Dashboard:
    return Dashboard(names.logs_uid(catalog.prefix, service.id))


def _slow(catalog: Catalog, service: Service, metric: Metric, bound: Bound) -> Alert:
    minimum = catalog.platform.thresholds.minimum_events
    part = text.within(service_alerts.read_labels(metric))
    return Alert(
        name="SlowOperations",
        expr=bounds.slow_operations(service, metric, bound, minimum),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}, {metric.title}{part}: one in a hundred takes over "
        f"{text.in_unit(metric.unit)}",
        description=f"Over {service_alerts.EVENTS_WINDOW}, and of at least {minimum} of them, the "
        f"99th percentile is above {text.amount(bound.above, metric.unit)}. {metric.help} Look "
        "first at the slowest lines and their traces, at when it began, and at what was deployed "
        "then.",
        dashboard=_dashboard(catalog, service),
        hold=_HOLD,
        labels={"metric": metric.name},
    )


def _ceiling(catalog: Catalog, service: Service, metric: Metric, bound: Bound) -> Alert:
    return Alert(
        name="AboveCeiling",
        expr=bounds.above_ceiling(service, metric, bound),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}, {metric.title}{text.within(metric.by)}: "
        f"{text.in_unit(metric.unit)}",
        description=f"For ten minutes all of it together has been above "
        f"{text.amount(bound.above, metric.unit)}. {metric.help} Look first at which pod has most "
        "of it, at whether it still grows, and at whether its work is done or piles up.",
        dashboard=_dashboard(catalog, service),
        hold=_STAYS,
        labels={"metric": metric.name},
    )


def _watched(catalog: Catalog, service: Service, metric: Metric, watch: Watch) -> Alert:
    minimum = catalog.platform.thresholds.minimum_events
    part = text.within(bounds.watched_labels(metric, watch))
    return Alert(
        name="WatchedOutcome",
        expr=bounds.watched_outcomes(service, metric, watch, minimum),
        severity=watch.severity,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}, {metric.title}{part}: {text.PERCENT} {watch.title}",
        description=f"Over {service_alerts.EVENTS_WINDOW}, and of at least {minimum} events, more "
        f"than {text.percent(watch.above)} ended so. {watch.meaning} Look first at who asked, at "
        "what for, and at what was changed before it began.",
        dashboard=_dashboard(catalog, service),
        hold=_HOLD,
        labels={"metric": metric.name, "watch": watch.id},
    )
