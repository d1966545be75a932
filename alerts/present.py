"""Applies, once and last, what all alerts share, and turns groups into plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from alerts import text
from alerts.model import Alert, Dashboard, Group, Rule
from catalog import names
from catalog.artifact import Artifact, Suppression
from catalog.links import dashboard_path
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Service

Json = dict[str, Any]


def rule_file(groups: Iterable[Group], catalog: Catalog) -> Json:
    """A rule file, as Prometheus and Loki's ruler read it from disk."""
    return {"groups": [_group(group, catalog) for group in groups]}


def alert_labels(files: Iterable[Artifact]) -> tuple[dict[str, str], ...]:
    """The labels of every alert of the files, once each: its rule's, and its name."""
    found: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    for file in files:
        for rule in _alert_rules(file.content):
            labels = {"alertname": rule["alert"], **rule["labels"]}
            found.setdefault(tuple(sorted(labels.items())), labels)
    return tuple(found.values())


def _alert_rules(content: Any) -> Iterator[Json]:
    for group in content["groups"]:
        yield from (rule for rule in group["rules"] if "alert" in rule)


def accepted(groups: Iterable[Group]) -> tuple[Suppression, ...]:
    """What the rules of a file declare as meant, for the manifest."""
    return tuple(
        Suppression(check, f"{_place(rule)} in group {group.name}", reason)
        for group in groups
        for rule in group.rules
        for check, reason in rule.accept.items()
    )


def _place(rule: Rule) -> str:
    return f"alert {rule.name}" if isinstance(rule, Alert) else f"recording {rule.record}"


def _group(group: Group, catalog: Catalog) -> Json:
    return {
        "name": group.name,
        "interval": format_duration(group.interval),
        "rules": [_rule(rule, catalog) for rule in group.rules],
    }


def _rule(rule: Rule, catalog: Catalog) -> Json:
    if isinstance(rule, Alert):
        return _alert(rule, catalog)
    recording: Json = {"record": rule.record, "expr": rule.expr}
    if rule.labels:
        recording["labels"] = dict(rule.labels)
    return recording


def _alert(alert: Alert, catalog: Catalog) -> Json:
    held: Json = {"for": format_duration(alert.hold)} if alert.hold else {}
    return {
        "alert": alert.name,
        "expr": alert.expr,
        **held,
        "labels": {
            names.SEVERITY: alert.severity,
            names.SERVICE: alert.service,
            names.TEAM: alert.team,
            **alert.labels,
        },
        "annotations": _annotations(alert, catalog),
    }


def _annotations(alert: Alert, catalog: Catalog) -> dict[str, str]:
    """What it says and links to; what is not known of an alert is left out."""
    links = catalog.platform.links
    service = next((each for each in catalog.services if each.id == alert.service), None)
    made = {
        names.SUMMARY: alert.summary,
        names.DESCRIPTION: alert.description,
        names.RUNBOOK_URL: f"{links.runbooks_url}/{alert.name}",
        names.DASHBOARD_URL: links.grafana_url + _path(alert.dashboard),
    }
    value = text.value_in(alert.summary)
    if value is not None:
        made[names.VALUE] = value
    if service is not None:
        made |= _of_objective(alert, service)
        logs = Dashboard(names.logs_uid(catalog.prefix, service.id))
        made[names.LOGS_URL] = links.grafana_url + _path(logs)
    return made


def _of_objective(alert: Alert, service: Service) -> dict[str, str]:
    for objective in service.objectives:
        if objective.id == alert.labels.get(names.OBJECTIVE):
            return {
                names.PROMISE: text.promise(objective),
                names.BUDGET_LEFT: text.budget_left(service, objective),
            }
    return {}


def _path(dashboard: Dashboard) -> str:
    """The range is relative: a fixed one would change the annotation at every evaluation."""
    scope = {name: f"{{{{ $labels.{name} }}}}" for name in names.SCOPE}
    return dashboard_path(dashboard.uid, {**scope, **dashboard.variables})
