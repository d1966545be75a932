"""Faults of a provisioned datasource: its name, what it points to, how ``$`` is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.delivery.checks.mutations.mutant import GONE, Edit, Json, Kind, Mutant, Way
from tests.delivery.checks.mutations.shipped import Shipped

_UIDS = ("datasourceUid", "targetUID", "alertmanagerUid")
#: What each setting leads to; a correlation may lead anywhere.
_WANTED = {
    "tracesToLogs": "loki",
    "tracesToMetrics": "prometheus",
    "alertmanagerUid": "alertmanager",
    "derivedFields": "jaeger",
    "exemplarTraceIdDestinations": "jaeger",
}


def _files(shipped: Shipped) -> Iterator[tuple[str, Json]]:
    for path, content in shipped.contents.items():
        if "/datasources/" in path:
            yield path, content


def _entries(shipped: Shipped) -> Iterator[tuple[str, int, Json]]:
    for path, content in _files(shipped):
        for index, entry in enumerate(content["datasources"]):
            yield path, index, entry


def _uids(value: Any, way: Way, named: str) -> Iterator[tuple[Way, str, str]]:
    """Every uid that a datasource points to: the way to it, as findings name it, itself."""
    if isinstance(value, dict):
        for key, item in value.items():
            below = f"{named}.{key}".lstrip(".")
            if key in _UIDS:
                yield (*way, key), below, item
            else:
                yield from _uids(item, (*way, key), below)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _uids(item, (*way, index), f"{named}[{index}]")


def _pointer_dead(shipped: Shipped) -> Iterator[Mutant]:
    for path, index, entry in _entries(shipped):
        for way, key, uid in _uids(entry, (), ""):
            where = f"datasource '{entry['name']}', {key}"
            yield Mutant(path, where, (Edit(("datasources", index, *way), f"{uid}-x"),))


def _pointer_to_another_kind(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in _files(shipped):
        for index, entry in enumerate(content["datasources"]):
            for way, key, _ in _uids(entry, (), ""):
                wanted = next((kind for name, kind in _WANTED.items() if name in key), None)
                if wanted:
                    other = next(
                        each["uid"] for each in content["datasources"] if each["type"] != wanted
                    )
                    where = f"datasource '{entry['name']}', {key}"
                    yield Mutant(path, where, (Edit(("datasources", index, *way), other),))


def _uid_removed(shipped: Shipped) -> Iterator[Mutant]:
    for path, index, entry in _entries(shipped):
        edit = Edit(("datasources", index, "uid"), GONE)
        yield Mutant(path, f"datasource '{entry['name']}'", (edit,))


def _taken(key: str) -> Any:
    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        for path, content in _files(shipped):
            first = content["datasources"][0][key]
            for index, entry in enumerate(content["datasources"][1:], start=1):
                named = first if key == "name" else entry["name"]
                edit = Edit(("datasources", index, key), first)
                yield Mutant(path, f"datasource '{named}'", (edit,))

    return mutants


def _labels(value: Any, way: Way) -> Iterator[tuple[Way, str, str]]:
    """Every label that a setting maps or looks for: the way to it, its finding's place, itself."""
    for setting, tags in (
        ("tracesToLogs", "mappedTags"),
        ("tracesToLogsV2", "tags"),
        ("tracesToMetrics", "tags"),
    ):
        for index, each in enumerate(value.get(setting, {}).get(tags, ())):
            yield (*way, setting, tags, index, "value"), f"jsonData.{setting}", each["value"]
    for index, each in enumerate(value.get("derivedFields", ())):
        if each.get("matcherType") == "label":
            where = f"jsonData.derivedFields '{each['name']}'"
            yield (*way, "derivedFields", index, "matcherRegex"), where, each["matcherRegex"]


def _label_of_nothing(shipped: Shipped) -> Iterator[Mutant]:
    for path, index, entry in _entries(shipped):
        for way, key, label in _labels(entry["jsonData"], ("datasources", index, "jsonData")):
            where = f"datasource '{entry['name']}', {key}"
            yield Mutant(path, where, (Edit(way, f"{label}_x"),), f"{label}_x")


def _patterns(shipped: Shipped) -> Iterator[tuple[str, str, Way, str]]:
    for path, index, entry in _entries(shipped):
        where = f"datasource '{entry['name']}'"
        for inner, each in enumerate(entry["jsonData"].get("derivedFields", ())):
            if each.get("matcherType") != "label":
                way = ("datasources", index, "jsonData", "derivedFields", inner, "matcherRegex")
                named = f"{where}, jsonData.derivedFields '{each['name']}'"
                yield path, named, way, each["matcherRegex"]
        for inner, each in enumerate(entry.get("correlations", ())):
            for last, step in enumerate(each["config"]["transformations"]):
                way = ("datasources", index, "correlations", inner, "config", "transformations")
                named = f"{where}, correlation '{each['label']}'"
                yield path, named, (*way, last, "expression"), step["expression"]


def _pattern_broken(shipped: Shipped) -> Iterator[Mutant]:
    for path, where, way, pattern in _patterns(shipped):
        yield Mutant(path, where, (Edit(way, pattern.replace(")", "", 1)),))


def _pattern_without_group(shipped: Shipped) -> Iterator[Mutant]:
    for path, where, way, pattern in _patterns(shipped):
        yield Mutant(path, where, (Edit(way, pattern.replace("(", "(?:")),))


def _mapped_otherwise(shipped: Shipped) -> Iterator[Mutant]:
    """A correlation fills another variable than its query reads."""
    for path, index, entry in _entries(shipped):
        for inner, each in enumerate(entry.get("correlations", ())):
            for last, step in enumerate(each["config"]["transformations"]):
                way: Way = ("datasources", index, "correlations", inner, "config")
                edit = Edit((*way, "transformations", last, "mapValue"), f"{step['mapValue']}_x")
                where = f"datasource '{entry['name']}', correlation '{each['label']}'"
                yield Mutant(path, where, (edit,), step["mapValue"])


def _removed_here(shipped: Shipped) -> Iterator[Mutant]:
    """An environment lacks a datasource that the dashboards ask."""
    for path, content in _files(shipped):
        if "/environments/" in path:
            for index in range(len(content["datasources"])):
                yield Mutant(path, "folder ", (Edit(("datasources", index), GONE),))


def _texts(value: Any, way: Way, named: str) -> Iterator[tuple[Way, str, str]]:
    """Every text with an escaped ``$``: the way to it, as findings name it, itself."""
    if isinstance(value, str):
        if "$$" in value:
            yield way, named.lstrip("."), value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*way, key), f"{named}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            name = item.get("name") if isinstance(item, dict) else None
            yield from _texts(item, (*way, index), f"{named}[{name or index}]")


def _unescaped(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in shipped.contents.items():
        if path.startswith("grafana/") and path.endswith(".yaml"):
            for way, named, text in _texts(content, (), ""):
                places = [place for place in range(len(text)) if text.startswith("$$", place)]
                for place in places:
                    changed = text[:place] + text[place + 1 :]
                    yield Mutant(path, named, (Edit(way, changed),))


def _escaped_twice(shipped: Shipped) -> Iterator[Mutant]:
    """What no provisioning file undoubles is doubled: in a dashboard and in a rule."""
    for site in shipped.sites:
        if "$" in site.text and not site.expanded:
            yield site.mutant(site.text.replace("$", "$$", 1))


KINDS: tuple[Kind, ...] = (
    Kind("datasource: a pointer to none", frozenset({"datasource/unknown"}), _pointer_dead),
    Kind(
        "datasource: a pointer to another kind",
        frozenset({"datasource/kind"}),
        _pointer_to_another_kind,
        "a correlation may lead to a datasource of any kind",
    ),
    Kind("datasource: no uid", frozenset({"datasource/uid"}), _uid_removed),
    Kind("datasource: another's uid", frozenset({"datasource/uid"}), _taken("uid")),
    Kind("datasource: another's name", frozenset({"datasource/uid"}), _taken("name")),
    Kind("datasource: a label of nothing", frozenset({"datasource/label"}), _label_of_nothing),
    Kind("datasource: a broken pattern", frozenset({"datasource/label"}), _pattern_broken),
    Kind(
        "datasource: a pattern that takes nothing",
        frozenset({"datasource/label"}),
        _pattern_without_group,
    ),
    Kind("correlation: another variable", frozenset({"variable/unknown"}), _mapped_otherwise),
    Kind("datasource: missing in an environment", frozenset({"datasource/unknown"}), _removed_here),
    Kind("escape: a $ that Grafana expands", frozenset({"escape/dollar"}), _unescaped),
    Kind("escape: a $$ that nothing undoubles", frozenset({"escape/dollar"}), _escaped_twice),
)
