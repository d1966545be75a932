"""The first things to look at, as links that open filled in: ``<!-- made: look … -->``.

A runbook is one page for all services, so that a link to a service's dashboard is there once for
each service that the alert can be about. Cluster and environment are left to Grafana, which takes
those that there are: the page cannot know which of several the alert is from. The alert's own
links carry them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from catalog import names
from catalog.errors import UsageError
from catalog.links import dashboard_path
from catalog.service import Service
from catalog.signals import one_of
from delivery.guides.alerting import Alerting, Dashboard, Rule, alerting
from delivery.guides.blocks import Maker, Page, WordsError
from delivery.guides.pages_of_servers import PAGES, address
from queries import scope
from queries.library.registry import named
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
#: A longer expression is no title.
_SHOWN = 120
#: ``look logs Error lines ; metrics up == 0``: one line of links each.
_BETWEEN = " ; "

Links = Iterator[tuple[str, str]]


def look(page: Page) -> str:
    """A list of links; without words, that of the dashboard which the alert itself links to."""
    facts = alerting(page.catalog)
    wishes = [each.strip() for each in page.words.split(_BETWEEN)] if page.words else ["alert"]
    return "\n".join(f"- {_line(facts, page, each)}" for each in wishes)


def _line(facts: Alerting, page: Page, wish: str) -> str:
    place, _, rest = wish.partition(" ")
    find = _PLACES.get(place)
    if find is None:
        raise WordsError(f"there is no place {place!r}. {one_of(place, tuple(_PLACES))}.")
    title, links = find(facts, page.path.stem, rest.strip())
    found = list(links)
    if not found:
        raise WordsError(f"nothing of {wish!r} concerns {page.path.stem}. Name another place.")
    if len(found) == 1 and not found[0][0]:
        return f"[{title}]({found[0][1]})"
    return f"{title}: " + " · ".join(f"[{name}]({url})" for name, url in found)


Place = Callable[[Alerting, str, str], tuple[str, Links]]


def _own(facts: Alerting, alert: str, _: str) -> tuple[str, Links]:
    """The dashboards that the rules themselves link to."""
    seen: dict[str, Rule] = {}
    for rule in facts.rules.get(alert, ()):
        seen.setdefault(rule.dashboard, rule)
    if not seen:
        return "Log explorer", iter([("", _url(facts, alert, _dashboard(facts, "explorer"), {}))])
    first = facts.dashboards[next(iter(seen))]
    if len(seen) == 1 and names.SERVICE not in first.variables:
        return first.title, iter([("", _url(facts, alert, first, {}))])
    return "The alert's dashboard", _rules(facts, alert)


def _rules(facts: Alerting, alert: str) -> Links:
    seen = set()
    for rule in facts.rules[alert]:
        dashboard = facts.dashboards[rule.dashboard]
        chosen = {}
        name = facts.name(rule.subject)
        if names.SERVICE in dashboard.variables:
            chosen[scope.SERVICE_VARIABLE] = rule.subject
        url = _url(facts, alert, dashboard, chosen)
        if url not in seen:
            seen.add(url)
            yield name if len(facts.rules[alert]) > 1 else dashboard.title, url


def _whole(kind: str) -> Place:
    """A dashboard of the whole system, or a panel of it."""

    def find(facts: Alerting, alert: str, panel: str) -> tuple[str, Links]:
        dashboard = _dashboard(facts, kind)
        url = _url(facts, alert, dashboard, {}, _panel([dashboard], panel, dashboard))
        return panel or dashboard.title, iter([("", url)])

    return find


def _chosen(kind: str) -> Place:
    """A dashboard with the service chosen on it, or a panel of it."""

    def find(facts: Alerting, alert: str, panel: str) -> tuple[str, Links]:
        dashboard = _dashboard(facts, kind)
        number = _panel([dashboard], panel, dashboard)

        def links() -> Links:
            for service in _services(facts, alert):
                chosen = {scope.SERVICE_VARIABLE: service.id}
                yield service.name, _url(facts, alert, dashboard, chosen, number)

        return panel or dashboard.title, links()

    return find


def _each(kind: str, title: str) -> Place:
    """A dashboard that each service has one of, or the panel of that title."""

    def find(facts: Alerting, alert: str, panel: str) -> tuple[str, Links]:
        own = [
            (each, facts.dashboards[uid])
            for each in _services(facts, alert)
            if (uid := _UIDS[kind](facts, each.id)) in facts.dashboards
        ]

        def links() -> Links:
            for service, dashboard in own:
                number = _panel([one for _, one in own], panel, dashboard)
                yield service.name, _url(facts, alert, dashboard, {}, number)

        return panel or title, links()

    return find


def _library(facts: Alerting, alert: str, name: str) -> tuple[str, Links]:
    """A query of the library, drawn by the log explorer."""
    try:
        query = named(name)
    except UsageError as error:
        fault = error.problems[0]
        raise WordsError(f"{fault.place}: {fault.fault}. {fault.remedy}.") from None
    dashboard = _dashboard(facts, "explorer")
    if query.subject != "one":
        number = _panel([dashboard], query.title, dashboard)
        return query.title, iter([("", _url(facts, alert, dashboard, {}, number))])
    fitting = {each.id for each in query.services(facts.catalog)}
    numbers = dashboard.panels.get(query.title, ())

    def links() -> Links:
        for service in _services(facts, alert):
            if service.id in fitting:
                chosen = {scope.SERVICE_VARIABLE: service.id}
                # Of several panels of that title each is about some of the services.
                number = numbers[0] if len(numbers) == 1 else None
                yield service.name, _url(facts, alert, dashboard, chosen, number)

    return query.title, links()


def _metrics(facts: Alerting, alert: str, expression: str) -> tuple[str, Links]:
    """An expression of PromQL, in Explore; SERVICE and COMPONENT once for each there is."""
    subjects: dict[str, tuple[str, str]] = {"": ("", "")}
    if "SERVICE" in expression:
        subjects = {each.id: ("SERVICE", each.name) for each in facts.services(alert)}
    elif "COMPONENT" in expression:
        subjects = {key: ("COMPONENT", name) for key, name in facts.components(alert).items()}

    def links() -> Links:
        for subject, (word, name) in subjects.items():
            text = expression.replace(word, subject) if word else expression
            yield name, explored(facts, text, _RANGES.get(alert, _HOUR))

    return f"`{expression}`" if len(expression) <= _SHOWN else "What it measures", links()


def explored(facts: Alerting, expression: str, since: str) -> str:
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
    state = {"datasource": uid, "queries": [asked], "range": {"from": since, "to": "now"}}
    left = quote(json.dumps(state, separators=(",", ":"), ensure_ascii=False), safe="")
    return f"{_grafana(facts)}/explore?left={left}"


def _server(facts: Alerting, _: str, name: str) -> tuple[str, Links]:
    """What a server itself says, through Grafana."""
    if name not in PAGES:
        raise WordsError(f"there is no page {name!r} of a server. {one_of(name, tuple(PAGES))}.")
    return PAGES[name].title, iter([("", address(facts.catalog, PAGES[name]))])


def _services(facts: Alerting, alert: str) -> tuple[Service, ...]:
    """Those that the alert can be about; a platform's alert can come from any of them."""
    return facts.services(alert) or facts.catalog.services


def _dashboard(facts: Alerting, kind: str) -> Dashboard:
    uid = _UIDS[kind](facts, "")
    if uid not in facts.dashboards:
        raise WordsError(f"there is no dashboard {uid!r}. Name another place.")
    return facts.dashboards[uid]


def _panel(among: list[Dashboard], title: str, dashboard: Dashboard) -> int | None:
    """The panel's number; None where there are several of that title, or none here."""
    if not title:
        return None
    known = {each for one in among for each in one.panels}
    if title not in known:
        raise WordsError(f"no panel is called {title!r}. {one_of(title, tuple(sorted(known)))}.")
    numbers = dashboard.panels.get(title, ())
    return numbers[0] if len(numbers) == 1 else None


def _url(
    facts: Alerting,
    alert: str,
    dashboard: Dashboard,
    variables: Mapping[str, str],
    panel: int | None = None,
) -> str:
    path = dashboard_path(dashboard.uid, variables, _RANGES.get(alert, _HOUR))
    viewed = f"&viewPanel={panel}" if panel is not None else ""
    return f"{_grafana(facts)}{path}{viewed}"


def _grafana(facts: Alerting) -> str:
    return facts.catalog.platform.links.grafana_url.rstrip("/")


_UIDS: Mapping[str, Callable[[Alerting, str], str]] = {
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
_PLACES: Mapping[str, Place] = {
    "alert": _own,
    "unified": _chosen("unified"),
    "anomalies": _chosen("anomalies"),
    "canary": _chosen("canary"),
    "dependencies": _whole("dependencies"),
    "budgets": _whole("budgets"),
    "platform": _whole("platform"),
    "logs": _each("logs", "Logs"),
    "objectives": _each("objectives", "Objectives"),
    "query": _library,
    "metrics": _metrics,
    "server": _server,
}

MAKERS: Mapping[str, Maker] = {"look": look}
