"""Reads one panel of a dashboard: what it shows, what it asks and where its links lead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from delivery.checks.documents import (
    Documents,
    Language,
    Mention,
    Panel,
    Reference,
    Text,
    Use,
    Variables,
)

Json = dict[str, Any]

LANGUAGES: dict[str, Language] = {"prometheus": "promql", "loki": "logql"}
LEGEND = re.compile(r"\{\{\s*([^}\s]+)\s*\}\}")
_MARKDOWN_LINK = re.compile(r"\]\(\s*([^)\s]+)|href=\"([^\"]+)\"")


def panels(path: str, entries: list[Json], row: str = "") -> Iterator[tuple[Panel, Json]]:
    """Each panel, and behind a collapsed row those that it holds."""
    for entry in entries:
        facts = _panel(path, entry, row)
        yield facts, entry
        yield from panels(path, entry.get("panels") or [], facts.where)


def _panel(path: str, entry: Json, row: str) -> Panel:
    number, title = entry.get("id"), str(entry.get("title") or "")
    targets = entry.get("targets") or []
    return Panel(
        file=path,
        where=f"panel {number} '{title}'",
        number=number if isinstance(number, int) else None,
        kind=str(entry.get("type") or ""),
        title=title,
        description=str(entry.get("description") or ""),
        unit=str(_defaults(entry).get("unit") or ""),
        grid=_grid(entry.get("gridPos") or {}),
        refs=tuple(str(target.get("refId") or "") for target in targets),
        asks=tuple(_asks(target, entry) for target in targets),
        row=row,
        transforms=tuple(str(each.get("id") or "") for each in _transformations(entry)),
        renamed=_renamed(entry),
        mentions=tuple(_mentions(entry)),
    )


def _asks(target: Json, entry: Json) -> bool:
    """A query language needs an expression; what other datasources need is theirs to say."""
    kind, _ = source_of(target, entry)
    return kind not in LANGUAGES or bool(str(target.get("expr") or "").strip())


def _grid(place: Json) -> tuple[int, int, int, int] | None:
    x, y, width, height = (place.get(key) for key in ("x", "y", "w", "h"))
    if all(isinstance(side, int) for side in (x, y, width, height)):
        return int(x or 0), int(y or 0), int(width or 0), int(height or 0)
    return None


def _defaults(entry: Json) -> Json:
    return (entry.get("fieldConfig") or {}).get("defaults") or {}


def _overrides(entry: Json) -> list[Json]:
    return (entry.get("fieldConfig") or {}).get("overrides") or []


def _transformations(entry: Json) -> list[Json]:
    return entry.get("transformations") or []


def _renamed(entry: Json) -> Mapping[str, str]:
    renamed: dict[str, str] = {}
    for each in _transformations(entry):
        if each.get("id") == "organize":
            renamed |= (each.get("options") or {}).get("renameByName") or {}
    return renamed


def _mentions(entry: Json) -> Iterator[Mention]:
    """Every column or series that the panel names."""
    for each in _transformations(entry):
        kind, options = str(each.get("id") or ""), each.get("options") or {}
        by = f"the transformation {kind}"
        if kind == "filterFieldsByName":
            for name in (options.get("include") or {}).get("names") or []:
                yield Mention(by, str(name))
        elif kind == "organize":
            keys = ("renameByName", "indexByName", "excludeByName")
            for name in dict.fromkeys(name for key in keys for name in options.get(key) or {}):
                yield Mention(by, str(name))
    for override in _overrides(entry):
        for name in _matched(override):
            yield Mention("an override", name)


def _matched(override: Json) -> list[str]:
    """The names that an override is for, where it goes by name."""
    matcher = override.get("matcher") or {}
    options = matcher.get("options")
    if matcher.get("id") == "byName":
        return [str(options)]
    if matcher.get("id") == "byNames" and isinstance(options, dict):
        return [str(name) for name in options.get("names") or []]
    return []


def _unit(entry: Json, facts: Panel, target: Json) -> str:
    """The unit that this query's numbers are shown in: the panel's, or an override's."""
    ref, legend = str(target.get("refId") or ""), str(target.get("legendFormat") or "")
    shown = {f"Value #{ref}"} | ({"Value"} if len(facts.refs) == 1 else set())
    shown |= {facts.renamed[name] for name in shown if name in facts.renamed}
    if legend and not LEGEND.search(legend):
        shown.add(legend)
    unit = facts.unit
    for override in _overrides(entry):
        matcher = override.get("matcher") or {}
        by_ref = matcher.get("id") == "byFrameRefID" and matcher.get("options") == ref
        if by_ref or shown.intersection(_matched(override)):
            for each in override.get("properties") or []:
                if each.get("id") == "unit":
                    unit = str(each.get("value") or "")
    return unit


def source_of(entry: Json, above: Json | None = None) -> tuple[str, str]:
    """Type and uid of a datasource; a query without one takes its panel's."""
    source = entry.get("datasource") or (above or {}).get("datasource") or {}
    if isinstance(source, str):  # as dashboards before Grafana 8.3 wrote it
        return "", source
    return str(source.get("type") or ""), str(source.get("uid") or "")


def refer(
    path: str, where: str, source: tuple[str, str], variables: Variables, documents: Documents
) -> None:
    """Adds a reference to a datasource, unless it is Grafana's own."""
    kind, uid = source
    if kind != "grafana":
        documents.references.append(Reference(path, where, "datasource", uid, kind, variables))


def read(path: str, facts: Panel, entry: Json, variables: Variables, documents: Documents) -> None:
    """Adds the panel's queries, links, datasources and texts."""

    def add_text(where: str, text: Any, kind: Any = "text") -> None:
        if isinstance(text, str) and "$" in text:
            documents.texts.append(Text(path, where, kind, text, variables))

    if entry.get("datasource"):
        refer(path, facts.where, source_of(entry), variables, documents)
    for target in entry.get("targets") or []:
        where = f"{facts.where}, query {target.get('refId', '?')}"
        source = source_of(target, entry)
        refer(path, where, source, variables, documents)
        language = LANGUAGES.get(source[0])
        if language and "expr" in target:
            unit = _unit(entry, facts, target)
            documents.uses.append(_use(facts, where, target, variables, source, language, unit))
            add_text(where, target.get("legendFormat"))
        else:
            for text in strings(target):
                add_text(where, text)
    for key in ("title", "description"):
        add_text(f"{facts.where}, {key}", entry.get(key))
    if entry.get("repeat"):
        add_text(f"{facts.where}, repeat", f"${{{entry['repeat']}}}")
    for text in strings(entry.get("options") or {}):
        add_text(facts.where, text)
    for link, of_data in _links(entry):
        where = f"{facts.where}, link '{link.get('title', '')}'"
        kind = "data link" if of_data else "link"
        add_text(where, link.get("title"), kind)
        add_text(where, link.get("url"), kind)
        url = str(link.get("url") or "")
        documents.references.append(Reference(path, where, "link", url, "", variables, facts.where))


def _use(  # noqa: PLR0917 - a query has that many sides
    facts: Panel,
    where: str,
    target: Json,
    variables: Variables,
    source: tuple[str, str],
    language: Language,
    unit: str,
) -> Use:
    kind, uid = source
    return Use(
        facts.file,
        where,
        "panel",
        language,
        str(target["expr"]),
        variables,
        (uid, kind),
        tuple(LEGEND.findall(str(target.get("legendFormat") or ""))),
        unit,
        bool(target.get("instant") or target.get("queryType") == "instant"),
        panel=facts.where,
        ref=str(target.get("refId") or ""),
        named=str(target.get("legendFormat") or ""),
    )


def _links(entry: Json) -> Iterator[tuple[Json, bool]]:
    """Each link, and whether it is opened from a value."""
    for link in entry.get("links") or []:
        yield link, False
    for link in _defaults(entry).get("links") or []:
        yield link, True
    for override in _overrides(entry):
        for each in override.get("properties") or []:
            if each.get("id") == "links":
                for link in each.get("value") or []:
                    yield link, True
    content = (entry.get("options") or {}).get("content")
    if isinstance(content, str):
        for found in _MARKDOWN_LINK.finditer(content):
            yield {"title": "in the text", "url": found[1] or found[2]}, False


def strings(value: Any) -> Iterator[str]:
    """Every text in a value; how a datasource is named is read elsewhere."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key != "datasource":
                yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
