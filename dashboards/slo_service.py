"""The objectives of one service: what is promised, what is kept, what may still go wrong."""

from __future__ import annotations

from dataclasses import dataclass

from catalog import names
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from catalog.spans import SHORTEST_SECONDS, lengths
from dashboards import common, units
from dashboards.slo_parts import BUDGET_STEPS, burn_lengths, burn_steps, fastest
from dashboards.spec import Dashboard, Lines, Panel, Row, Stat, Step
from queries import scope, slo_series
from queries.promql import PromQL
from queries.query import Prom
from queries.text import Matchers, equal


def build(catalog: Catalog, service: Service) -> Dashboard:
    """One row an objective; every query reads recorded series only."""
    return Dashboard(
        uid=names.slo_uid(catalog.prefix, service.id),
        title=f"{service.name} objectives",
        description=f"What is promised of {service.name}, what is kept, and how fast the error "
        "budget burns.",
        folder=catalog.platform.folder("slo").id,
        owner=service.owner.team,
        rows=tuple(_objective(catalog, service, objective) for objective in service.objectives),
        variables=common.cluster_and_environment(),
        annotations=common.marks((service,), scope.of_service(service.id)),
        tags=(catalog.prefix, "slo", service.id),
        since="now-7d",
        refresh="5m",
    )


def _objective(catalog: Catalog, service: Service, objective: Objective) -> Row:
    where = (*scope.of_service(service.id), equal(names.OBJECTIVE, objective.id))
    title = f"{objective.title}: {objective.target:g} %"
    panels = (*_figures(catalog, objective, where), *_charts(catalog, service, objective, where))
    return Row(objective.id, title, panels)


@dataclass(frozen=True, slots=True)
class _Figure:
    """One large figure at the head of an objective."""

    name: str
    title: str
    description: str
    query: PromQL
    drawing: Stat
    unit: str = units.RATIO
    empty: str = "No traffic yet"


def _figures(catalog: Catalog, objective: Objective, where: Matchers) -> tuple[Panel, ...]:
    period = format_duration(objective.period)
    kept = (Step("text"), Step("red", 0.0), Step("green", objective.ratio))
    fast = fastest(catalog.windows, objective.period)
    length = burn_lengths(catalog.windows)[0]
    days = 86400
    figures = (
        _Figure(
            "promised",
            "Objective",
            "The share of events that is to be good.",
            slo_series.objective(where),
            Stat(sparkline=False, decimals=2),
        ),
        _Figure(
            "attained",
            f"Attained over {period}",
            "The share of events that was good, weighted by traffic.",
            slo_series.attainment(where, period),
            Stat(steps=kept, decimals=3),
        ),
        _Figure(
            "left",
            f"Budget left over {period}",
            "What is left of the events that may be bad: below zero the promise is broken.",
            slo_series.budget_remaining(where, period),
            Stat(steps=BUDGET_STEPS, decimals=1),
        ),
        _Figure(
            "quarter",
            "Budget left this quarter",
            "The same, of all events since the calendar quarter began (UTC).",
            slo_series.budget_remaining(where, names.THIS_QUARTER),
            Stat(steps=BUDGET_STEPS, decimals=1),
        ),
        _Figure(
            "exhaustion",
            "Time to exhaustion",
            "When the budget is spent if it burns on as in the last hours. What would take "
            f"more than {period} never comes: older errors are forgotten as fast.",
            slo_series.time_to_exhaustion(where),
            Stat(
                steps=(
                    Step("green"),
                    Step("red", 0.0),
                    Step("yellow", 3 * days),
                    Step("green", 14 * days),
                ),
                sparkline=False,
                decimals=1,
            ),
            units.SECONDS,
            "Not at this rate",
        ),
        _Figure(
            "burn",
            f"Burn rate ({format_duration(length)})",
            f"1 spends the budget in exactly the period; {fast.factor(objective.period):g} spends "
            f"{fast.budget:g} % of it in {format_duration(fast.long)}.",
            slo_series.burn_rate(where, length),
            Stat(steps=burn_steps(), decimals=2),
            units.BURN_RATE,
        ),
    )
    return tuple(
        Panel(
            key=f"{objective.id}.{figure.name}",
            title=figure.title,
            description=figure.description,
            queries=(Prom(figure.query),),
            drawing=figure.drawing,
            unit=figure.unit,
            width=4,
            height=4,
            empty=figure.empty,
        )
        for figure in figures
    )


def _charts(
    catalog: Catalog, service: Service, objective: Objective, where: Matchers
) -> tuple[Panel, ...]:
    period = format_duration(objective.period)
    events, errors = slo_series.sums(where, SHORTEST_SECONDS)
    link = common.to_unified(catalog.prefix, service.id)
    return (
        Panel(
            key=f"{objective.id}.burn_by_window",
            title="Burn rate by window",
            description="How fast the budget burns over each window that an alert looks at.",
            # One query each, so that the legend goes from the shortest to the longest.
            queries=tuple(
                Prom(slo_series.burn_rate(where, length), format_duration(length))
                for length in lengths(catalog.windows)
            ),
            drawing=Lines(),
            unit=units.BURN_RATE,
            width=10,
            links=(link,),
        ),
        Panel(
            key=f"{objective.id}.left_over_time",
            title="Budget left",
            description=f"Over the rolling {period}, and over the calendar quarter so far.",
            queries=(Prom(slo_series.budget_remaining(where), "{{window}}"),),
            drawing=Lines(
                maximum=1,
                minimum=None,
                steps=(Step("red"), Step("green", 0)),
                # Both are the same early in a quarter: the one must not hide the other.
                dashed=(names.THIS_QUARTER,),
            ),
            unit=units.RATIO,
            width=7,
        ),
        Panel(
            key=f"{objective.id}.events",
            title="Events and errors",
            description="Events that count, and the bad ones among them, in the last five minutes.",
            queries=(
                Prom(events, "events"),
                Prom(errors, "errors"),
            ),
            drawing=Lines(colours=(("events", "blue"), ("errors", "red"))),
            unit=units.COUNT,
            width=7,
            links=(link,),
            interval="5m",
        ),
    )
