"""Rows for the events that a service's log lines report: how many, how well, how long."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Event, Field_, Metric
from dashboards import bounds, common, units
from dashboards.spec import Bars, Column, Lines, LogLines, Panel, Row, Step, Table
from queries import log_lines, requests, scope
from queries.logql import RANGE
from queries.query import Loki, Prom, Query

#: How many rows a table of an open set of values shows.
TOP = 10


def event_rows(catalog: Catalog, service: Service) -> Iterator[Row]:
    """One row an event, in the order of the service's file."""
    for event in service.logs.events:
        panels = (
            *_counts(service, event),
            *_outcome(catalog, service, event),
            *bounds.watched_panels(service, event),
            *_durations(service, event),
            *_trails(service, event),
        )
        yield Row(f"event.{event.id}", event.title, panels)


def _field(service: Service, name: str) -> Field_:
    field = service.logs.field(name)
    if field is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: no field {name}")
    return field


def _counting(service: Service, event: Event) -> Metric | None:
    return service.metric(event.counted_by) if event.counted_by else None


def _counts(service: Service, event: Event) -> Iterator[Panel]:
    metric = _counting(service, event)
    where = scope.of_service(service.id)
    for label in event.by:
        key = f"event.{event.id}.by.{label}"
        title = f"{event.title} by {label}"
        if metric is not None and label in metric.labels:
            yield Panel(
                key=key,
                title=title,
                description=f"{event.help} Here a second, from the metric that counts them.",
                queries=(Prom(requests.by_label(metric, (label,), where), f"{{{{{label}}}}}"),),
                drawing=Lines(),
                unit=units.of_rate(metric.counts or metric.unit),
            )
        elif _field(service, label).values is not None:
            found = log_lines.of_event(service, event, where)
            yield Panel(
                key=key,
                title=title,
                description=f"{event.help} Here in each interval, counted in the lines.",
                queries=(
                    Loki(
                        log_lines.count(log_lines.having(found, label), (label,)),
                        f"{{{{{label}}}}}",
                    ),
                ),
                drawing=Bars(),
                unit=units.COUNT,
                interval="15s",
            )
        else:
            yield _top(service, event, label, key)


def _top(service: Service, event: Event, label: str, key: str) -> Panel:
    found = log_lines.of_event(service, event, scope.of_service(service.id))
    return Panel(
        key=key,
        title=f"{event.title}: most by {label}",
        description=f"{event.help} The {TOP} values of {label} with the most of them in this "
        "range, counted in the lines.",
        queries=(Loki(log_lines.top(TOP, found, (label,), RANGE), instant=True),),
        drawing=Table(
            columns=(Column(label, label.capitalize()), Column("Value #A", "Events", decimals=0)),
            sort="Events",
        ),
        unit=units.COUNT,
    )


def _outcome(catalog: Catalog, service: Service, event: Event) -> Iterator[Panel]:
    if event.outcome is None:
        return
    where = scope.of_service(service.id)
    metric = _counting(service, event)
    limit = catalog.platform.thresholds.event_bad_ratio_maximum
    query: Query
    if metric is not None and (metric.bad or metric.good):
        query = Prom(requests.bad_ratio(metric, (), where), "failed")
    else:
        query = Loki(log_lines.bad_share(service, event, where), "failed")
    bad = ", ".join(event.outcome.bad)
    yield Panel(
        key=f"event.{event.id}.failed",
        title=f"{event.title} that went wrong",
        description=f"Share of them whose {event.outcome.field} is {bad}; the line is where "
        "FailedEvents begins.",
        queries=(query,),
        drawing=Lines(
            steps=(Step("green"), Step("red", limit)),
            soft_maximum=limit,
            colours=(("failed", "red"),),
        ),
        unit=units.RATIO,
        interval="1m",
        empty="None in this range",
    )


def _durations(service: Service, event: Event) -> Iterator[Panel]:
    if event.measures is None:
        return
    where = scope.of_service(service.id)
    field = _field(service, event.measures)
    found = log_lines.of_event(service, event, where)
    measured = units.words(field.name, field.unit)
    # An event that is called as what it measures would say so twice.
    named = event.title.casefold() == measured
    title = event.title if named else f"{event.title}: {measured}"
    yield Panel(
        key=f"event.{event.id}.percentiles",
        title=f"{title}, percentiles" if named else title,
        description=f"{field.help} Percentiles over all lines of each interval."
        f"{bounds.where_it_begins('SlowOperations', event.slow)}"
        f"{bounds.where_it_begins('AboveCeiling', event.ceiling)}",
        queries=tuple(
            Loki(log_lines.percentile(q, field.name, found, ()), f"p{q * 100:g}")
            for q in common.PERCENTILES
        ),
        drawing=bounds.with_limit(common.PERCENTILE_LINES, event.slow or event.ceiling),
        unit=units.of_value(field.unit),
        interval="1m",
    )
    outcome = event.outcome.field if event.outcome else None
    for label in event.by:
        if label != outcome and _field(service, label).values is not None:
            yield Panel(
                key=f"event.{event.id}.p95.{label}",
                title=f"{title}, p95 by {label}" if named else f"{title} p95 by {label}",
                description=f"{field.help} 95 of 100 lines report no more than this.",
                queries=(
                    Loki(
                        log_lines.percentile(
                            0.95, field.name, log_lines.having(found, label), (label,)
                        ),
                        f"{{{{{label}}}}}",
                    ),
                ),
                drawing=Lines(),
                unit=units.of_value(field.unit),
                interval="1m",
            )
            return


def _trails(service: Service, event: Event) -> Iterator[Panel]:
    where = scope.of_service(service.id)
    shown = ", ".join(event.trail)
    yield Panel(
        key=f"event.{event.id}.trail",
        title=f"{event.title}: trail",
        description=f"{event.help} Each line as its {shown}; open it for the rest.",
        queries=(Loki(log_lines.trail(service, event, where)),),
        drawing=LogLines(wrap=False),
        width=24 if event.outcome is None else 12,
        height=9,
    )
    if event.outcome is not None:
        bad = ", ".join(event.outcome.bad)
        yield Panel(
            key=f"event.{event.id}.trail_bad",
            title=f"{event.title} that went wrong: trail",
            description=f"Only those whose {event.outcome.field} is {bad}.",
            queries=(Loki(log_lines.trail(service, event, where, bad=True)),),
            drawing=LogLines(wrap=False),
            width=12,
            height=9,
            empty="None went wrong in this range",
        )
