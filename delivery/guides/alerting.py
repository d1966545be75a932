"""What runbooks ask of what is generated: whom an alert concerns, and which panels there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.registry import rule_files
from catalog import names
from catalog.artifact import Artifact, Kind
from catalog.model import Catalog
from catalog.service import Owner, Service
from dashboards.registry import generate

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert's rule: its labels, the uid of its dashboard, and how long it must hold."""

    labels: Mapping[str, str]
    dashboard: str
    hold: str
    is_log_rule: bool

    @property
    def subject(self) -> str:
        """The service or the component that it is about."""
        return self.labels[names.SERVICE]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A dashboard as a link needs it: panels by title, and whether it is opened for a service."""

    uid: str
    title: str
    panels: Mapping[str, tuple[int, ...]]
    variables: frozenset[str]


@dataclass(frozen=True)
class Alerting:
    """All rules of each alert, and every dashboard, of one catalog."""

    catalog: Catalog
    rules: Mapping[str, tuple[Rule, ...]] = field(repr=False)
    dashboards: Mapping[str, Dashboard] = field(repr=False)

    def services(self, alert: str) -> tuple[Service, ...]:
        """The services that an alert can be about, in the catalog's order."""
        subjects = {rule.subject for rule in self.rules.get(alert, ())}
        return tuple(each for each in self.catalog.services if each.id in subjects)

    def components(self, alert: str) -> Mapping[str, str]:
        """The components that an alert can be about: their names by their ids."""
        subjects = {rule.subject for rule in self.rules.get(alert, ())}
        known = self.catalog.platform.components
        return {key: each.name for key, each in known.items() if key in subjects}

    def owners(self, alert: str) -> Iterator[tuple[str, Owner]]:
        """Who is told of it, by what it is about: its team is the rule's, not the service's."""
        platform = self.catalog.platform.owner
        teams = {platform.team: platform}
        teams |= {each.owner.team: each.owner for each in self.catalog.services}
        told: dict[str, list[str]] = {}
        for rule in self.rules.get(alert, ()):
            of_team = told.setdefault(rule.labels[names.TEAM], [])
            if self.name(rule.subject) not in of_team:
                of_team.append(self.name(rule.subject))
        for team, subjects in told.items():
            yield ", ".join(subjects), teams[team]

    def name(self, subject: str) -> str:
        """What a service or component is called."""
        service = next((each for each in self.catalog.services if each.id == subject), None)
        if service is not None:
            return service.name
        component = self.catalog.platform.components.get(subject)  # type: ignore[call-overload]
        return component.name if component else subject


class _Same:
    """A catalog as a key: it holds mappings, and has no hash of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def __hash__(self) -> int:
        return id(self.catalog)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.catalog is self.catalog


#: Every page of a catalog asks the same: so many are kept, in the order in which they came.
_MOST = 4
_known: dict[_Same, Alerting] = {}


def alerting(catalog: Catalog) -> Alerting:
    """What is generated from a catalog, generated once."""
    key = _Same(catalog)
    if key not in _known:
        while len(_known) >= _MOST:
            del _known[next(iter(_known))]
        _known[key] = Alerting(catalog, _rules(catalog), _dashboards(catalog))
    return _known[key]


def _rules(catalog: Catalog) -> Mapping[str, tuple[Rule, ...]]:
    found: dict[str, dict[str, Rule]] = {}
    grafana = catalog.platform.links.grafana_url.rstrip("/")
    for file in rule_files(catalog):
        content: Any = file.content
        for group in content["groups"]:
            for entry in group["rules"]:
                if "alert" in entry:
                    # Loki's rules are there once for each tenant.
                    key = repr((entry["labels"], entry["expr"]))
                    found.setdefault(entry["alert"], {})[key] = _rule(entry, file.kind, grafana)
    return {name: tuple(rules.values()) for name, rules in found.items()}


def _rule(entry: Json, kind: Kind, grafana: str) -> Rule:
    path = entry["annotations"][names.DASHBOARD_URL].removeprefix(grafana)
    return Rule(
        labels=entry["labels"],
        dashboard=path.removeprefix("/d/").partition("?")[0],
        hold=entry.get("for", ""),
        is_log_rule=kind == "loki-rules",
    )


def _dashboards(catalog: Catalog) -> Mapping[str, Dashboard]:
    return {each.uid: each for each in map(_dashboard, generate(catalog))}


def _dashboard(artifact: Artifact) -> Dashboard:
    content: Any = artifact.content
    panels: dict[str, tuple[int, ...]] = {}
    for panel in _panels(content["panels"]):
        panels[panel["title"]] = (*panels.get(panel["title"], ()), panel["id"])
    variables = frozenset(each["name"] for each in content["templating"]["list"])
    return Dashboard(content["uid"], content["title"], panels, variables)


def _panels(entries: Iterable[Json]) -> Iterator[Json]:
    for each in entries:
        if each["type"] == "row":
            yield from _panels(each.get("panels") or ())
        elif each.get("title"):
            yield each
