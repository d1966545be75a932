"""Metrics, logs and traces of one service on one page, and from each to the others."""

from __future__ import annotations

from catalog import names
from catalog.links import dashboard_path
from catalog.model import Catalog
from catalog.signals import Metric
from dashboards import common, units
from dashboards.slo_parts import BUDGET_STEPS
from dashboards.spec import (
    AlertList,
    Bars,
    Column,
    Dashboard,
    Lines,
    Link,
    LogLines,
    NodeGraph,
    Panel,
    Row,
    Stat,
    Step,
    Table,
    Trace,
    TraceList,
    Variable,
)
from queries import log_lines, requests, scope
from queries.logql import lines
from queries.promql import aggregate, series
from queries.query import Jaeger, Loki, Prom
from queries.slo_series import budget_remaining
from queries.text import Matchers, among, equal

#: A request is called slow from here on, in the list of slow traces.
SLOW = "500ms"
_SERVICE = f"${scope.SERVICE_VARIABLE}"
_TRACE = f"${{{scope.TRACE_VARIABLE}}}"


def build(catalog: Catalog) -> Dashboard:
    """The one page that a page points to."""
    traced = "jaeger" in catalog.platform.components
    rows = (
        _every_service(catalog),
        _golden_signals(catalog),
        _alerts(),
        _requests(catalog),
        _logs(catalog),
        *((_traces(catalog), _one_trace()) if traced else ()),
    )
    return Dashboard(
        uid=names.unified_uid(catalog.prefix),
        title=f"{catalog.platform.system.name}: metrics, logs and traces",
        description="Requests, log lines and traces of one service, with links between them.",
        folder=catalog.platform.folder("overview").id,
        owner=catalog.platform.owner.team,
        rows=tuple(row for row in rows if row.panels),
        variables=_variables(catalog, traced),
        annotations=common.marks(catalog.services, scope.scope()),
        tags=(catalog.prefix, "unified"),
    )


def _variables(catalog: Catalog, traced: bool) -> tuple[Variable, ...]:
    service = Variable(
        name=scope.SERVICE_VARIABLE,
        title="Service",
        description="The service that everything below the first row is about.",
        kind="custom",
        values=tuple(service.id for service in catalog.services),
    )
    trace = Variable(
        name=scope.TRACE_VARIABLE,
        title="Trace id",
        description="Narrows the log lines to one trace, and shows that trace in full.",
        kind="text",
    )
    return (
        *common.cluster_and_environment(),
        service,
        *common.namespace_and_pod(_SERVICE),
        common.level(catalog.platform),
        *((trace,) if traced or _has_trace_ids(catalog) else ()),
    )


def _has_trace_ids(catalog: Catalog) -> bool:
    return any(service.logs.field(scope.TRACE_VARIABLE) for service in catalog.services)


def _request_metrics(catalog: Catalog) -> tuple[Metric, ...]:
    """The distinct metrics that count requests: one, where all services use one convention."""
    found = {metric.name: metric for _, metric in catalog.with_role("requests")}
    return tuple(found.values())


def _error_line_metrics(catalog: Catalog) -> tuple[Metric, ...]:
    found = {metric.name: metric for _, metric in catalog.with_role("log_errors")}
    return tuple(found.values())


def _links(catalog: Catalog, service: str) -> tuple[Link, ...]:
    return (
        common.logs_around(catalog.prefix, service),
        common.to_unified(catalog.prefix, service),
    )


def _every_service(catalog: Catalog) -> Row:
    metrics = _request_metrics(catalog)
    by, where = (names.SERVICE,), scope.scope()
    links = _links(catalog, "${__field.labels.service}")
    threshold = catalog.platform.thresholds.error_ratio_maximum
    panels: list[Panel] = []
    if metrics:
        panels += [
            Panel(
                key="all.rate",
                title="Requests by service",
                description="Requests a second that each service answers.",
                queries=tuple(
                    Prom(requests.by_label(metric, by, where), "{{service}}") for metric in metrics
                ),
                drawing=Lines(),
                unit=units.of_rate("requests"),
                width=6,
                links=links,
            ),
            Panel(
                key="all.errors",
                title="Error ratio by service",
                description="Share of each service's requests that failed; the line is where "
                "HighErrorRatio begins.",
                queries=tuple(
                    Prom(requests.bad_ratio(metric, by, where), "{{service}}") for metric in metrics
                ),
                drawing=Lines(
                    steps=(Step("green"), Step("red", threshold)), soft_maximum=threshold
                ),
                unit=units.RATIO,
                width=6,
                links=links,
            ),
            Panel(
                key="all.p99",
                title="Latency p99 by service",
                description="99 of 100 requests are answered within this time.",
                queries=tuple(
                    Prom(requests.percentile(metric, 0.99, by, where), "{{service}}")
                    for metric in metrics
                ),
                drawing=Lines(),
                unit=units.of_value(metrics[0].unit),
                width=6,
                links=links,
            ),
        ]
    error_lines = _error_line_metrics(catalog)
    if error_lines:
        panels.append(
            Panel(
                key="all.log_errors",
                title="Error lines by service",
                description="Log lines of an error level that the agent reads, a second.",
                queries=tuple(
                    Prom(requests.by_label(metric, by, where), "{{service}}")
                    for metric in error_lines
                ),
                drawing=Lines(),
                unit=units.LINES_PER_SECOND,
                width=6,
                links=links,
                empty="No error line yet",
            )
        )
    return Row("all", "Every service", tuple(panels))


def _golden_signals(catalog: Catalog) -> Row:
    metrics = _request_metrics(catalog)
    where = scope.chosen_pods()
    thresholds = catalog.platform.thresholds
    ratio = thresholds.error_ratio_maximum
    panels: list[Panel] = []
    if metrics:
        panels += [
            Panel(
                key="now.rate",
                title="Requests",
                description="Requests a second, of the chosen pods.",
                queries=tuple(Prom(requests.by_label(metric, (), where)) for metric in metrics),
                drawing=Stat(decimals=1),
                unit=units.of_rate("requests"),
                width=4,
                height=4,
            ),
            Panel(
                key="now.errors",
                title="Error ratio",
                description="Share of requests that failed, of the chosen pods.",
                queries=tuple(Prom(requests.bad_ratio(metric, (), where)) for metric in metrics),
                drawing=Stat(
                    steps=(Step("green"), Step("yellow", ratio / 2), Step("red", ratio)),
                    decimals=2,
                ),
                unit=units.RATIO,
                width=4,
                height=4,
            ),
            Panel(
                key="now.p99",
                title="Latency p99",
                description="99 of 100 requests are answered within this time.",
                queries=tuple(
                    Prom(requests.percentile(metric, 0.99, (), where)) for metric in metrics
                ),
                drawing=Stat(steps=(Step("green"), Step("red", thresholds.latency_p99_seconds))),
                unit=units.of_value(metrics[0].unit),
                width=4,
                height=4,
            ),
        ]
    if catalog.has_objectives:
        panels.append(
            Panel(
                key="now.budget",
                title="Error budget left",
                description="The smallest error budget left among the service's objectives.",
                queries=(Prom(aggregate("min", (), budget_remaining(scope.of_service(_SERVICE)))),),
                drawing=Stat(steps=BUDGET_STEPS, decimals=1),
                unit=units.RATIO,
                width=4,
                height=4,
                empty="No objective",
            )
        )
    firing = series("ALERTS", (*scope.of_service(_SERVICE), equal("alertstate", "firing")))
    panels.append(
        Panel(
            key="now.alerts",
            title="Alerts firing",
            description="Alerts of this service that fire now.",
            queries=(Prom(aggregate("count", (), firing)),),
            drawing=Stat(steps=(Step("green"), Step("red", 1)), sparkline=False, decimals=0),
            width=4,
            height=4,
            empty="None",
        )
    )
    error_lines = _error_line_metrics(catalog)
    if error_lines:
        panels.append(
            Panel(
                key="now.log_errors",
                title="Error lines",
                description="Log lines of an error level, a second, of the chosen pods.",
                queries=tuple(Prom(requests.by_label(metric, (), where)) for metric in error_lines),
                drawing=Stat(
                    steps=(Step("green"), Step("yellow", 0.1), Step("red", 1)), decimals=2
                ),
                unit=units.LINES_PER_SECOND,
                width=4,
                height=4,
                empty="None",
            )
        )
    return Row("now", f"{_SERVICE} now", tuple(panels))


def _requests(catalog: Catalog) -> Row:
    where = scope.chosen_pods()
    links = (common.logs_around(catalog.prefix, f"${{{scope.SERVICE_VARIABLE}}}"),)
    panels: list[Panel] = []
    for metric in _request_metrics(catalog):
        panels.extend(
            Panel(
                key=f"requests.{metric.name}.{label}",
                title=f"{metric.title} by {label}",
                description=f"{metric.help} Here a second, by {label}.",
                queries=(Prom(requests.by_label(metric, (label,), where), f"{{{{{label}}}}}"),),
                drawing=Lines(),
                unit=units.of_rate(metric.counts),
                links=links,
            )
            for label in metric.by
        )
        panels.append(_latency(metric, where, links))
    return Row("requests", f"{_SERVICE}: requests", tuple(panels))


def _latency(metric: Metric, where: Matchers, links: tuple[Link, ...]) -> Panel:
    exemplars = metric.exemplars
    marks = " A dot is one request: click it to see its trace." if exemplars else ""
    return Panel(
        key=f"requests.{metric.name}.latency",
        title=f"{metric.title}: latency",
        description=f"{metric.help}{marks}",
        queries=tuple(
            Prom(
                requests.percentile(metric, q, (), where),
                f"p{q * 100:g}",
                # Each query would draw the same dots.
                exemplars=exemplars and q == 0.99,
            )
            for q in (0.5, 0.9, 0.99)
        ),
        drawing=Lines(colours=(("p50", "green"), ("p90", "yellow"), ("p99", "red"))),
        unit=units.of_value(metric.unit),
        links=links,
    )


def _logs(catalog: Catalog) -> Row:
    where = (*scope.chosen_pods(), scope.chosen(names.LEVEL, scope.LEVEL_VARIABLE))
    stages = log_lines.parsers(catalog.services)
    if _has_trace_ids(catalog):
        # With an empty variable this matches any line, with or without a trace id.
        narrowed = f'{scope.TRACE_VARIABLE}=~"{_TRACE}.*"'
        stages = (*stages, narrowed)
    found = lines(where, *stages)
    return Row(
        "logs",
        f"{_SERVICE}: logs",
        (
            Panel(
                key="logs.volume",
                title="Log lines by level",
                description="How many lines there are in each interval, by level.",
                queries=(Loki(log_lines.count(found, (names.LEVEL,)), "{{level}}"),),
                drawing=Bars(colours=common.level_colours(catalog.platform)),
                width=24,
                height=6,
                interval="15s",
                empty="No line of these levels",
            ),
            Panel(
                key="logs.lines",
                title="Log lines",
                description="The newest lines. Open one to go to its trace.",
                queries=(Loki(found, limit=200),),
                drawing=LogLines(wrap=False),
                width=24,
                height=12,
            ),
        ),
    )


def _traces(catalog: Catalog) -> Row:
    service = f"${{{scope.SERVICE_VARIABLE}}}"
    lists = (
        ("recent", "Recent traces", "The newest traces that touch the service.", "", ""),
        ("slow", f"Slow traces (over {SLOW})", "Traces that took long.", "", SLOW),
        ("failed", "Failed traces", "Traces with a span that failed.", '{"error":"true"}', ""),
    )
    panels = [
        Panel(
            key=f"traces.{key}",
            title=title,
            description=description,
            queries=(
                Jaeger("search", service=service, tags=tags, minimum_duration=minimum, limit=20),
            ),
            drawing=TraceList(),
            width=12,
            height=9,
            empty="No such trace in this range",
        )
        for key, title, description, tags, minimum in lists
    ]
    if _has_trace_ids(catalog):
        panels.append(_traces_in_logs(catalog))
    panels.append(
        Panel(
            key="traces.graph",
            title="Calls between services",
            description="Which service calls which, from the traces.",
            queries=(Jaeger("dependencies"),),
            drawing=NodeGraph(),
            width=24,
            height=10,
        )
    )
    return Row("traces", f"{_SERVICE}: traces", tuple(panels))


def _one_trace() -> Row:
    """Closed until someone has chosen a trace: without an id, Jaeger answers with an error."""
    panel = Panel(
        key="traces.one",
        title=f"Trace {_TRACE}",
        description="The trace whose id stands in the variable 'Trace id'.",
        queries=(Jaeger("trace", trace_id=_TRACE),),
        drawing=Trace(),
        width=24,
        height=16,
        empty="No such trace: Jaeger keeps traces for a few days only",
    )
    title = f"One trace in full (choose a trace id, then open this row): {_TRACE}"
    return Row("trace", title, (panel,), collapsed=True)


def _traces_in_logs(catalog: Catalog) -> Panel:
    prefix = catalog.prefix
    errors = catalog.platform.error_levels
    where = (*scope.chosen_pods(), among(names.LEVEL, errors))
    stages = (*log_lines.parsers(catalog.services), f'{scope.TRACE_VARIABLE}!=""')
    variables = {
        **common.scope_variables(),
        scope.SERVICE_VARIABLE: f"${{{scope.SERVICE_VARIABLE}}}",
        scope.TRACE_VARIABLE: "${__value.raw}",
    }
    show = Link(
        "Show this trace",
        dashboard_path(names.unified_uid(prefix), variables, "${__from}", "${__to}"),
    )
    return Panel(
        key="traces.logs",
        title="Traces of error lines",
        description="Trace ids that the service's error lines carry, from the logs alone: this "
        "list holds when Jaeger cannot be searched.",
        queries=(Loki(lines(where, *stages), limit=50),),
        drawing=Table(
            columns=(
                Column("Time", width=170),
                Column(scope.TRACE_VARIABLE, "Trace", links=(show,)),
                Column("Line", "Line"),
            ),
            sort="Time",
            from_logs=True,
        ),
        width=12,
        height=9,
        empty="No error line with a trace id",
    )


def _alerts() -> Row:
    panel = Panel(
        key="alerts.list",
        title="Alerts of this service",
        description="Alerts that fire, of Prometheus, Loki and Grafana.",
        queries=(),
        drawing=AlertList(f'{{{names.SERVICE}="{_SERVICE}"}}'),
        width=24,
        height=6,
    )
    return Row("alerts", f"{_SERVICE}: alerts", (panel,))
