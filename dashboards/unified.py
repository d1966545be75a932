"""Metrics, logs and traces of one service on one page, and from each to the others."""

from __future__ import annotations

from catalog import names
from catalog.model import Catalog
from dashboards import common, units
from dashboards.spec import AlertList, Bars, Dashboard, LogLines, Panel, Row, Variable
from dashboards.unified_requests import every_service, golden_signals, requests_row
from dashboards.unified_traces import has_trace_ids, one_trace, traces
from queries import log_lines, scope
from queries.logql import lines
from queries.query import Loki

_SERVICE = f"${scope.SERVICE_VARIABLE}"
_TRACE = f"${{{scope.TRACE_VARIABLE}}}"


def build(catalog: Catalog) -> Dashboard:
    """The one page that a page points to."""
    traced = "jaeger" in catalog.platform.components
    rows = (
        every_service(catalog),
        golden_signals(catalog),
        _alerts(),
        requests_row(catalog),
        _logs(catalog),
        *((traces(catalog), one_trace()) if traced else ()),
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
        *((trace,) if traced or has_trace_ids(catalog) else ()),
    )


def _logs(catalog: Catalog) -> Row:
    where = (*scope.chosen_pods(), scope.chosen(names.LEVEL, scope.LEVEL_VARIABLE))
    stages = log_lines.parsers(catalog.services)
    if has_trace_ids(catalog):
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
                unit=units.LINES,
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
