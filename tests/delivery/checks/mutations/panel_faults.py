"""Faults of what people see: titles, units, places on the grid, legends, datasources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from delivery.checks.shown_units import measure
from tests.delivery.checks.mutations.mutant import GONE, Edit, Json, Kind, Mutant, Way
from tests.delivery.checks.mutations.shipped import Shipped
from tests.delivery.checks.mutations.sites import named, panels

_NOTES = frozenset({"row", "text"})
_NUMBERS = frozenset({"barchart", "bargauge", "gauge", "stat", "timeseries"})
#: A unit of Grafana's that shows none of this measure.
_UNFIT = {"bytes": "s", "bytes/s": "s", "seconds": "ms", "milliseconds": "s"}


def dashboards(shipped: Shipped) -> Iterator[tuple[str, Json]]:
    """Every dashboard."""
    for path, content in shipped.contents.items():
        if "/dashboards/" in path and path.endswith(".json"):
            yield path, content


def every_panel(shipped: Shipped) -> Iterator[tuple[str, Way, Json]]:
    """Every panel of every dashboard."""
    for path, content in dashboards(shipped):
        for way, panel in panels(content):
            yield path, way, panel


def _without(key: str, *kinds: str) -> Callable[[Shipped], Iterator[Mutant]]:
    def mutants(shipped: Shipped) -> Iterator[Mutant]:
        for path, way, panel in every_panel(shipped):
            if panel["type"] not in kinds and panel.get(key):
                where = named({**panel, key: ""}) if key == "title" else named(panel)
                yield Mutant(path, where, (Edit((*way, key), ""),))

    return mutants


def _unit_removed(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, panel in every_panel(shipped):
        if panel["type"] in _NUMBERS and not _overrides_unit(panel):
            edit = Edit((*way, "fieldConfig", "defaults", "unit"), GONE)
            yield Mutant(path, named(panel), (edit,))


def _overrides_unit(panel: Json) -> bool:
    return any(
        each["id"] == "unit"
        for override in panel["fieldConfig"].get("overrides", ())
        for each in override["properties"]
    )


def _unit_unfit(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, panel in every_panel(shipped):
        if panel["type"] not in _NUMBERS or _overrides_unit(panel):
            continue
        for target in panel["targets"]:
            where = f"{named(panel)}, query {target['refId']}"
            query = shipped.read.get((path, where))
            measured = measure(query.shape.unit) if query and query.shape else ""
            if measured:
                unit = _UNFIT.get(measured, "bytes")
                edit = Edit((*way, "fieldConfig", "defaults", "unit"), unit)
                yield Mutant(path, where, (edit,))


def _id_taken(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in dashboards(shipped):
        before: Json | None = None
        for way, panel in panels(content):
            if before is not None:
                number = before["id"]
                where = named({**panel, "id": number})
                yield Mutant(path, where, (Edit((*way, "id"), number),))
            before = panel


def _id_removed(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, panel in every_panel(shipped):
        where = named({**panel, "id": None})
        yield Mutant(path, where, (Edit((*way, "id"), GONE),))


def _laid_over(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in dashboards(shipped):
        before: tuple[Way, Json] | None = None
        for way, panel in panels(content):
            if before is not None and before[0][:-1] == way[:-1]:
                edit = Edit((*way, "gridPos"), before[1]["gridPos"])
                yield Mutant(path, named(panel), (edit,))
            before = way, panel


def _clipped(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, panel in every_panel(shipped):
        place = {**panel["gridPos"], "x": 25 - panel["gridPos"]["w"]}
        yield Mutant(path, named(panel), (Edit((*way, "gridPos"), place),))


def _unplaced(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, panel in every_panel(shipped):
        yield Mutant(path, named(panel), (Edit((*way, "gridPos", "w"), GONE),))


def _targets(shipped: Shipped) -> Iterator[tuple[str, Way, Json, Json]]:
    for path, way, panel in every_panel(shipped):
        for index, target in enumerate(panel.get("targets", ())):
            yield path, (*way, "targets", index), panel, target


def _query_emptied(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, panel, target in _targets(shipped):
        if "expr" in target:
            yield Mutant(path, named(panel), (Edit((*way, "expr"), ""),))


def _queries_removed(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, panel in every_panel(shipped):
        if panel.get("targets"):
            yield Mutant(path, named(panel), (Edit((*way, "targets"), []),))


def _ref_taken(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, panel, target in _targets(shipped):
        first = panel["targets"][0]["refId"]
        if target["refId"] != first:
            yield Mutant(path, named(panel), (Edit((*way, "refId"), first),))


def _sources(shipped: Shipped) -> Iterator[tuple[str, str, Way, Json]]:
    """Every place of a dashboard that names a datasource: file, place, way, datasource."""
    for path, way, panel in every_panel(shipped):
        if panel.get("datasource"):
            yield path, named(panel), (*way, "datasource"), panel["datasource"]
    for path, way, panel, target in _targets(shipped):
        where = f"{named(panel)}, query {target['refId']}"
        yield path, where, (*way, "datasource"), target["datasource"]
    for path, content in dashboards(shipped):
        for kind, title in (("templating", "variable {}"), ("annotations", "annotation '{}'")):
            for index, entry in enumerate(content[kind]["list"]):
                if entry.get("datasource", {"type": "grafana"})["type"] != "grafana":
                    where = title.format(entry["name"])
                    yield path, where, (kind, "list", index, "datasource"), entry["datasource"]


def _source_unknown(shipped: Shipped) -> Iterator[Mutant]:
    for path, where, way, source in _sources(shipped):
        if source["type"] not in {"grafana", "datasource"}:
            yield Mutant(path, where, (Edit((*way, "uid"), f"{source['uid']}-x"),))


def _source_of_another_kind(shipped: Shipped) -> Iterator[Mutant]:
    known = {each.uid: each.kind for each in shipped.context.documents.datasources}
    for path, where, way, source in _sources(shipped):
        if source["type"] in known.values():
            other = next(uid for uid, kind in sorted(known.items()) if kind != source["type"])
            yield Mutant(path, where, (Edit((*way, "uid"), other),))


def _type_wrong(shipped: Shipped) -> Iterator[Mutant]:
    for path, where, way, source in _sources(shipped):
        if source["type"] in {"prometheus", "loki", "jaeger"}:
            other = "loki" if source["type"] == "prometheus" else "prometheus"
            yield Mutant(path, where, (Edit((*way, "type"), other),))


def _legend_renamed(shipped: Shipped) -> Iterator[Mutant]:
    for path, way, panel, target in _targets(shipped):
        legend = target.get("legendFormat") or ""
        for found in re.finditer(r"\{\{(\w+)\}\}", legend):
            text = f"{legend[: found.end(1)]}_x{legend[found.end(1) :]}"
            where = f"{named(panel)}, query {target['refId']}"
            yield Mutant(path, where, (Edit((*way, "legendFormat"), text),))


def _override_of_nothing(shipped: Shipped) -> Iterator[Mutant]:
    """An override for a column that the table does not have."""
    for path, way, panel in every_panel(shipped):
        if panel["type"] == "table" and panel["datasource"]["type"] in {"prometheus", "loki"}:
            for index, override in enumerate(panel["fieldConfig"]["overrides"]):
                if override["matcher"]["id"] == "byName":
                    name = f"{override['matcher']['options']} x"
                    place = (*way, "fieldConfig", "overrides", index, "matcher", "options")
                    yield Mutant(path, named(panel), (Edit(place, name),))


KINDS: tuple[Kind, ...] = (
    Kind("panel: no title", frozenset({"panel/title"}), _without("title", "text")),
    Kind(
        "panel: no description", frozenset({"panel/description"}), _without("description", *_NOTES)
    ),
    Kind(
        "panel: no unit",
        frozenset({"panel/unit"}),
        _unit_removed,
        "where overrides give each query its own unit, the panel needs none",
    ),
    Kind(
        "panel: a unit of something else",
        frozenset({"panel/unit-fits"}),
        _unit_unfit,
        "a query whose unit cannot be told fits any",
    ),
    Kind("panel: another panel's id", frozenset({"panel/id"}), _id_taken),
    Kind("panel: no id", frozenset({"panel/id"}), _id_removed),
    Kind("panel: over another panel", frozenset({"panel/grid"}), _laid_over),
    Kind("panel: beyond the last column", frozenset({"panel/grid"}), _clipped),
    Kind("panel: no width", frozenset({"panel/grid"}), _unplaced),
    Kind("panel: an empty query", frozenset({"panel/query"}), _query_emptied),
    Kind("panel: no query", frozenset({"panel/query"}), _queries_removed),
    Kind("panel: two queries of one name", frozenset({"panel/query"}), _ref_taken),
    Kind("panel: an unknown datasource", frozenset({"datasource/unknown"}), _source_unknown),
    Kind(
        "panel: a datasource of another kind",
        frozenset({"datasource/kind"}),
        _source_of_another_kind,
    ),
    Kind("panel: the wrong type of a datasource", frozenset({"datasource/kind"}), _type_wrong),
    Kind("panel: a legend of no label", frozenset({"label/shown"}), _legend_renamed),
    Kind(
        "panel: an override of no column",
        frozenset({"label/shown"}),
        _override_of_nothing,
        "in a graph an override may be for a series that only other services have",
    ),
)
