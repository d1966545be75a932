"""Recording and alert rules of an objective: a file each, as none reads another's.

One group records everything that its alerts read, above them, at every evaluation: no alert
waits for another group. What is read by people and by slow alerts, the budget, is a group of
its own, every two minutes. Objectives on log lines are counted by Loki's ruler first.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts import burn, slo_health, text
from alerts.model import Alert, Dashboard, Group, Recording
from catalog import names, spans
from catalog.model import Catalog
from catalog.platform import Window
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from queries import slo, slo_budget, slo_log, slo_sums

_NAME = {names.PAGE: "ErrorBudgetBurnFast", names.TICKET: "ErrorBudgetBurnSlow"}


def file_name(service: Service, objective: Objective) -> str:
    """The name of an objective's rule file and group. No id has a dot: no two are called alike."""
    return f"slo-{service.id}.{objective.id}"


def groups(catalog: Catalog, service: Service, objective: Objective) -> tuple[Group, ...]:
    """The rules of one objective: those that its burn alerts read, and its budget."""
    name = file_name(service, objective)
    return (
        Group(
            name,
            catalog.platform.scrape.evaluation,
            (*_recorded(catalog, service, objective), *_alerts(catalog, service, objective)),
        ),
        Group(
            f"{name}.budget",
            names.BUDGET_SECONDS,
            (
                *_budget(catalog, service, objective),
                *slo_health.of_the_budget(catalog, service, objective),
            ),
        ),
    )


def log_groups(service: Service) -> tuple[Group, ...]:
    """What Loki's ruler counts for the objectives on log lines; no group if there are none."""
    of_logs = [each for each in service.objectives if each.sli.log is not None]
    rules = tuple(
        Recording(name, query(service, each), _labels(service, each))
        for each in of_logs
        for name, query in (
            (names.LOG_SLI_EVENTS, slo_log.events),
            (names.LOG_SLI_ERRORS, slo_log.errors),
        )
    )
    return (Group(f"slo-{service.id}", slo_log.MINUTE_SECONDS, rules),) if rules else ()


def _labels(service: Service, objective: Objective, **more: str) -> dict[str, str]:
    return {names.SERVICE: service.id, names.OBJECTIVE: objective.id, **more}


def _recorded(catalog: Catalog, service: Service, objective: Objective) -> Iterator[Recording]:
    """In the order in which they read each other."""
    yield from _measured(catalog, service, objective)
    if slo.is_doubtful(objective):
        yield from _sound(catalog, service, objective)
    for seconds in spans.recorded(catalog.windows):
        if seconds > spans.RAW_SECONDS:
            yield from _laid_out(catalog, service, objective, seconds)
    for seconds in spans.lengths(catalog.windows):
        yield Recording(
            names.BURN_RATE,
            slo_sums.burn_rate(service, objective, seconds),
            _labels(service, objective, window=format_duration(seconds)),
        )
    for name, summed in (
        (names.HOURLY_EVENTS, names.SLI_EVENTS),
        (names.HOURLY_ERRORS, names.SLI_ERRORS),
    ):
        hour = slo_sums.hourly(summed, service, objective)
        yield Recording(name, hour, _labels(service, objective))


def _measured(catalog: Catalog, service: Service, objective: Objective) -> Iterator[Recording]:
    platform = catalog.platform
    if objective.sli.type == "freshness":
        fresh = slo.fresh(platform, service, objective)
        yield Recording(names.SLI_FRESH, fresh, _labels(service, objective))
    events, errors = slo.measured_as(objective)
    for seconds in spans.raw(catalog.windows):
        labels = _labels(service, objective, window=format_duration(seconds))
        yield Recording(events, slo.events(platform, service, objective, seconds), labels)
        yield Recording(errors, slo.errors(service, objective, seconds), labels)


def _sound(catalog: Catalog, service: Service, objective: Objective) -> Iterator[Recording]:
    broken = slo_sums.broken(service, objective)
    yield Recording(names.SLI_BROKEN, broken, _labels(service, objective))
    for seconds in spans.raw(catalog.windows):
        labels = _labels(service, objective, window=format_duration(seconds))
        events = slo_sums.sound_events(service, objective, seconds)
        yield Recording(names.SLI_EVENTS, events, labels)
        errors = slo_sums.sound_errors(service, objective, seconds)
        yield Recording(names.SLI_ERRORS, errors, labels)


def _laid_out(
    catalog: Catalog, service: Service, objective: Objective, seconds: int
) -> Iterator[Recording]:
    made_of = spans.layout(seconds, spans.recorded(catalog.windows))
    if made_of is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: {seconds}s is laid out of nothing")
    where = slo.of_objective(service, objective)
    labels = _labels(service, objective, window=format_duration(seconds))
    for name in (names.SLI_EVENTS, names.SLI_ERRORS):
        yield Recording(name, slo_sums.laid_out(name, where, made_of), labels)


def _budget(catalog: Catalog, service: Service, objective: Objective) -> Iterator[Recording]:
    labels = _labels(service, objective)
    period = format_duration(objective.period)
    yield from _laid_out(catalog, service, objective, objective.period)
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
    yield from burn_alerts(catalog, service, objective)
    if slo.is_doubtful(objective):
        yield slo_health.broken(catalog, service, objective)
    yield slo_health.incomplete(catalog, service, objective)


def burn_alerts(catalog: Catalog, service: Service, objective: Objective) -> Iterator[Alert]:
    """One alert for each pair of burn windows, in their order."""
    for window in catalog.windows.windows:
        yield _burning(catalog, service, objective, window)


def _burning(catalog: Catalog, service: Service, objective: Objective, window: Window) -> Alert:
    factor = window.factor(objective.period)
    long, short = format_duration(window.long), format_duration(window.short)
    period = format_duration(objective.period)
    return Alert(
        name=_NAME[window.severity],
        expr=slo_budget.burning(service, objective, window),
        severity=window.severity,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name} burns the error budget of '{objective.title}' "
        f"{text.NUMBER} times too fast",
        description=f"'{objective.title}' is promised for {objective.target:.10g} % of {period}. "
        f"Over {long} and still over {short}, errors came more than {factor:g} times as fast as "
        f"that allows, and over {long} there were at least {window.minimum_events} events and "
        f"{window.minimum_errors} errors: fewer tell nobody. "
        f"Left of the budget: {text.budget_left(service, objective)}. "
        "Look first at which part of the service fails, then at what was deployed last.",
        dashboard=Dashboard(names.slo_uid(catalog.prefix, service.id)),
        hold=window.hold or 0,
        labels={names.OBJECTIVE: objective.id, names.SHORT_WINDOW: short},
    )
