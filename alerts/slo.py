"""Recording and alert rules of a service's objectives.

Three groups: the steps of events and errors, every five minutes; the burn rates and the
alerts on them, at every evaluation; the budgets, every two minutes. Everything that is
longer than an hour is a sum of steps, weighted by traffic and cheap.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts import burn, text
from alerts.model import Alert, Dashboard, Group, Recording
from catalog import names
from catalog.model import Catalog
from catalog.platform import Window
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from queries import slo, slo_budget

_NAME = {names.PAGE: "ErrorBudgetBurnFast", names.TICKET: "ErrorBudgetBurnSlow"}


def groups(catalog: Catalog, service: Service) -> tuple[Group, ...]:
    """The rules of all objectives of a service that has any."""
    evaluation = catalog.platform.scrape.evaluation
    name = f"slo-{service.id}"
    objectives = service.objectives
    return (
        Group(
            f"{name}-steps",
            names.TILE_SECONDS,
            tuple(rule for each in objectives for rule in _steps(service, each)),
        ),
        Group(
            name,
            evaluation,
            (
                *(rule for each in objectives for rule in _burn_rates(catalog, service, each)),
                *(rule for each in objectives for rule in _alerts(catalog, service, each)),
            ),
        ),
        Group(
            f"{name}-budget",
            names.BUDGET_SECONDS,
            tuple(rule for each in objectives for rule in _budget(catalog, service, each)),
        ),
    )


def _labels(service: Service, objective: Objective, **more: str) -> dict[str, str]:
    return {names.SERVICE: service.id, names.OBJECTIVE: objective.id, **more}


def _steps(service: Service, objective: Objective) -> Iterator[Recording]:
    step = format_duration(names.TILE_SECONDS)
    labels = _labels(service, objective)
    yield Recording(names.SLI_EVENTS, slo.tile(slo.events(service, objective, step)), labels)
    yield Recording(names.SLI_ERRORS, slo.tile(slo.errors(service, objective, step)), labels)


def _burn_rates(catalog: Catalog, service: Service, objective: Objective) -> Iterator[Recording]:
    for seconds in burn.lengths(catalog.windows.windows):
        yield Recording(
            names.BURN_RATE,
            slo.burn_rate(service, objective, seconds),
            _labels(service, objective, window=format_duration(seconds)),
        )


def _budget(catalog: Catalog, service: Service, objective: Objective) -> Iterator[Recording]:
    labels = _labels(service, objective)
    period = format_duration(objective.period)
    yield Recording(names.OBJECTIVE_RATIO, slo_budget.objective(service, objective), labels)
    for of, attained in (
        (period, slo_budget.attainment(service, objective)),
        (names.THIS_QUARTER, slo_budget.attainment_this_quarter(service, objective)),
    ):
        yield Recording(names.ATTAINMENT, attained, {**labels, names.WINDOW: of})
    for of in (period, names.THIS_QUARTER):
        left = slo_budget.remaining(service, objective, of)
        yield Recording(names.BUDGET_REMAINING, left, {**labels, names.WINDOW: of})
    forecast = burn.forecast(catalog.windows.windows)
    end = slo_budget.time_to_exhaustion(service, objective, forecast)
    yield Recording(names.TIME_TO_EXHAUSTION, end, labels)


def _alerts(catalog: Catalog, service: Service, objective: Objective) -> Iterator[Alert]:
    for window in catalog.windows.windows:
        yield _alert(catalog, service, objective, window)


def _alert(catalog: Catalog, service: Service, objective: Objective, window: Window) -> Alert:
    factor = window.factor(objective.period)
    long, short = format_duration(window.long), format_duration(window.short)
    period = format_duration(objective.period)
    return Alert(
        name=_NAME[window.severity],
        expr=slo_budget.burning(service, objective, window.long, window.short, factor),
        severity=window.severity,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name} burns the error budget of '{objective.title}' "
        f"{text.NUMBER} times too fast",
        description=f"'{objective.title}' is promised for {objective.target:.10g} % of {period}. "
        f"Over {long} and still over {short}, errors came more than {factor:g} times as fast as "
        f"that allows. Left of the budget: {text.budget_left(service, objective)}. "
        "Look first at which part of the service fails, then at what was deployed last.",
        dashboard=Dashboard(names.slo_uid(catalog.prefix, service.id)),
        hold=window.hold or 0,
        labels={names.OBJECTIVE: objective.id, names.SHORT_WINDOW: short},
    )
