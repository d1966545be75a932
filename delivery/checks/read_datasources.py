"""Reads provisioned datasources: what they are, and the queries and links inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from delivery.checks.documents import (
    Datasource,
    Documents,
    Language,
    Mapped,
    Reference,
    Use,
    Variable,
    Variables,
)

Json = dict[str, Any]

_LANGUAGES: dict[str, Language] = {"prometheus": "promql", "loki": "logql"}


def expanded(path: str, content: Json, documents: Documents) -> None:
    """Adds every text of a file that Grafana expands ``$`` in."""
    documents.expanded += [(path, way, text) for way, text in texts(content, "")]


def texts(value: Any, way: str) -> Iterator[tuple[str, str]]:
    """Every text in a file, with the way to it."""
    if isinstance(value, str):
        yield way.lstrip("."), value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, f"{way}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            name = item.get("name") if isinstance(item, dict) else None
            yield from texts(item, f"{way}[{name or index}]")


def read(path: str, content: Json, documents: Documents) -> None:
    """Adds the datasources of a file and what they ask and point to."""
    entries = content.get("datasources") or []
    kinds = {str(entry.get("uid") or ""): str(entry.get("type") or "") for entry in entries}
    for entry in entries:
        name = str(entry.get("name") or "")
        uid = str(entry.get("uid") or "")
        documents.datasources.append(Datasource(path, uid, name, kinds[uid]))
        where = f"datasource '{name}'"
        for key, target in _named_uids(entry, ""):
            documents.references.append(
                Reference(path, f"{where}, {key}", "datasource", target, _wanted(key))
            )
        for key, url in _urls(entry):
            documents.references.append(Reference(path, f"{where}, {key}", "link", unescaped(url)))
        for key, kind, label in _mapped(entry):
            documents.mapped.append(Mapped(path, f"{where}, {key}", kind, label))
        for key, target, query, variables in _queries(entry):
            language = _LANGUAGES.get(kinds.get(target, ""))
            if language:
                documents.uses.append(
                    Use(
                        path,
                        f"{where}, {key}",
                        "correlation" if key.startswith("correlation") else "trace-link",
                        language,
                        unescaped(query),
                        variables,
                        source=(target, kinds[target]),
                    )
                )


def unescaped(text: str) -> str:
    """What Grafana holds once it has read the file."""
    return text.replace("$$", "$")


def _named_uids(value: Any, way: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in {"datasourceUid", "targetUID", "alertmanagerUid"}:
                yield f"{way}.{key}".lstrip("."), str(item)
            else:
                yield from _named_uids(item, f"{way}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _named_uids(item, f"{way}[{index}]")


def _wanted(key: str) -> str:
    """The kind of datasource that a setting is for; "" where several will do."""
    return next((kind for setting, kind in _WANTED.items() if setting in key), "")


_WANTED = {
    "tracesToLogs": "loki",
    "tracesToMetrics": "prometheus",
    "alertmanagerUid": "alertmanager",
    "derivedFields": "jaeger",
    "exemplarTraceIdDestinations": "jaeger",
}


def _urls(entry: Json) -> Iterator[tuple[str, str]]:
    """The addresses that a value in a line or an exemplar leads to, outside of a datasource."""
    settings = entry.get("jsonData") or {}
    for key in ("derivedFields", "exemplarTraceIdDestinations"):
        for each in settings.get(key) or []:
            if each.get("url") and not each.get("datasourceUid"):
                yield f"jsonData.{key} '{each.get('name', '')}'", str(each["url"])


def _mapped(entry: Json) -> Iterator[tuple[str, MappedKind, str]]:
    """What a datasource's settings read: their key, what they look for, and its name."""
    settings = entry.get("jsonData") or {}
    for each in settings.get("derivedFields") or []:
        kind: MappedKind = "field" if each.get("matcherType") == "label" else "pattern"
        key = f"jsonData.derivedFields '{each.get('name', '')}'"
        yield key, kind, unescaped(str(each.get("matcherRegex") or ""))
    for setting, tags in _TAGS.items():
        kind = "series" if setting == "tracesToMetrics" else "stream"
        for each in (settings.get(setting) or {}).get(tags) or []:
            yield f"jsonData.{setting}", kind, str(each.get("value") or each.get("key") or "")
    for correlation in entry.get("correlations") or []:
        for each in _transformations(correlation):
            if each.get("type") == "regex":
                key = f"correlation '{correlation.get('label', '')}'"
                yield key, "pattern", unescaped(str(each.get("expression") or ""))


MappedKind = Literal["field", "pattern", "series", "stream"]

#: Where each setting keeps the tags of a span and the labels that they become.
_TAGS = {"tracesToLogs": "mappedTags", "tracesToLogsV2": "tags", "tracesToMetrics": "tags"}


def _transformations(correlation: Json) -> list[Json]:
    return (correlation.get("config") or {}).get("transformations") or []


def _queries(entry: Json) -> Iterator[tuple[str, str, str, Variables]]:
    """Key, target datasource, text and own variables of each query inside a datasource."""
    settings = entry.get("jsonData") or {}
    to_logs = settings.get("tracesToLogsV2") or {}
    if to_logs.get("query"):
        yield "tracesToLogsV2", str(to_logs.get("datasourceUid")), str(to_logs["query"]), {}
    to_metrics = settings.get("tracesToMetrics") or {}
    for query in to_metrics.get("queries") or []:
        key = f"tracesToMetrics '{query.get('name', '')}'"
        yield key, str(to_metrics.get("datasourceUid")), str(query.get("query") or ""), {}
    for correlation in entry.get("correlations") or []:
        target = (correlation.get("config") or {}).get("target") or {}
        if target.get("expr"):
            key = f"correlation '{correlation.get('label', '')}'"
            found = {
                name: Variable(name, "mapped")
                for each in _transformations(correlation)
                for name in _filled(each)
            }
            yield key, str(correlation.get("targetUID")), str(target["expr"]), found


def _filled(transformation: Json) -> list[str]:
    """The variables that a transformation fills: the one it names, or its expression's groups."""
    if transformation.get("mapValue"):
        return [str(transformation["mapValue"])]
    return _GROUPS.findall(str(transformation.get("expression") or ""))


_GROUPS = re.compile(r"\(\?P?<(\w+)>")
