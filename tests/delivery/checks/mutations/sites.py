"""Every query in the files that ship, and where in its file it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from queries.library import artifact as library
from tests.delivery.checks.mutations.mutant import Edit, Json, Mutant, Way

_LANGUAGES = {"prometheus": "promql", "loki": "logql"}
_LABEL_VALUES = re.compile(r"(label_values\()(.+)(, ?\w+\))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A value that holds the query, with what stands around it there."""

    way: Way
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A query. ``holder`` is the way to the panel, variable, rule or datasource that asks."""

    path: str
    where: str
    kind: str
    language: str
    text: str
    places: tuple[Place, ...]
    holder: Way
    expanded: bool = False

    def mutant(self, text: str, word: str = "", *more: Edit) -> Mutant:
        """The fault of asking this instead."""
        shipped = text.replace("$", "$$") if self.expanded else text
        edits = tuple(
            Edit(place.way, place.before + shipped + place.after) for place in self.places
        )
        return Mutant(self.path, self.where, (*edits, *more), word)


def queries(path: str, content: Json) -> Iterator[Site]:
    """Every query of a file."""
    if "/dashboards/" in path and path.endswith(".json"):
        yield from _of_dashboard(path, content)
    elif "/rules/" in path:
        yield from _of_rules(path, content)
    elif "/datasources/" in path:
        yield from _of_datasources(path, content)
    elif path == library.PATH:
        yield from _of_library(path, content)


def panels(content: Json) -> Iterator[tuple[Way, Json]]:
    """Every panel of a dashboard with the way to it, those in collapsed rows too."""
    for index, panel in enumerate(content.get("panels", ())):
        yield ("panels", index), panel
        for inner, each in enumerate(panel.get("panels", ())):
            yield ("panels", index, "panels", inner), each


def named(panel: Json) -> str:
    """A panel as findings name it."""
    return f"panel {panel['id']} '{panel['title']}'"


def _of_dashboard(path: str, content: Json) -> Iterator[Site]:
    for way, panel in panels(content):
        for index, target in enumerate(panel.get("targets", ())):
            language = _LANGUAGES.get(target["datasource"]["type"])
            if language:
                where = f"{named(panel)}, query {target['refId']}"
                place = Place((*way, "targets", index, "expr"))
                yield Site(path, where, "panel", language, target["expr"], (place,), way)
    for index, entry in enumerate(content["templating"]["list"]):
        if entry["type"] == "query":
            way = ("templating", "list", index)
            found = _LABEL_VALUES.fullmatch(entry["query"]["query"])
            assert found, entry["query"]
            place = Place((*way, "query", "query"), found[1], found[3])
            where = f"variable {entry['name']}"
            yield Site(path, where, "variable", "promql", found[2], (place,), way)
    for index, entry in enumerate(content["annotations"]["list"]):
        language = _LANGUAGES.get(entry["datasource"]["type"])
        if language:
            way = ("annotations", "list", index)
            places = (Place((*way, "expr")), Place((*way, "target", "expr")))
            where = f"annotation '{entry['name']}'"
            yield Site(path, where, "annotation", language, entry["expr"], places, way)


def rules(content: Json) -> Iterator[tuple[Way, Json, str]]:
    """Every rule with the way to it, and as findings name it."""
    for index, group in enumerate(content["groups"]):
        for inner, rule in enumerate(group["rules"]):
            kind = "alert" if "alert" in rule else "recording"
            name = rule.get("alert") or rule["record"]
            way = ("groups", index, "rules", inner)
            yield way, rule, f"{kind} {name} in group {group['name']}"


def _of_rules(path: str, content: Json) -> Iterator[Site]:
    language = "promql" if path.startswith("prometheus/") else "logql"
    for way, rule, where in rules(content):
        place = Place((*way, "expr"))
        yield Site(path, where, where.split()[0], language, rule["expr"], (place,), way)


def _of_library(path: str, content: Json) -> Iterator[Site]:
    for index, query in enumerate(content["queries"]):
        for inner, form in enumerate(query["forms"]):
            way: Way = ("queries", index, "forms", inner)
            where = library.where(query["name"], form["service"], form.get("release"))
            place = Place((*way, "query"))
            yield Site(path, where, "library", "logql", form["query"], (place,), way)


def _of_datasources(path: str, content: Json) -> Iterator[Site]:
    entries = content["datasources"]
    kinds = {entry["uid"]: entry["type"] for entry in entries}
    for index, entry in enumerate(entries):
        way: Way = ("datasources", index)
        where = f"datasource '{entry['name']}'"
        for inner, kind, target, text, label in _of_datasource(entry):
            language = _LANGUAGES[kinds[target]]
            named_so = f"{where}, {label}"
            plain = text.replace("$$", "$")
            place = Place((*way, *inner))
            yield Site(path, named_so, kind, language, plain, (place,), way, expanded=True)


def _of_datasource(entry: Json) -> Iterator[tuple[Way, str, str, str, str]]:
    settings: Any = entry["jsonData"]
    to_logs = settings.get("tracesToLogsV2")
    if to_logs:
        way: Way = ("jsonData", "tracesToLogsV2", "query")
        yield way, "trace-link", to_logs["datasourceUid"], to_logs["query"], "tracesToLogsV2"
    to_metrics = settings.get("tracesToMetrics", {"queries": ()})
    for index, query in enumerate(to_metrics["queries"]):
        way = ("jsonData", "tracesToMetrics", "queries", index, "query")
        label = f"tracesToMetrics '{query['name']}'"
        yield way, "trace-link", to_metrics["datasourceUid"], query["query"], label
    for index, each in enumerate(entry.get("correlations", ())):
        way = ("correlations", index, "config", "target", "expr")
        label = f"correlation '{each['label']}'"
        yield way, "correlation", each["targetUID"], at_expr(each), label


def at_expr(correlation: Json) -> str:
    """The query of a correlation."""
    text: str = correlation["config"]["target"]["expr"]
    return text
