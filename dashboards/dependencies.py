"""Who calls whom, how often, and where it fails: the services as a graph."""

from __future__ import annotations

from catalog import names
from catalog.model import Catalog
from dashboards import common, units
from dashboards.spec import (
    Column,
    Dashboard,
    GraphStat,
    Lines,
    Link,
    NodeGraph,
    Panel,
    Row,
    Step,
    Steps,
    Table,
)
from queries import dependencies, scope
from queries.promql import PromQL, aggregate
from queries.query import Prom

_EDGE = "{{service}} to {{dependency}}"
_EMPTY = "No span has been counted"


def build(catalog: Catalog) -> Dashboard:
    """One page for all services, where Jaeger counts spans."""
    counted = catalog.span_metrics_port is not None
    return Dashboard(
        uid=names.dependencies_uid(catalog.prefix),
        title=f"{catalog.platform.system.name}: dependencies",
        description="Calls between services, counted from their spans: rate, errors and duration.",
        folder=catalog.platform.folder("overview").id,
        owner=catalog.platform.owner.team,
        rows=_rows(catalog) if counted else (),
        variables=common.cluster_and_environment(),
        annotations=common.marks(catalog.services, scope.scope()),
        tags=(catalog.prefix, "dependencies"),
    )


def _rows(catalog: Catalog) -> tuple[Row, ...]:
    return (
        Row("graph", "Services and the calls between them", (_graph(catalog),)),
        Row("calls", "Calls", (_table(catalog), *_charts(catalog))),
    )


def _graph(catalog: Catalog) -> Panel:
    where = scope.scope()
    failed = dependencies.error_share(names.SERVED_ERRORS, names.SERVED, where)
    call_failed = dependencies.error_share(names.CALL_ERRORS, names.CALLS, where)

    def ask(expression: PromQL) -> Prom:
        return Prom(expression, instant=True, table=True)

    node, edge = dependencies.node, dependencies.edge
    return Panel(
        key="graph",
        title="Service graph",
        description="A node is a service: requests a second that it answers, the share that fails, "
        "and both as a ring. An arrow is a call: calls a second, and the share that fails as the "
        "caller sees it. Click for more; the table below has the links.",
        queries=(
            ask(node(dependencies.recorded(names.SERVED, where))),
            ask(node(PromQL(f"100 * {failed}"))),
            ask(node(failed)),
            ask(node(PromQL(f"1 - {failed}"))),
            ask(node(dependencies.recorded(names.SERVED_P95, where))),
            ask(edge(dependencies.recorded(names.CALLS, where))),
            ask(edge(PromQL(f"100 * {call_failed}"))),
            ask(edge(dependencies.recorded(names.CALL_P95, where))),
        ),
        drawing=NodeGraph(
            stats=(
                GraphStat("node", "mainStat", "Requests a second", "/s"),
                GraphStat("node", "secondaryStat", "Failed", "% failed"),
                GraphStat("node", "arc__failed", "Share that failed", colour="red"),
                GraphStat("node", "arc__fine", "Share that went well", colour="green"),
                GraphStat("node", "detail__p95", "95th percentile in seconds"),
                GraphStat("edge", "mainstat", "Calls a second", "/s"),
                GraphStat("edge", "secondarystat", "Calls that failed", "% failed"),
                GraphStat("edge", "detail__wait", "95th percentile in seconds"),
            )
        ),
        width=24,
        height=16,
        empty=_EMPTY,
    )


def _steps(catalog: Catalog) -> Steps:
    limit = catalog.platform.thresholds.error_ratio_maximum
    return (Step("green"), Step("yellow", limit / 2), Step("red", limit))


def _table(catalog: Catalog) -> Panel:
    where = scope.scope()

    def row(expression: PromQL) -> Prom:
        both = (names.SERVICE, names.DEPENDENCY)
        return Prom(aggregate("max", both, expression), instant=True, table=True)

    def to(field: str) -> tuple[Link, ...]:
        return (common.to_unified(catalog.prefix, f"${{__data.fields.{field}}}"),)

    return Panel(
        key="table",
        title="Calls by caller and dependency",
        description="What each caller sees of those it calls, over the last "
        f"{dependencies.WINDOW}. Click a service for its metrics, logs and traces.",
        queries=(
            row(dependencies.recorded(names.CALLS, where)),
            row(dependencies.error_share(names.CALL_ERRORS, names.CALLS, where)),
            row(dependencies.recorded(names.CALL_P95, where)),
        ),
        drawing=Table(
            columns=(
                Column(names.SERVICE, "Caller", links=to(names.SERVICE)),
                Column(names.DEPENDENCY, "Dependency", links=to(names.DEPENDENCY)),
                Column("Value #A", "Calls", units.PER_SECOND, decimals=2),
                Column("Value #B", "Failed", units.RATIO, steps=_steps(catalog), decimals=1),
                Column("Value #C", "95th percentile", units.SECONDS, decimals=2),
            ),
            sort="Failed",
        ),
        width=24,
        height=min(14, 3 + sum(len(service.depends_on) for service in catalog.services)),
        empty="none",
    )


def _charts(catalog: Catalog) -> tuple[Panel, ...]:
    where = scope.scope()
    limit = catalog.platform.thresholds.error_ratio_maximum
    link = common.to_unified(catalog.prefix)
    return (
        Panel(
            key="errors",
            title="Calls that fail",
            description="The share of calls that fail, as the caller sees it. Where a dependency "
            "is over the limit and explains its caller's errors, a ticket says so.",
            queries=(Prom(dependencies.error_share(names.CALL_ERRORS, names.CALLS, where), _EDGE),),
            drawing=Lines(steps=(Step("green"), Step("red", limit)), soft_maximum=limit),
            unit=units.RATIO,
            width=12,
            height=9,
            links=(link,),
            empty=_EMPTY,
        ),
        Panel(
            key="wait",
            title="How long a caller waits (p95)",
            description="The 95th percentile of the calls' duration, the network included.",
            queries=(Prom(dependencies.recorded(names.CALL_P95, where), _EDGE),),
            drawing=Lines(),
            unit=units.SECONDS,
            width=12,
            height=9,
            links=(link,),
            empty=_EMPTY,
        ),
    )
