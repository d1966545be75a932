"""Reads a dashboard: its panels, every query it asks and every address it points to."""

from __future__ import annotations

import re
from typing import Any

from delivery.checks import read_panel
from delivery.checks.documents import (
    Dashboard,
    Documents,
    Reference,
    Text,
    Use,
    Variable,
    Variables,
)
from delivery.checks.read_panel import LANGUAGES, LEGEND, refer, source_of

Json = dict[str, Any]

_LABEL_VALUES = re.compile(r"label_values\(\s*(?:(.*),\s*)?([a-zA-Z_]\w*)\s*\)", re.DOTALL)


def read(path: str, content: Json, documents: Documents) -> None:
    """Adds the dashboard, its queries and its references."""
    variables = {
        variable.name: variable for variable in map(_variable, _list(content, "templating", "list"))
    }
    panels = tuple(read_panel.panels(path, content.get("panels") or []))
    documents.dashboards.append(
        Dashboard(
            path,
            str(content.get("uid") or ""),
            str(content.get("title") or ""),
            str(content.get("description") or ""),
            variables,
            tuple(facts for facts, _ in panels),
            str((content.get("time") or {}).get("from") or ""),
        )
    )
    for facts, panel in panels:
        read_panel.read(path, facts, panel, variables, documents)
    for entry in _list(content, "templating", "list"):
        _read_variable(path, entry, variables, documents)
    for entry in _list(content, "annotations", "list"):
        _read_annotation(path, entry, variables, documents)
    for link in content.get("links") or []:
        if link.get("type") == "link":
            where = f"link '{link.get('title', '')}'"
            target = str(link.get("url") or "")
            documents.references.append(Reference(path, where, "link", target, "", variables))
            documents.texts.append(Text(path, where, "link", target, variables))
    for key in ("title", "description"):
        text = str(content.get(key) or "")
        documents.texts.append(Text(path, f"dashboard, {key}", "text", text, variables))


def _list(content: Json, *keys: str) -> list[Json]:
    value: Any = content
    for key in keys:
        value = (value or {}).get(key)
    return value or []


def _variable(entry: Json) -> Variable:
    kind = str(entry.get("type") or "")
    name, many = str(entry.get("name") or ""), bool(entry.get("multi") or entry.get("includeAll"))
    query = _query_of(entry)
    if kind == "custom":
        values = tuple(part.strip() for part in query.split(",") if part.strip())
        return Variable(name, kind, values, many=many)
    if kind == "textbox":
        return Variable(name, kind, (query,) if query else ())
    of_loki = entry.get("query")
    if kind == "query" and isinstance(of_loki, dict) and of_loki.get("label"):
        stream = str(of_loki.get("stream") or "")
        return Variable(name, kind, (), str(of_loki["label"]), stream, many)
    found = _LABEL_VALUES.fullmatch(query.strip()) if kind == "query" else None
    if found:
        return Variable(name, kind, (), found[2], (found[1] or "").strip(), many)
    return Variable(name, kind, many=many)


def _query_of(entry: Json) -> str:
    query = entry.get("query")
    return str(query.get("query") or "") if isinstance(query, dict) else str(query or "")


def _read_variable(path: str, entry: Json, variables: Variables, documents: Documents) -> None:
    variable = variables[str(entry.get("name") or "")]
    if variable.kind != "query":
        return
    where = f"variable {variable.name}"
    kind, uid = source_of(entry)
    refer(path, where, (kind, uid), variables, documents)
    if not variable.label:
        # Not label_values(): no query that we read, but variables it may have.
        documents.texts.append(Text(path, where, "text", _query_of(entry), variables))
    if variable.series:
        documents.uses.append(
            Use(
                path,
                where,
                "variable",
                LANGUAGES.get(kind, "promql"),
                variable.series,
                variables,
                (uid, kind),
                (variable.label,),
            )
        )


def _read_annotation(path: str, entry: Json, variables: Variables, documents: Documents) -> None:
    where = f"annotation '{entry.get('name', '')}'"
    kind, uid = source_of(entry)
    refer(path, where, (kind, uid), variables, documents)
    language = LANGUAGES.get(kind)
    # Old servers read the one, new ones the other.
    exprs = {str(entry.get("expr") or ""), str((entry.get("target") or {}).get("expr") or "")}
    if language is None:
        return
    for key in ("name", "titleFormat", "textFormat"):
        text = str(entry.get(key) or "")
        documents.texts.append(Text(path, f"{where}, {key}", "text", text, variables))
    shown = " ".join(str(entry.get(key) or "") for key in ("titleFormat", "textFormat"))
    tags = [tag for tag in str(entry.get("tagKeys") or "").split(",") if tag]
    for expr in sorted(exprs - {""}):
        documents.uses.append(
            Use(
                path,
                where,
                "annotation",
                language,
                expr,
                variables,
                (uid, kind),
                (*LEGEND.findall(shown), *tags),
            )
        )
