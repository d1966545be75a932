"""Which datasource a panel asks: by type and uid, as of today, and one that is ours.

A dashboard says so in one of five ways: by a name, by nothing (the server's default), by the
name of an input that was to be chosen when it was imported, by a variable, or by type and uid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from delivery.importing.notes import Notes

Json = dict[str, Any]

#: The kinds whose queries can be written and checked here.
ASKED = ("prometheus", "loki", "jaeger")
_GRAFANAS_OWN = frozenset({"-- Mixed --", "-- Grafana --", "-- Dashboard --"})
_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\]")


@dataclass(frozen=True, slots=True)
class References:
    """What is known of the names that a dashboard uses for datasources."""

    prefix: str
    inputs: Mapping[str, str]
    variables: Mapping[str, str]
    #: The server's own, by uid and by name: the type and the uid.
    known: Mapping[str, tuple[str, str]]

    def of(self, source: Any, guess: str, path: str, notes: Notes) -> Json:
        """``{type, uid}`` of what ``source`` names; ``guess`` is the kind where nothing tells."""
        name, kind = _said(source)
        if name in _GRAFANAS_OWN or kind in {"datasource", "grafana"}:
            return source if isinstance(source, dict) else {"type": "datasource", "uid": name}
        variable = _VARIABLE.fullmatch(name)
        called = next(filter(None, variable.groups()), "") if variable else ""
        if called in self.inputs:
            return self._ours(self.inputs[called], path, f"the input {called}", notes)
        if called in self.variables:
            found = {"type": self.variables[called], "uid": name}
            if found != source:
                notes.migrated(path, f"the datasource is named by type and uid: {name}")
            return found
        if name in self.known:
            kind, uid = self.known[name]
            found = {"type": kind, "uid": uid}
            if uid == f"{self.prefix}-{kind}":
                if found != source:
                    notes.migrated(path, f"the datasource is named by type and uid: {uid}")
                return found
        if name == f"{self.prefix}-{kind}":
            return {"type": kind, "uid": name}
        return self._ours(kind or guess, path, name or "the default datasource", notes)

    def _ours(self, kind: str, path: str, said: str, notes: Notes) -> Json:
        if kind in ASKED or kind == "alertmanager":
            uid = f"{self.prefix}-{kind}"
            notes.mapped(path, f"{said} is {uid} here")
            return {"type": kind, "uid": uid}
        return {"type": kind, "uid": said}


def references(
    dashboard: Json, prefix: str, datasources: tuple[tuple[str, str, str], ...]
) -> References:
    """What the dashboard itself and the server that it is of tell of datasources."""
    inputs = {
        str(each.get("name")): str(each.get("pluginId") or "")
        for each in dashboard.get("__inputs") or []
        if isinstance(each, dict) and each.get("type") == "datasource"
    }
    templating = dashboard.get("templating") or {}
    variables = {
        str(each.get("name")): str(each.get("query") or "")
        for each in templating.get("list") or []
        if isinstance(each, dict) and each.get("type") == "datasource"
    }
    known: dict[str, tuple[str, str]] = {}
    for uid, name, kind in datasources:
        known[name] = known[uid] = kind, uid
    return References(prefix, inputs, variables, known)


def _said(source: Any) -> tuple[str, str]:
    if isinstance(source, dict):
        return str(source.get("uid") or ""), str(source.get("type") or "")
    name = str(source or "")
    return ("" if name == "default" else name), ""
