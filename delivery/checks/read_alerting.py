"""Reads Alertmanager's configuration, and the rules that Grafana itself is to evaluate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from delivery.checks.documents import Documents, Inhibition, Managed, Receiver, Route
from delivery.checks.read_datasources import texts

Json = dict[str, Any]


def read_alertmanager(path: str, content: Json, documents: Documents) -> None:
    """Adds the routes, the receivers, who silences whom, and every text."""
    documents.routes += _routes(path, content.get("route") or {}, "route")
    for entry in content.get("receivers") or []:
        name = str(entry.get("name") or "")
        documents.receivers.append(Receiver(path, f"receiver {name}", name))
    for index, entry in enumerate(content.get("inhibit_rules") or []):
        source, target = (
            tuple(str(each) for each in entry.get(f"{side}_matchers") or [])
            for side in ("source", "target")
        )
        where = f"inhibit_rules[{index}]"
        documents.inhibitions.append(Inhibition(path, where, source, target))
    documents.configured += [(path, way, text) for way, text in texts(content, "")]


def _routes(path: str, entry: Json, where: str) -> Iterator[Route]:
    """The route and those below it, which inherit its receiver."""
    yield Route(path, where, str(entry.get("receiver") or ""))
    for index, below in enumerate(entry.get("routes") or []):
        inherited = {"receiver": entry.get("receiver"), **below}
        yield from _routes(path, inherited, f"{where}.routes[{index}]")


def read_managed(path: str, content: Json, documents: Documents) -> None:
    """Adds the rules of a file that Grafana provisions its alerting with."""
    for group in content.get("groups") or []:
        for rule in group.get("rules") or []:
            labels = rule.get("labels") or {}
            asked = (each.get("model") or {} for each in rule.get("data") or [])
            exprs = tuple(str(each["expr"]) for each in asked if each.get("expr"))
            where = f"rule '{rule.get('title') or ''}' in group {group.get('name') or ''}"
            alert, service = (str(labels.get(key) or "") for key in ("alert", "service"))
            documents.managed.append(Managed(path, where, alert, service, exprs))
