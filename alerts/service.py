"""Alert rules of a service on its requests, events, log lines and targets.

Which ones there are follows from what the service declares. Where an objective watches the
same events, its burn rate pages, and what is here is a ticket.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts import bounds, silence, targets, text
from alerts.model import Alert, Dashboard, Group
from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from queries import outcomes, scope, service_alerts

_HOLD = 300


def group(catalog: Catalog, service: Service) -> Group:
    """The rules of one service."""
    rules = (
        *_requests(catalog, service),
        *_events(catalog, service),
        *_lines(catalog, service),
        *bounds.alerts(catalog, service),
        *silence.alerts(catalog, service),
        *targets.alerts(
            service.name,
            service.id,
            service.owner.team,
            service_alerts.of_service(service),
            _unified(catalog, service),
        ),
    )
    return Group(f"service-{service.id}", catalog.platform.scrape.evaluation, rules)


def _unified(catalog: Catalog, service: Service) -> Dashboard:
    uid = names.unified_uid(catalog.prefix)
    return Dashboard(uid, {scope.SERVICE_VARIABLE: service.id})


def _logs(catalog: Catalog, service: Service) -> Dashboard:
    return Dashboard(names.logs_uid(catalog.prefix, service.id))


def _requests(catalog: Catalog, service: Service) -> Iterator[Alert]:
    metric = service.by_role("requests")
    if metric is None:
        return
    limits = catalog.platform.thresholds
    minimum = limits.minimum_events
    window = service_alerts.REQUESTS_WINDOW
    yield Alert(
        name="HighErrorRatio",
        expr=service_alerts.error_ratio(service, metric, limits.error_ratio_maximum, minimum),
        severity=_severity(service, metric, "availability"),
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name} fails {text.PERCENT} of its requests",
        description=f"Over {window}, and of at least {minimum} requests, more than "
        f"{text.percent(limits.error_ratio_maximum)} failed. Look first at which route "
        "fails, at the error lines of the same minutes, and at what was deployed last.",
        dashboard=_unified(catalog, service),
        hold=_HOLD,
    )
    maximum = limits.latency_p99_seconds * (1000 if metric.unit == "milliseconds" else 1)
    yield Alert(
        name="HighLatency",
        expr=service_alerts.latency(service, metric, maximum, minimum),
        severity=_severity(service, metric, "latency"),
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}: one request in a hundred takes over {text.value_of(metric)}",
        description=f"The 99th percentile over {window} is above "
        f"{limits.latency_p99_seconds:g} s. Look first at which route is slow, at a slow trace, "
        "and at whether the services it calls are slow too.",
        dashboard=_unified(catalog, service),
        hold=_HOLD,
    )


def _severity(service: Service, metric: Metric, kind: str) -> names.Severity:
    """A page, unless an objective of that kind on the same metric pages already."""
    watched = any(
        objective.sli.metric == metric.name and objective.sli.type == kind
        for objective in service.objectives
    )
    return names.TICKET if watched else names.PAGE


def _events(catalog: Catalog, service: Service) -> Iterator[Alert]:
    limits = catalog.platform.thresholds
    for declared in service.metrics:
        metric = outcomes.unwatched(declared)
        if metric is None or metric.role == "requests":
            continue
        labels = service_alerts.read_labels(metric)
        yield Alert(
            name="FailedEvents",
            expr=service_alerts.failed_events(
                service, metric, limits.event_bad_ratio_maximum, limits.minimum_events
            ),
            severity=names.TICKET,
            service=service.id,
            team=service.owner.team,
            summary=f"{service.name}, {metric.title}{text.within(labels)}: "
            f"{text.PERCENT} went wrong",
            description=f"Over {service_alerts.EVENTS_WINDOW}, and of at least "
            f"{limits.minimum_events} events, more than "
            f"{text.percent(limits.event_bad_ratio_maximum)} ended badly. {metric.help} Look first "
            "at the lines that report them, at what they share, and at a trace of one of them.",
            dashboard=_logs(catalog, service),
            hold=_HOLD,
            labels={"metric": metric.name},
        )


def _lines(catalog: Catalog, service: Service) -> Iterator[Alert]:
    limits = catalog.platform.thresholds
    failed = service.by_role("log_errors")
    if failed is not None:
        window, before = service_alerts.SPIKE_WINDOW, service_alerts.SPIKE_OFFSET
        yield Alert(
            name="LogErrorSpike",
            expr=service_alerts.error_lines_spike(
                service, failed, limits.error_lines_factor, limits.minimum_events
            ),
            severity=names.TICKET,
            service=service.id,
            team=service.owner.team,
            summary=f"{service.name} logged {text.NUMBER} error lines in {window}",
            description=f"That is more than {limits.error_lines_factor:g} times as many as "
            f"{before} ago. Look first at which message is new, at when it began, and at what "
            "was deployed then.",
            dashboard=_logs(catalog, service),
            hold=_HOLD,
        )
