"""What the bounds of the catalog look like on a dashboard: the lines at which alerts begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog import names
from catalog.bounds import Bound, Watch
from catalog.platform import Platform
from catalog.service import Service
from catalog.signals import Event, Metric
from dashboards import units
from dashboards.spec import Column, Lines, Panel, Step, Table
from queries import bounds, log_bounds, log_patterns, scope
from queries.logql import RANGE
from queries.query import Loki, Prom, Query
from queries.text import among

#: How many messages the table shows.
_MESSAGES = 10


def with_limit(drawing: Lines, bound: Bound | None) -> Lines:
    """The drawing with a red line at the bound, which is in sight even where all is well."""
    if bound is None:
        return drawing
    return replace(
        drawing,
        steps=(Step("green"), Step("red", bound.above)),
        soft_maximum=bound.above,
    )


def where_it_begins(alert: str, bound: Bound | None) -> str:
    """The sentence of a panel's description that explains the line."""
    return f" The line is where {alert} begins." if bound is not None else ""


def error_messages(service: Service, platform: Platform) -> Panel:
    """The most frequent error messages, as the alert on new ones tells them apart."""
    where = (*scope.of_service(service.id), among(names.LEVEL, platform.error_levels))
    return Panel(
        key="volume.messages",
        title="Error messages",
        description=f"The {_MESSAGES} most frequent messages of error lines in this range; words "
        "with digits and texts in quotes count as alike. NewErrorPattern tells of one that a day "
        "of lines does not have.",
        queries=(Loki(log_patterns.top(service, where, _MESSAGES, RANGE), instant=True),),
        drawing=Table(
            columns=(
                Column(names.ERROR_PATTERN, "Message"),
                Column("Value #A", "Lines", decimals=0, width=90),
            ),
            sort="Lines",
        ),
        unit=units.COUNT,
        width=24,
        height=7,
        empty="No error line in this range",
    )


def watched_panels(service: Service, event: Event) -> Iterator[Panel]:
    """Of an event: from the metric that counts it, or from its lines."""
    metric = service.metric(event.counted_by) if event.counted_by else None
    if metric is not None:
        yield from watched_metric_panels(service, metric, event.title)
    where = scope.of_service(service.id)
    for watch in event.watch:
        fields = log_bounds.watched_fields(service, event, watch)[:1]
        share = log_bounds.watched_share(service, event, watch, fields, where)
        yield _panel(
            f"event.{event.id}", event.title, watch, fields, Loki(share, _legend(fields, watch))
        )


def watched_metric_panels(service: Service, metric: Metric, title: str) -> Iterator[Panel]:
    """Of a metric: the share of each watched outcome, by the first label that it is read by."""
    where = scope.of_service(service.id)
    for watch in metric.watch:
        labels = bounds.watched_labels(metric, watch)[:1]
        share = bounds.watched_share(metric, watch, labels, where)
        yield _panel(
            f"metric.{metric.name}", title, watch, labels, Prom(share, _legend(labels, watch))
        )


def _legend(labels: tuple[str, ...], watch: Watch) -> str:
    return f"{{{{{labels[0]}}}}}" if labels else watch.title


def _panel(key: str, title: str, watch: Watch, labels: tuple[str, ...], query: Query) -> Panel:
    by = f" by {labels[0]}" if labels else ""
    return Panel(
        key=f"{key}.watch.{watch.id}",
        title=f"{title} {watch.title}{by}",
        description=f"Share of them whose {watch.label} is {', '.join(watch.values)}. "
        f"{watch.meaning} The line is where WatchedOutcome begins.",
        queries=(query,),
        drawing=Lines(steps=(Step("green"), Step("red", watch.above)), soft_maximum=watch.above),
        unit=units.RATIO,
        interval="1m",
        empty="None in this range",
    )
