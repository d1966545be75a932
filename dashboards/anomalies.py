"""Volumes of the services against the same hour of earlier weeks: the band and the value."""

from __future__ import annotations

from catalog import names
from catalog.expectations import WEEKS
from catalog.links import dashboard_path
from catalog.model import Catalog
from dashboards import common, units
from dashboards.spec import Column, Dashboard, Lines, Link, Panel, Row, Step, Steps, Table, Variable
from queries import anomaly, scope
from queries.promql import PromQL, aggregate
from queries.query import Prom
from queries.text import Matchers, equal

_BY = (names.SERVICE, names.SIGNAL)
_LOWER, _UPPER = "usual, from", "usual, up to"
_WEEKS_AGO = f"weeks ago: {{{{{names.WEEK}}}}}"
_EMPTY = "Fewer than three earlier weeks are known"


def build(catalog: Catalog) -> Dashboard:
    """One service and one of its volumes, below a table of all of them."""
    rows = (
        Row("all", "All services", (_table(catalog),)),
        Row("one", f"${scope.SERVICE_VARIABLE}: ${scope.SIGNAL_VARIABLE}", _charts(catalog)),
    )
    return Dashboard(
        uid=names.anomalies_uid(catalog.prefix),
        title=f"{catalog.platform.system.name}: anomalies",
        description="Log lines and requests against the same hour of earlier weeks.",
        folder=catalog.platform.folder("overview").id,
        owner=catalog.platform.owner.team,
        rows=rows,
        variables=(*common.cluster_and_environment(), *_variables(catalog)),
        annotations=common.marks(catalog.services, scope.scope()),
        tags=(catalog.prefix, "anomalies"),
        since="now-2d",
        refresh="5m",
    )


def _variables(catalog: Catalog) -> tuple[Variable, ...]:
    measured = any(service.by_role("requests") for service in catalog.services)
    return (
        Variable(
            name=scope.SERVICE_VARIABLE,
            title="Service",
            description="The service whose volume is shown.",
            kind="custom",
            values=tuple(service.id for service in catalog.services),
        ),
        Variable(
            name=scope.SIGNAL_VARIABLE,
            title="Volume",
            description="What is counted: log lines, or requests where a metric counts them.",
            kind="custom",
            values=(anomaly.LINES, *((anomaly.REQUESTS,) if measured else ())),
        ),
    )


def _chosen() -> Matchers:
    return (
        *scope.of_service(f"${scope.SERVICE_VARIABLE}"),
        equal(names.SIGNAL, f"${scope.SIGNAL_VARIABLE}"),
    )


def _limits(catalog: Catalog) -> Steps:
    """Red beyond the limit, on either side; less than two spreads is everyday noise.

    Without a value there is nothing to worry about: only what is there gets a colour.
    """
    limit = catalog.platform.anomalies.score
    near = min(2.0, limit / 2)
    return (
        Step("text"),
        Step("red", -1e6),
        Step("yellow", -limit),
        Step("green", -near),
        Step("yellow", near),
        Step("red", limit),
    )


def _table(catalog: Catalog) -> Panel:
    where = scope.scope()

    def row(expression: PromQL) -> Prom:
        return Prom(aggregate("max", _BY, expression), instant=True, table=True)

    this = dashboard_path(
        names.anomalies_uid(catalog.prefix),
        {
            **common.scope_variables(),
            scope.SERVICE_VARIABLE: f"${{__data.fields.{names.SERVICE}}}",
            scope.SIGNAL_VARIABLE: f"${{__data.fields.{names.SIGNAL}}}",
        },
        "${__from}",
        "${__to}",
    )
    unified = common.to_unified(catalog.prefix, f"${{__data.fields.{names.SERVICE}}}")
    return Panel(
        key="table",
        title="Volumes now",
        description="What is, what was usual at this hour of the last "
        f"{WEEKS} weeks, and how many spreads lie between: beyond "
        f"{catalog.platform.anomalies.score:g} a ticket is written. Click a service to see it.",
        queries=(
            row(anomaly.volume(where)),
            row(anomaly.usual(where)),
            row(anomaly.share_of_usual(where)),
            row(anomaly.scores(where)),
        ),
        drawing=Table(
            columns=(
                Column(
                    names.SERVICE,
                    "Service",
                    links=(Link("Band and value of this volume", this), unified),
                ),
                Column(names.SIGNAL, "Volume"),
                Column("Value #A", "Now", units.PER_SECOND, decimals=2),
                Column("Value #B", "Usual", units.PER_SECOND, decimals=2),
                Column("Value #C", "Share of usual", units.RATIO, decimals=0),
                Column("Value #D", "Score", units.SPREADS, steps=_limits(catalog), decimals=1),
            ),
            sort="Service",
            descending=False,
        ),
        width=24,
        # A line each, up to a screenful.
        height=min(20, 3 + 2 * len(catalog.services)),
        empty="none",
    )


def _charts(catalog: Catalog) -> tuple[Panel, ...]:
    limit = catalog.platform.anomalies.score
    chosen = _chosen()
    link = common.to_unified(catalog.prefix, f"${{{scope.SERVICE_VARIABLE}}}")
    return (
        Panel(
            key="band",
            title="Value and what is usual",
            description=f"The mean of {anomaly.RECENT}, and the band of {limit:g} spreads around "
            "the median of earlier weeks. Outside of it a ticket is written.",
            queries=(
                Prom(anomaly.border(chosen, -limit), _LOWER),
                Prom(anomaly.border(chosen, limit), _UPPER),
                Prom(anomaly.usual(chosen), "expected"),
                Prom(anomaly.volume(chosen), "now"),
            ),
            drawing=Lines(
                colours=(("expected", "blue"), ("now", "orange")),
                dashed=("expected",),
                band=(_LOWER, _UPPER),
            ),
            unit=units.PER_SECOND,
            width=24,
            height=11,
            links=(link,),
            interval="2m",
            empty=_EMPTY,
        ),
        Panel(
            key="score",
            title="Score",
            description=f"How many spreads the value is above or under what is expected; beyond "
            f"{limit:g} on either side a ticket is written.",
            queries=(Prom(anomaly.scores(chosen), "score"),),
            drawing=Lines(
                minimum=None,
                colours=(("score", "orange"),),
                steps=(Step("red"), Step("green", -limit), Step("red", limit)),
                soft_maximum=limit + 1,
                soft_minimum=-limit - 1,
            ),
            unit=units.SPREADS,
            width=12,
            height=9,
            links=(link,),
            interval="2m",
            empty=_EMPTY,
        ),
        Panel(
            key="weeks",
            title="The same hour of earlier weeks",
            description="What each of the weeks had at this time, brought to today's level: the "
            "median of these lines is what is expected.",
            queries=(Prom(anomaly.weeks(chosen), _WEEKS_AGO),),
            drawing=Lines(),
            unit=units.PER_SECOND,
            width=12,
            height=9,
            interval="2m",
            empty="No earlier week is known",
        ),
    )
