"""Alerts on an objective itself: whether it can be believed, and what is left of its budget."""

from __future__ import annotations

from collections.abc import Iterator

from alerts import text
from alerts.model import Alert, Dashboard
from catalog import names
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from catalog.spans import SHORTEST_SECONDS
from queries import slo_budget

#: What is measured looks back so far, so that one wrong scrape shows for as long.
_BROKEN_HOLD = 300
#: An hour may be recorded five minutes late; one that is late is not missing.
_INCOMPLETE_HOLD = 600
#: A budget moves slowly: nobody is told of an estimate that touches a limit.
_BUDGET_HOLD = 1800


def broken(catalog: Catalog, service: Service, objective: Objective) -> Alert:
    """What the indicator measures is impossible."""
    window = format_duration(SHORTEST_SECONDS)
    shown = ("humanize", "an unknown number of")
    events = text.recorded(names.MEASURED_EVENTS, service, objective, window, shown)
    return Alert(
        name="SliBroken",
        expr=slo_budget.impossible(service, objective),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}: what '{objective.title}' measures cannot be",
        description=f"Over {window} there were {text.NUMBER} errors among {events} events. There "
        "are never more errors than events, never fewer than none, and where there are events "
        "the good are told from the bad. Until that holds, and for as long as each window looks "
        "back after it, nothing is recorded of the objective and no alert watches it. Look first "
        "at the metric that counts the good or the bad ones: its name, labels and buckets, and "
        "the release that changed them.",
        dashboard=_dashboard(catalog, service),
        hold=_BROKEN_HOLD,
        labels={names.OBJECTIVE: objective.id},
    )


def incomplete(catalog: Catalog, service: Service, objective: Objective) -> Alert:
    """Hours of the quarter's budget were not recorded."""
    return Alert(
        name="ErrorBudgetIncomplete",
        expr=slo_budget.missing_hours(service, objective),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}: {text.NUMBER} h are missing from the budget of "
        f"'{objective.title}'",
        description="So many hours of the last day were not recorded, and those of the day before "
        "were: the quarter's budget has a hole there, which nobody fills with a guess. Look first "
        "at whether Prometheus was down, whether the service was scraped, and whether the "
        "indicator was broken then.",
        dashboard=_dashboard(catalog, service),
        hold=_INCOMPLETE_HOLD,
        labels={names.OBJECTIVE: objective.id},
    )


def of_the_budget(catalog: Catalog, service: Service, objective: Objective) -> Iterator[Alert]:
    """Little is left of the period's budget, or nothing."""
    low = catalog.windows.low_budget
    minimum = max(window.minimum_errors for window in catalog.windows.windows)
    period = format_duration(objective.period)
    promise = f"'{objective.title}' is promised for {objective.target:.10g} % of {period}"
    yield Alert(
        name="ErrorBudgetSpent",
        expr=slo_budget.left_between(service, objective, None, 0, minimum),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name} has spent the error budget of '{objective.title}': "
        f"{text.PERCENT} left",
        description=f"{promise}, and over the last {period} more went wrong than that allows, of "
        f"at least {minimum} errors. Until the errors are older than that, every further one is "
        "a broken promise. Look first at what spent it, and at which risky changes can wait.",
        dashboard=_dashboard(catalog, service),
        hold=_BUDGET_HOLD,
        labels={names.OBJECTIVE: objective.id},
    )
    yield Alert(
        name="ErrorBudgetLow",
        expr=slo_budget.left_between(service, objective, 0, low / 100, minimum),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}: {text.PERCENT} of the error budget of '{objective.title}' "
        "are left",
        description=f"{promise}, and of what may go wrong at most {low:g} % are left, of at least "
        f"{minimum} errors: one more incident breaks the promise. Look first at what spent it, "
        "and at which risky changes can wait.",
        dashboard=_dashboard(catalog, service),
        hold=_BUDGET_HOLD,
        labels={names.OBJECTIVE: objective.id},
    )


def _dashboard(catalog: Catalog, service: Service) -> Dashboard:
    return Dashboard(names.slo_uid(catalog.prefix, service.id))
