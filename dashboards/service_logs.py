"""The logs of one service, and what the service is about: its events and its own metrics."""

from __future__ import annotations

from collections.abc import Iterator

from catalog import names
from catalog.model import Catalog
from catalog.platform import Platform
from catalog.service import Service
from catalog.signals import Metric
from dashboards import bounds, common, units
from dashboards.events import event_rows
from dashboards.spec import (
    Bars,
    Colour,
    Dashboard,
    Lines,
    LogLines,
    Panel,
    Row,
    Stat,
    Step,
    Variable,
)
from queries import log_lines, requests, scope
from queries.logql import RANGE, LogQL, lines
from queries.promql import series, total
from queries.query import Loki, Prom
from queries.text import among

SEARCH_VARIABLE = "contains"


def build(catalog: Catalog, service: Service) -> Dashboard:
    """One service's log dashboard; what stands on it follows from the service's file."""
    platform = catalog.platform
    rows = (
        _now(service, platform),
        _volume(service, platform),
        *event_rows(catalog, service),
        _own_metrics(service),
        _lines(service),
    )
    return Dashboard(
        uid=names.logs_uid(catalog.prefix, service.id),
        title=f"{service.name} logs",
        description=f"{service.description} Its log lines, and the events they report.",
        folder=service.folder or platform.folder("logs").id,
        owner=service.owner.team,
        rows=tuple(row for row in rows if row.panels),
        variables=_variables(service, platform),
        annotations=common.marks((service,), scope.of_service(service.id)),
        tags=(catalog.prefix, "logs", service.id),
    )


def _variables(service: Service, platform: Platform) -> tuple[Variable, ...]:
    search = Variable(
        name=SEARCH_VARIABLE,
        title="Contains",
        description="Only lines that contain this text.",
        kind="text",
    )
    return (
        *common.cluster_and_environment(),
        *common.namespace_and_pod(service.id),
        common.level(platform),
        search,
    )


def _now(service: Service, platform: Platform) -> Row:
    where = scope.of_service(service.id)
    panels: list[Panel] = []
    read, failed = service.by_role("log_lines"), service.by_role("log_errors")
    if read:
        panels.append(
            Panel(
                key="now.lines",
                title="Lines",
                description="Lines a second that the agent reads.",
                queries=(Prom(requests.by_label(read, (), where)),),
                drawing=Stat(decimals=1),
                unit=units.LINES_PER_SECOND,
                width=6,
                height=4,
            )
        )
    if failed:
        panels.append(
            Panel(
                key="now.errors",
                title="Error lines",
                description="Lines of an error level a second.",
                queries=(Prom(requests.by_label(failed, (), where)),),
                drawing=Stat(
                    steps=(Step("green"), Step("yellow", 0.1), Step("red", 1)), decimals=2
                ),
                unit=units.LINES_PER_SECOND,
                width=6,
                height=4,
                empty="None",
            )
        )
    every = lines(where)
    errors = lines((*where, among(names.LEVEL, platform.error_levels)))
    panels += [
        Panel(
            key="now.range",
            title="Lines in this range",
            description="How many lines Loki holds for the range on the screen.",
            queries=(Loki(log_lines.count(every, (), RANGE), instant=True),),
            drawing=Stat(sparkline=False, decimals=0),
            width=6,
            height=4,
        ),
        Panel(
            key="now.errors_range",
            title="Error lines in this range",
            description="How many of them are of an error level.",
            queries=(Loki(log_lines.count(errors, (), RANGE), instant=True),),
            drawing=Stat(steps=(Step("green"), Step("yellow", 1)), sparkline=False, decimals=0),
            width=6,
            height=4,
            empty="None",
        ),
    ]
    return Row("now", "Now", tuple(panels))


def _volume(service: Service, platform: Platform) -> Row:
    where = scope.of_service(service.id)
    errors = (*where, among(names.LEVEL, platform.error_levels))
    panels = [
        Panel(
            key="volume.level",
            title="Log lines by level",
            description="How many lines there are in each interval, by level.",
            queries=(Loki(log_lines.count(lines(where), (names.LEVEL,)), "{{level}}"),),
            drawing=Bars(colours=common.level_colours(platform)),
            unit=units.LINES,
            width=12,
            interval="15s",
        ),
        Panel(
            key="volume.errors",
            title="Error lines",
            description="The newest lines of an error level.",
            queries=(Loki(lines(errors)),),
            drawing=LogLines(wrap=False),
            width=12,
            empty="No error line in this range",
        ),
    ]
    panels += _kept(service)
    panels.append(bounds.error_messages(service, platform))
    if service.logs.multiline:
        spanning = LogQL(f'{lines(errors)} |~ "\\\\n"')
        panels.append(
            Panel(
                key="volume.multiline",
                title="Errors that span lines",
                description="Records that the service wrote over several lines, joined by the "
                "agent, of an error level.",
                queries=(Loki(spanning, limit=50),),
                drawing=LogLines(),
                width=24,
                height=9,
                empty="No error spans lines in this range",
            )
        )
    return Row("volume", "Volume and errors", tuple(panels))


def _kept(service: Service) -> list[Panel]:
    """What Loki holds beside what the agent read, both from recorded or counted series."""
    where = scope.of_service(service.id)
    kept = Prom(total((), series(names.LOG_LINES_RATE, where)), "kept by Loki")
    read = service.by_role("log_lines")
    counted = (Prom(requests.by_label(read, (), where), "read by the agent"),) if read else ()
    colours: tuple[tuple[str, Colour], ...] = (("kept by Loki", "green"),)
    if read:
        colours = (("read by the agent", "blue"), *colours)
    return [
        Panel(
            key="volume.kept",
            title="Lines read and kept",
            description="Lines a second that the agent read, and that Loki holds: where the two "
            "part, lines are lost or late on the way.",
            queries=(*counted, kept),
            drawing=Lines(colours=colours),
            unit=units.LINES_PER_SECOND,
            width=12,
        ),
        Panel(
            key="volume.bytes",
            title="Bytes kept",
            description="Bytes a second that Loki holds of this service, before compression.",
            queries=(Prom(total((), series(names.LOG_BYTES_RATE, where)), "bytes"),),
            drawing=Lines(),
            unit=units.BYTES_PER_SECOND,
            width=12,
        ),
    ]


def _own_metrics(service: Service) -> Row:
    """The metrics that no event and no shared role shows already."""
    counted = {event.counted_by for event in service.logs.events}
    own = [
        metric for metric in service.metrics if metric.role is None and metric.name not in counted
    ]
    panels = tuple(
        panel
        for metric in own
        for panel in (
            *metric_panels(service, metric),
            *bounds.watched_metric_panels(service, metric, metric.title),
        )
    )
    return Row("metrics", "Metrics of this service", panels)


def metric_panels(service: Service, metric: Metric) -> Iterator[Panel]:
    """A metric by each of the labels it is read by."""
    where = scope.of_service(service.id)
    if metric.type == "histogram":
        yield Panel(
            key=f"metric.{metric.name}",
            title=metric.title,
            description=f"{metric.help}{bounds.where_it_begins('SlowOperations', metric.slow)}",
            queries=tuple(
                Prom(requests.percentile(metric, q, (), where), f"p{q * 100:g}")
                for q in common.PERCENTILES
            ),
            drawing=bounds.with_limit(common.PERCENTILE_LINES, metric.slow),
            unit=units.of_value(metric.unit),
            width=12,
        )
        return
    for label in metric.by or (names.POD,):
        yield Panel(
            key=f"metric.{metric.name}.{label}",
            title=f"{metric.title} by {label}",
            description=f"{metric.help}{bounds.where_it_begins('AboveCeiling', metric.ceiling)}",
            queries=(_by(metric, label, service),),
            drawing=bounds.with_limit(Lines(), metric.ceiling),
            unit=_unit(metric),
            width=12,
        )


def _by(metric: Metric, label: str, service: Service) -> Prom:
    where = scope.of_service(service.id)
    if metric.type == "gauge":
        return Prom(requests.gauge(metric, (label,), where), f"{{{{{label}}}}}")
    return Prom(requests.by_label(metric, (label,), where), f"{{{{{label}}}}}")


def _unit(metric: Metric) -> str:
    if metric.type == "gauge":
        return units.of_value(metric.unit)
    return units.of_rate(metric.counts or metric.unit)


def _lines(service: Service) -> Row:
    where = (
        *scope.of_service(service.id),
        scope.chosen(names.NAMESPACE, scope.NAMESPACE_VARIABLE),
        scope.chosen(names.POD, scope.POD_VARIABLE),
        scope.chosen(names.LEVEL, scope.LEVEL_VARIABLE),
    )
    found = LogQL(f"{lines(where)} |= ${{{SEARCH_VARIABLE}:doublequote}}")
    return Row(
        "lines",
        "Log lines",
        (
            Panel(
                key="lines.all",
                title="Log lines",
                description="The newest lines of the chosen pods and levels. Open one to go to "
                "its trace.",
                queries=(Loki(LogQL(f"{found} | {log_lines.parser(service)}"), limit=200),),
                drawing=LogLines(wrap=False),
                width=24,
                height=14,
            ),
        ),
    )
