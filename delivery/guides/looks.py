"""The first things to look at, as links that open filled in: ``<!-- made: look … -->``.

A runbook is one page for all services, so that a link to a service's dashboard is there once for
each service that the alert can be about. Cluster and environment are left to Grafana, which takes
those that there are: the page cannot know which of several the alert is from. The alert's own
links carry them.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping

from catalog import names
from catalog.errors import UsageError
from catalog.signals import one_of
from delivery.guides.addresses import (
    UIDS,
    chosen_values,
    dashboard_of,
    explored,
    link,
    panel_number,
    services,
)
from delivery.guides.alerting import Alerting, Rule, alerting
from delivery.guides.blocks import Maker, Page, WordsError
from delivery.guides.pages_of_servers import PAGES, address
from queries import scope
from queries.library.registry import named

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
        return "Log explorer", iter([("", link(facts, alert, dashboard_of(facts, "explorer"), {}))])
    first = facts.dashboards[next(iter(seen))]
    if len(seen) == 1 and names.SERVICE not in first.variables:
        return first.title, iter([("", link(facts, alert, first, {}))])
    return "The alert's dashboard", _rules(facts, alert)


def _rules(facts: Alerting, alert: str) -> Links:
    seen = set()
    for rule in facts.rules[alert]:
        dashboard = facts.dashboards[rule.dashboard]
        chosen = {}
        name = facts.name(rule.subject)
        if names.SERVICE in dashboard.variables:
            chosen[scope.SERVICE_VARIABLE] = rule.subject
        url = link(facts, alert, dashboard, chosen)
        if url not in seen:
            seen.add(url)
            yield name if len(facts.rules[alert]) > 1 else dashboard.title, url


def _whole(kind: str) -> Place:
    """A dashboard of the whole system, or a panel of it."""

    def find(facts: Alerting, alert: str, panel: str) -> tuple[str, Links]:
        dashboard = dashboard_of(facts, kind)
        url = link(facts, alert, dashboard, {}, panel_number([dashboard], panel, dashboard))
        return panel or dashboard.title, iter([("", url)])

    return find


def _chosen(kind: str) -> Place:
    """A dashboard with the service chosen on it, or a panel of it."""

    def find(facts: Alerting, alert: str, panel: str) -> tuple[str, Links]:
        dashboard = dashboard_of(facts, kind)
        number = panel_number([dashboard], panel, dashboard)

        def links() -> Links:
            for service in services(facts, alert):
                chosen = {scope.SERVICE_VARIABLE: service.id}
                yield service.name, link(facts, alert, dashboard, chosen, number)

        return panel or dashboard.title, links()

    return find


def _each(kind: str, title: str) -> Place:
    """A dashboard that each service has one of, or the panel of that title."""

    def find(facts: Alerting, alert: str, panel: str) -> tuple[str, Links]:
        own = [
            (each, facts.dashboards[uid])
            for each in services(facts, alert)
            if (uid := UIDS[kind](facts, each.id)) in facts.dashboards
        ]

        def links() -> Links:
            for service, dashboard in own:
                number = panel_number([one for _, one in own], panel, dashboard)
                yield service.name, link(facts, alert, dashboard, {}, number)

        return panel or title, links()

    return find


def _library(facts: Alerting, alert: str, words: str) -> tuple[str, Links]:
    """A query of the library, drawn by the log explorer with the values of its words."""
    name, *params = shlex.split(words) or [""]
    given = dict(each.partition("=")[::2] for each in params)
    try:
        query = named(name)
    except UsageError as error:
        fault = error.problems[0]
        raise WordsError(f"{fault.place}: {fault.fault}. {fault.remedy}.") from None
    dashboard = dashboard_of(facts, "explorer")
    if query.subject != "one":
        number = panel_number([dashboard], query.title, dashboard)
        url = link(facts, alert, dashboard, {}, number) + chosen_values(facts, query, None, given)
        return query.title, iter([("", url)])
    fitting = {each.id for each in query.services(facts.catalog)}
    numbers = dashboard.panels.get(query.title, ())

    def links() -> Links:
        for service in services(facts, alert):
            if service.id in fitting:
                chosen = {scope.SERVICE_VARIABLE: service.id}
                # Of several panels of that title each is about some of the services.
                number = numbers[0] if len(numbers) == 1 else None
                url = link(facts, alert, dashboard, chosen, number)
                yield service.name, url + chosen_values(facts, query, service, given)

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
            yield name, explored(facts, alert, text)

    return f"`{expression}`" if len(expression) <= _SHOWN else "What it measures", links()


def _server(facts: Alerting, _: str, name: str) -> tuple[str, Links]:
    """What a server itself says, through Grafana."""
    if name not in PAGES:
        raise WordsError(f"there is no page {name!r} of a server. {one_of(name, tuple(PAGES))}.")
    return PAGES[name].title, iter([("", address(facts.catalog, PAGES[name]))])


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
