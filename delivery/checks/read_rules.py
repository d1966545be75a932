"""Reads a rule file of Prometheus or of Loki's ruler."""

from __future__ import annotations

import re
from typing import Any, Literal

from delivery.checks.documents import Documents, Group, Language, Reference, Rule, Use

Json = dict[str, Any]

_LABELS = re.compile(r"(?:\$labels|\.Labels)\.([a-zA-Z_]\w*)")
_TEXT = r'"((?:[^"\\]|\\.)*)"'
#: A query inside a template: ``{{ with printf "…%s…" $labels.x | query }}`` or a plain string,
#: and the same as a call: ``{{ with query "…" }}``.
_QUERY = re.compile(
    rf"(?:printf\s+)?{_TEXT}[^|{{}}]*\|\s*query\b"
    rf'|\{{\{{[^}}"`]*\bquery\s+\(?\s*(?:printf\s+)?{_TEXT}'
)

_ADDRESSES: dict[str, Literal["link", "runbook"]] = {
    "dashboard_url": "link",
    "runbook_url": "runbook",
}


def read(path: str, content: Json, language: Language, documents: Documents) -> None:
    """Adds the groups, the expressions, the queries in templates and the links."""
    for entry in content.get("groups") or []:
        name = str(entry.get("name") or "")
        rules = tuple(_rule(path, name, rule, language) for rule in entry.get("rules") or [])
        documents.groups.append(Group(path, name, str(entry.get("interval") or ""), rules))
        for rule in rules:
            _read_rule(rule, documents)


def _rule(path: str, group: str, entry: Json, language: Language) -> Rule:
    alert = entry.get("alert")
    return Rule(
        file=path,
        group=group,
        name=str(alert or entry.get("record") or ""),
        kind="alert" if alert else "recording",
        language=language,
        expr=str(entry.get("expr") or ""),
        hold=str(entry.get("for") or ""),
        labels={str(key): str(value) for key, value in (entry.get("labels") or {}).items()},
        annotations={
            str(key): str(value) for key, value in (entry.get("annotations") or {}).items()
        },
    )


def _read_rule(rule: Rule, documents: Documents) -> None:
    templates = " ".join((*rule.annotations.values(), *rule.labels.values()))
    documents.uses.append(
        Use(
            rule.file,
            rule.where,
            rule.kind,
            rule.language,
            rule.expr,
            legend=tuple(dict.fromkeys(_LABELS.findall(templates))),
            instant=True,
            static=tuple(rule.labels.items()),
            record=rule.name if rule.kind == "recording" else "",
        )
    )
    for key, text in rule.annotations.items():
        for piped, called in _QUERY.findall(text):
            plain = (piped or called).replace('\\"', '"').replace("%s", "sample-value-of-label")
            where = f"{rule.where}, annotation {key}"
            documents.uses.append(Use(rule.file, where, "template", rule.language, plain))
    for key, kind in _ADDRESSES.items():
        if key in rule.annotations:
            where = f"{rule.where}, annotation {key}"
            target = rule.annotations[key]
            documents.references.append(Reference(rule.file, where, kind, target, panel=rule.where))
