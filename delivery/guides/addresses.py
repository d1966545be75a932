"""Addresses in Grafana that runbooks link to: which dashboard, panel and range, filled in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from urllib.parse import quote

from catalog import names
from catalog.links import dashboard_path
from catalog.service import Service
from catalog.signals import one_of
from delivery.guides.alerting import Alerting, Dashboard
from delivery.guides.blocks import WordsError
from queries import scope
from queries.library.fill import values_of, variable_name
from queries.library.model import About, LibraryQuery
from queries.promql_parser import PromQLError, parse

#: How far back a link looks, where an hour shows too little of what the alert is about.
_RANGES: Mapping[str, str] = {
    # The long windows of the slow burns, and what an hour of a quarter is compared with.
    "ErrorBudgetBurnFast": "now-6h",
    "ErrorBudgetBurnSlow": "now-3d",
    "ErrorBudgetIncomplete": "now-2d",
    # The rolling period.
    "ErrorBudgetLow": "now-30d",
    "ErrorBudgetSpent": "now-30d",
    # The trend that the month is forecast from.
    "MonthlyCostOverBudget": "now-7d",
    "MonthlyVolumeOverBudget": "now-7d",
    # Last success within hours or days.
    "ChunksNotStored": "now-6h",
    "CompactionStale": "now-6h",
    "RetentionStale": "now-2d",
    "LogRatesMissing": "now-6h",
    "NotScraped": "now-6h",
    "MetricStorageFailing": "now-6h",
    "LogErrorSpike": "now-3h",
    "NewErrorPattern": "now-3h",
    "CanaryWorse": "now-3h",
    # A day and the one before it.
    "VolumeAnomaly": "now-2d",
    "NoTraffic": "now-6h",
}
_HOUR = "now-1h"


def since(alert: str) -> str:
    """From when on a link of the alert's page shows."""
    return _RANGES.get(alert, _HOUR)


def services(facts: Alerting, alert: str) -> tuple[Service, ...]:
    """Those that the alert can be about; a platform's alert can come from any of them."""
    return facts.services(alert) or facts.catalog.services


def dashboard_of(facts: Alerting, kind: str) -> Dashboard:
    """The one dashboard of that kind."""
    uid = UIDS[kind](facts, "")
    if uid not in facts.dashboards:
        raise WordsError(f"there is no dashboard {uid!r}. Name another place.")
    return facts.dashboards[uid]


def panel_number(among: list[Dashboard], title: str, dashboard: Dashboard) -> int | None:
    """The panel's number; None where there are several of that title, or none here."""
    if not title:
        return None
    known = {each for one in among for each in one.panels}
    if title not in known:
        raise WordsError(f"no panel is called {title!r}. {one_of(title, tuple(sorted(known)))}.")
    numbers = dashboard.panels.get(title, ())
    return numbers[0] if len(numbers) == 1 else None


def link(
    facts: Alerting,
    alert: str,
    dashboard: Dashboard,
    variables: Mapping[str, str],
    panel: int | None = None,
) -> str:
    """A dashboard with its variables and the alert's range, and one panel of it if any."""
    path = dashboard_path(dashboard.uid, variables, since(alert))
    viewed = f"&viewPanel={panel}" if panel is not None else ""
    return f"{grafana(facts)}{path}{viewed}"


def grafana(facts: Alerting) -> str:
    """Where Grafana is, as the alerts' links have it."""
    return facts.catalog.platform.links.grafana_url.rstrip("/")


UIDS: Mapping[str, Callable[[Alerting, str], str]] = {
    "unified": lambda facts, _: names.unified_uid(facts.catalog.prefix),
    "explorer": lambda facts, _: names.log_explorer_uid(facts.catalog.prefix),
    "budgets": lambda facts, _: names.slo_uid(facts.catalog.prefix),
    "anomalies": lambda facts, _: names.anomalies_uid(facts.catalog.prefix),
    "canary": lambda facts, _: names.canary_uid(facts.catalog.prefix),
    "dependencies": lambda facts, _: names.dependencies_uid(facts.catalog.prefix),
    "platform": lambda facts, _: names.platform_uid(facts.catalog.prefix),
    "logs": lambda facts, service: names.logs_uid(facts.catalog.prefix, service),
    "objectives": lambda facts, service: names.slo_uid(facts.catalog.prefix, service),
}


def explored(facts: Alerting, alert: str, expression: str) -> str:
    """Where Explore shows it over time; ``left`` is read by every release from 9 on."""
    try:
        parse(expression)
    except PromQLError as error:
        raise WordsError(f"{expression!r} is no PromQL: {error.message}. Correct it.") from None
    uid = names.datasource_uid(facts.catalog.prefix, "prometheus")
    asked = {
        "refId": "A",
        "datasource": {"type": "prometheus", "uid": uid},
        "expr": expression,
        "range": True,
    }
    state = {"datasource": uid, "queries": [asked], "range": {"from": since(alert), "to": "now"}}
    left = quote(json.dumps(state, separators=(",", ":"), ensure_ascii=False), safe="")
    return f"{grafana(facts)}/explore?left={left}"


def chosen_values(
    facts: Alerting, query: LibraryQuery, service: Service | None, given: Mapping[str, str]
) -> str:
    """The variables that the dashboard would have another value for."""
    values = {**values_of(query, facts.catalog, service), **given}
    found: list[tuple[str, str]] = []
    for each in query.parameters:
        if each.kind == "levels":
            levels = values[each.name].split(",")
            if set(levels) != set(facts.catalog.platform.levels):
                found += [(scope.LEVEL_VARIABLE, level) for level in levels]
        elif each.label and each.name in given:
            event = service.event(values["event"]) if service and "event" in values else None
            variable = variable_name(each, About(facts.catalog, service, event))
            found.append((variable, given[each.name]))
    return "".join(f"&var-{name}={quote(value, safe='')}" for name, value in found)
