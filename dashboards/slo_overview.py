"""All objectives of all services in one table: where is the budget going?"""

from __future__ import annotations

from catalog import names
from catalog.links import dashboard_path
from catalog.model import Catalog
from catalog.scalars import format_duration
from dashboards import common, units
from dashboards.slo_parts import BUDGET_STEPS, burn_lengths, burn_steps, fastest
from dashboards.spec import Column, Dashboard, Lines, Link, Panel, Row, Step, Table
from queries import scope, slo_series
from queries.promql import PromQL, aggregate
from queries.query import Prom

_BY = (names.SERVICE, names.OBJECTIVE)
_LEGEND = "{{service}}: {{objective}}"
#: More lines than that nobody tells apart, and of hundreds of services they would cost a minute.
_MOST = 30


def build(catalog: Catalog) -> Dashboard:
    """The overview; every query reads recorded series only."""
    return Dashboard(
        uid=names.slo_uid(catalog.prefix),
        title=f"{catalog.platform.system.name}: error budgets",
        description="Every objective, what is left of its error budget, and how fast it burns.",
        folder=catalog.platform.folder("slo").id,
        owner=catalog.platform.owner.team,
        rows=_rows(catalog) if catalog.has_objectives else (),
        variables=common.cluster_and_environment(),
        annotations=common.marks(catalog.services, scope.scope()),
        tags=(catalog.prefix, "slo"),
        since="now-24h",
    )


def _rows(catalog: Catalog) -> tuple[Row, ...]:
    return (Row("table", "Objectives", (_table(catalog),)), _charts(catalog))


def _periods(catalog: Catalog) -> tuple[str, ...]:
    periods = {objective.period for service in catalog.services for objective in service.objectives}
    return tuple(format_duration(period) for period in sorted(periods))


def _table(catalog: Catalog) -> Panel:
    where = scope.scope()

    def row(expression: PromQL) -> Prom:
        return Prom(aggregate("max", _BY, expression), instant=True, table=True)

    periods = _periods(catalog)
    over = f"over {periods[0]}" if len(periods) == 1 else "over its period"
    # A heading's column is a ninth of the page.
    short = over.replace("its ", "")
    rolling = "|".join(periods)
    lengths = burn_lengths(catalog.windows)
    queries = (
        row(slo_series.objective(where)),
        row(slo_series.over_period(names.ATTAINMENT, where, rolling)),
        row(slo_series.over_period(names.BUDGET_REMAINING, where, rolling)),
        row(slo_series.budget_remaining(where, names.THIS_QUARTER)),
        row(slo_series.time_to_exhaustion(where)),
        *(row(slo_series.burn_rate(where, length)) for length in lengths),
    )
    details = dashboard_path(
        f"{names.slo_uid(catalog.prefix)}-${{__data.fields.{names.SERVICE}}}",
        common.scope_variables(),
        "now-7d",
    )
    return Panel(
        key="table",
        title="Objectives",
        description=f"Attainment and budget left {over} and over the calendar quarter so far; burn "
        f"rates over {' and '.join(map(format_duration, lengths))}. Click a service for its own "
        "page.",
        queries=queries,
        drawing=Table(
            columns=(
                Column(names.SERVICE, "Service", links=(Link("Objectives", details),)),
                Column(names.OBJECTIVE, "Objective"),
                Column("Value #A", "Promised", units.RATIO, decimals=2),
                Column("Value #B", f"Attained {short}", units.RATIO, decimals=3),
                Column("Value #C", f"Left {short}", units.RATIO, steps=BUDGET_STEPS, decimals=1),
                Column(
                    "Value #D",
                    "Left this quarter",
                    units.RATIO,
                    steps=BUDGET_STEPS,
                    decimals=1,
                ),
                *(
                    Column(
                        f"Value #{letter}",
                        f"Burn rate {format_duration(length)}",
                        units.BURN_RATE,
                        steps=burn_steps(),
                        decimals=2,
                    )
                    for letter, length in zip("FG", lengths, strict=False)
                ),
                Column("Value #E", "Time to exhaustion", units.SECONDS, decimals=1),
            ),
            sort=f"Left {short}",
            descending=False,
        ),
        width=24,
        # A line each, up to a screenful.
        height=min(30, 4 + sum(len(service.objectives) for service in catalog.services)),
        empty="none",
    )


def _charts(catalog: Catalog) -> Row:
    where = scope.scope()
    length = burn_lengths(catalog.windows)[0]
    left = slo_series.over_period(names.BUDGET_REMAINING, where, "|".join(_periods(catalog)))
    links = (common.to_unified(catalog.prefix),)
    objectives = [each for service in catalog.services for each in service.objectives]
    fast = min(fastest(catalog.windows, each.period).factor(each.period) for each in objectives)
    return Row(
        "charts",
        "Over time",
        (
            Panel(
                key="burn",
                title=f"Burn rate over {format_duration(length)}",
                description=f"How fast each budget burns; over {fast:g} and someone is paged. Of "
                f"many objectives the {_MOST} that burn fastest.",
                queries=(
                    Prom(
                        aggregate("topk", (), slo_series.burn_rate(where, length), f"{_MOST}"),
                        _LEGEND,
                    ),
                ),
                drawing=Lines(steps=(Step("green"), Step("red", fast))),
                unit=units.BURN_RATE,
                width=12,
                height=9,
                links=links,
            ),
            Panel(
                key="left",
                title="Budget left",
                description="What is left of each budget over its rolling period. Of many "
                f"objectives the {_MOST} with the least left.",
                queries=(Prom(aggregate("bottomk", (), left, f"{_MOST}"), _LEGEND),),
                drawing=Lines(maximum=1, minimum=None, steps=(Step("red"), Step("green", 0))),
                unit=units.RATIO,
                width=12,
                height=9,
                links=links,
            ),
        ),
    )
