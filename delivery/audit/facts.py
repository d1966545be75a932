"""What the catalog and the generated rules say of a series: who makes it, and may it be missing.

Only this decides what is LAZY: no list of panels, and no text of a panel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog import names
from catalog.agent_metrics import counted_events
from catalog.exporters import PARTS, Exporter
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from delivery.publish.shipped import Shipped
from queries import log_lines
from queries.library import loki_lines
from queries.logql import LogQL, lines
from queries.text import Matcher, equal

Json = dict[str, Any]
Language = Literal["promql", "logql"]
_HISTOGRAM = PARTS["histogram"]


@dataclass(frozen=True, slots=True)
class Declared:
    """A metric of a service or a server, under the name of one of its series."""

    origin: str
    lazy: bool
    service: str = ""
    component: str = ""
    metric: Metric | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it ships. ``name`` is the alert's, or that of the recorded series."""

    place: str
    group: str
    name: str
    kind: Literal["alert", "recording"]
    language: Language
    expr: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    interval: str = ""


@dataclass(frozen=True)
class Facts:
    """All of it, by name."""

    catalog: Catalog
    metrics: Mapping[str, list[Declared]]
    rules: tuple[Rule, ...]
    #: By label or field: the values that only trouble brings, or a canary.
    trouble: Mapping[str, frozenset[str]]
    #: By component: its releases whose metrics are declared.
    releases: Mapping[str, set[str]]

    def declared(self, name: str, service: str) -> list[Declared]:
        """Who makes the series of a name, for a service where one is asked for."""
        found = self.metrics.get(name, [])
        own = [each for each in found if not each.service or not service]
        return own or [each for each in found if each.service == service]

    def owners(self, name: str, service: str) -> list[str]:
        """The services that a metric is declared for, if that one is not among them.

        None for what the catalog does not know, be it the service or the metric, and for what a
        server makes.
        """
        declared = self.metrics.get(name, [])
        found = sorted({each.service for each in declared})
        if self.service(service) is None or "" in found or service in found:
            return []
        return found

    def recording(self, name: str) -> list[Rule]:
        """The rules that record the series of a name."""
        return [each for each in self.rules if each.kind == "recording" and each.name == name]

    def service(self, id_: str) -> Service | None:
        """The service of that id."""
        return next((each for each in self.catalog.services if each.id == id_), None)

    def is_trouble(self, label: str, operator: str, value: str, others: Iterable[str]) -> bool:
        """Whether a matcher asks for nothing but what trouble brings.

        ``others`` are the values that there are: it must not ask for one of those either.
        """
        bad = self.trouble.get(label, frozenset())
        fits = [each for each in bad if matches(operator, value, each)]
        return bool(fits) and not any(
            matches(operator, value, each) for each in others if each not in bad
        )

    def is_elsewhere(self, label: str, value: str, there: Iterable[str]) -> bool:
        """Whether a value names another environment of the catalog than those that report here."""
        environments = self.catalog.platform.environments
        known = {names.CLUSTER: {each.cluster for each in environments}}
        known[names.ENVIRONMENT] = {each.environment for each in environments}
        here = set(there) & known.get(label, set())
        return value in known.get(label, set()) - here and bool(here)

    def uncollected(self, wanted: Mapping[str, str]) -> str:
        """Why nobody sends the lines of streams with such labels, if nobody does.

        Loki's own are collected by the agents of one environment, and by those of no other.
        """
        if wanted.get(names.SERVICE) != loki_lines.SERVICE:
            return ""
        agent = self.catalog.agent
        home = agent.kubernetes.environment if agent and agent.kubernetes else None
        asked = [
            each
            for each in self.catalog.platform.environments
            if wanted.get(names.CLUSTER) == each.cluster
            and wanted.get(names.ENVIRONMENT) == each.environment
        ]
        if not asked or any(each.id == home for each in asked):
            return ""
        told = ", ".join(each.id for each in asked)
        where = f"in '{home}' alone" if home else "nowhere"
        return f"by the catalog the agents collect Loki's own lines {where}, and this is '{told}'"

    def evidence(self, declared: Declared) -> LogQL | None:
        """The lines that a counter of the agent counts: with them, it must be there."""
        service = self.service(declared.service)
        metric = declared.metric
        if service is None or metric is None or metric.emitted_by != "agent":
            return None
        own = (equal(names.SERVICE, service.id),)
        if metric.role == "log_errors":
            levels = "|".join(self.catalog.platform.error_levels)
            return lines((*own, Matcher(names.LEVEL, levels, "=~")))
        if metric.role == "log_lines":
            return lines(own)
        events = counted_events(service, metric)
        if not events:
            return None
        return log_lines.of_event(service, events[0], own)


def matches(operator: str, value: str, candidate: str) -> bool:
    """Whether a label of that value passes a matcher."""
    if operator in {"=", "!="}:
        return (candidate == value) is (operator == "=")
    try:
        found = re.fullmatch(value, candidate) is not None
    except re.error:
        return False
    return found is (operator == "=~")


def facts(catalog: Catalog, exporters: Iterable[Exporter], shipped: Shipped, tenant: str) -> Facts:
    """Read from the catalog and the rules that ship; of Loki's, the environment's own tenant."""
    metrics: dict[str, list[Declared]] = {}
    releases: dict[str, set[str]] = {}
    exporters = tuple(exporters)
    for each in exporters:
        releases.setdefault(each.component, set()).add(f"{each.component} {each.release}")
    for name, declared in (*_of_services(catalog), *_of_exporters(exporters)):
        metrics.setdefault(name, []).append(declared)
    for name in ("up", "scrape_samples_scraped", "scrape_duration_seconds"):
        metrics.setdefault(name, []).append(Declared("every scrape", lazy=False))
    return Facts(catalog, metrics, tuple(_rules(shipped, tenant)), _trouble(catalog), releases)


def _of_services(catalog: Catalog) -> Iterator[tuple[str, Declared]]:
    for service in catalog.services:
        for metric in service.metrics:
            own = Declared(
                f"service {service.id}", metric.emission == "lazy", service.id, metric=metric
            )
            parts = _HISTOGRAM if metric.type == "histogram" else ("",)
            yield from ((metric.name + part, own) for part in parts)


def _of_exporters(exporters: Iterable[Exporter]) -> Iterator[tuple[str, Declared]]:
    for each in exporters:
        for name, metric in each.metrics.items():
            own = Declared(
                f"{each.component} {each.release}",
                metric.emission == "lazy",
                component=each.component,
            )
            extra = PARTS.get(metric.type, ())
            whole = () if metric.type == "histogram" else ("",)
            yield from ((name + part, own) for part in (*whole, *extra))


def _rules(shipped: Shipped, tenant: str) -> Iterator[Rule]:
    trees: tuple[tuple[str, str, Language], ...] = (
        ("prometheus-rules", "prometheus/rules/", "promql"),
        ("loki-rules", f"loki/rules/{tenant}/", "logql"),
    )
    for kind, under, language in trees:
        for entry in shipped.of_kind(kind, under):
            for group in (shipped.load(entry.path) or {}).get("groups") or ():
                for rule in group.get("rules") or ():
                    yield _rule(entry.path, group, rule, language)


def _rule(place: str, group: Json, rule: Json, language: Language) -> Rule:
    kind: Literal["alert", "recording"] = "alert" if "alert" in rule else "recording"
    return Rule(
        place,
        str(group.get("name") or ""),
        str(rule.get("alert") or rule.get("record") or ""),
        kind,
        language,
        str(rule.get("expr") or ""),
        rule.get("labels") or {},
        rule.get("annotations") or {},
        str(group.get("interval") or "1m"),
    )


def _trouble(catalog: Catalog) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {names.LEVEL: set(catalog.platform.error_levels)}
    if catalog.platform.canary:
        found[names.TRACK] = {catalog.platform.canary.canary}
    for service in catalog.services:
        for metric in service.metrics:
            for label, values in _bad(metric):
                found.setdefault(label, set()).update(values)
        for event in service.logs.events:
            if event.outcome:
                found.setdefault(event.outcome.field, set()).update(event.outcome.bad)
    return {label: frozenset(values) for label, values in found.items()}


def _bad(metric: Metric) -> Iterator[tuple[str, Iterable[str]]]:
    yield from (metric.bad or {}).items()
    for label, good in (metric.good or {}).items():
        yield label, [each for each in metric.labels.get(label) or () if each not in good]
