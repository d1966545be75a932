"""The unified dashboard's traces: lists from Jaeger and from the logs, and one in full."""

from __future__ import annotations

from catalog import names
from catalog.links import dashboard_path
from catalog.model import Catalog
from dashboards import common
from dashboards.spec import Column, Link, NodeGraph, Panel, Row, Table, Trace, TraceList
from queries import log_lines, scope
from queries.logql import lines
from queries.query import Jaeger, Loki
from queries.text import among

#: A request is called slow from here on, in the list of slow traces.
SLOW = "500ms"
_SERVICE = f"${scope.SERVICE_VARIABLE}"
_TRACE = f"${{{scope.TRACE_VARIABLE}}}"


def has_trace_ids(catalog: Catalog) -> bool:
    """Whether any service writes trace ids into its lines."""
    return any(service.logs.field(scope.TRACE_VARIABLE) for service in catalog.services)


def traces(catalog: Catalog) -> Row:
    """Recent, slow and failed traces, and who calls whom."""
    service = f"${{{scope.SERVICE_VARIABLE}}}"
    lists = (
        ("recent", "Recent traces", "The newest traces that touch the service.", "", ""),
        ("slow", f"Slow traces (over {SLOW})", "Traces that took long.", "", SLOW),
        ("failed", "Failed traces", "Traces with a span that failed.", "error=true", ""),
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
    if has_trace_ids(catalog):
        panels.append(_traces_in_logs(catalog))
    panels.append(
        Panel(
            key="traces.graph",
            title="Calls between services",
            description="Which service calls which, from the traces.",
            queries=(Jaeger("dependencies"),),
            drawing=NodeGraph(),
            width=24,
            # Grafana sets a node 120 pixels from the next and starts at no other size: four in
            # a column and their names were cut off at a height of 14.
            height=20,
        )
    )
    return Row("traces", f"{_SERVICE}: traces", tuple(panels))


def one_trace() -> Row:
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
                Column(scope.TRACE_VARIABLE, "Trace", links=(show,), width=290),
                Column("Line", "Line"),
            ),
            sort="Time",
            from_logs=True,
        ),
        width=12,
        height=9,
        empty="No error line with a trace id",
    )
