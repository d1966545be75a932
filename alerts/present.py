"""Applies, once and last, what all alerts share, and turns groups into plain data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alerts.model import Alert, Dashboard, Group, Rule
from catalog import names
from catalog.artifact import Suppression
from catalog.links import dashboard_path
from catalog.platform import Links
from catalog.scalars import format_duration

Json = dict[str, Any]


def rule_file(groups: Iterable[Group], links: Links) -> Json:
    """A rule file, as Prometheus and Loki's ruler read it from disk."""
    return {"groups": [_group(group, links) for group in groups]}


def accepted(groups: Iterable[Group]) -> tuple[Suppression, ...]:
    """What the rules of a file declare as meant, for the manifest."""
    return tuple(
        Suppression(check, f"{place(rule)} in group {group.name}", reason)
        for group in groups
        for rule in group.rules
        for check, reason in rule.accept.items()
    )


def place(rule: Rule) -> str:
    """How ``build.py check`` names it."""
    return f"alert {rule.name}" if isinstance(rule, Alert) else f"recording {rule.record}"


def _group(group: Group, links: Links) -> Json:
    return {
        "name": group.name,
        "interval": format_duration(group.interval),
        "rules": [_rule(rule, links) for rule in group.rules],
    }


def _rule(rule: Rule, links: Links) -> Json:
    if isinstance(rule, Alert):
        return _alert(rule, links)
    recording: Json = {"record": rule.record, "expr": rule.expr}
    if rule.labels:
        recording["labels"] = dict(rule.labels)
    return recording


def _alert(alert: Alert, links: Links) -> Json:
    held: Json = {"for": format_duration(alert.hold)} if alert.hold else {}
    return {
        "alert": alert.name,
        "expr": alert.expr,
        **held,
        "labels": labels(alert),
        "annotations": texts(alert, links),
    }


def labels(alert: Alert) -> dict[str, str]:
    """What the rule itself puts on its alerts."""
    return {
        names.SEVERITY: alert.severity,
        names.SERVICE: alert.service,
        names.TEAM: alert.team,
        **alert.labels,
    }


def texts(alert: Alert, links: Links) -> dict[str, str]:
    """What the rule says, with the templates that the server fills in."""
    return {
        "summary": alert.summary,
        "description": alert.description,
        "runbook_url": f"{links.runbooks_url}/{alert.name}",
        "dashboard_url": links.grafana_url + _path(alert.dashboard),
    }


def _path(dashboard: Dashboard) -> str:
    """The range is relative: a fixed one would change the annotation at every evaluation."""
    scope = {name: f"{{{{ $labels.{name} }}}}" for name in names.SCOPE}
    return dashboard_path(dashboard.uid, {**scope, **dashboard.variables})
