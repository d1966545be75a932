"""From a dashboard's JSON to the description that builds it again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from dashboards.beyond import PANEL, ROW, VARIABLE, Beyond, may_be_put
from dashboards.imported import (
    Band,
    Choice,
    Manner,
    Placed,
    Sources,
    band_json,
    choice_json,
    placed_json,
)
from dashboards.panels import Place
from dashboards.spec import Panel, Variable
from delivery.importing.asked import query_of
from delivery.importing.differ import Delta, delta
from delivery.importing.drawings import KINDS, drawings, links_of
from delivery.importing.notes import Notes
from delivery.importing.read import mapping, objects, text
from delivery.importing.rows import PATH

Json = dict[str, Any]

_MANNERS: tuple[Manner, ...] = get_args(Manner)
_LABEL_VALUES = re.compile(r"label_values\((.*), ([a-zA-Z_]\w*)\)", re.DOTALL)
_KINDS = {
    "adhoc": "filters",
    "constant": "constant",
    "custom": "custom",
    "datasource": "datasource",
    "interval": "interval",
    "query": "query",
    "textbox": "text",
}


def usual_sources(dashboard: Json, prefix: str) -> Sources:
    """For each kind the datasource that most of the dashboard asks."""
    counted: dict[str, Counter[str]] = {}
    for panel in every_panel(dashboard):
        for each in (panel, *objects(panel, "targets")):
            source = mapping(each, "datasource")
            kind, uid = text(source, "type"), text(source, "uid")
            if kind and uid:
                counted.setdefault(kind, Counter())[uid] += 1
    usual = {kind: uids.most_common(1)[0][0] for kind, uids in sorted(counted.items())}
    return Sources(
        prefix,
        {
            kind: uid
            for kind, uid in usual.items()
            if kind in {"prometheus", "loki", "jaeger"} and uid != f"{prefix}-{kind}"
        },
    )


def every_panel(dashboard: Json) -> Iterator[Json]:
    """Each panel, those of collapsed rows too, without the rows."""
    for panel in objects(dashboard, "panels"):
        if panel.get("type") == "row":
            yield from objects(panel, "panels")
        else:
            yield panel


def items(dashboard: Json, sources: Sources, notes: Notes) -> tuple[Placed | Band, ...]:
    """Panels and rows in their order."""
    made: list[Placed | Band] = []
    for panel in objects(dashboard, "panels"):
        if panel.get("type") == "row":
            made.append(_band(panel, sources, notes))
        elif (one := _placed(panel, sources, notes)) is not None:
            made.append(one)
    return tuple(made)


def _band(row: Json, sources: Sources, notes: Notes) -> Band:
    path = row[PATH]
    number = row["id"]
    held = (_placed(panel, sources, notes) for panel in objects(row, "panels"))
    band = Band(
        title=text(row, "title"),
        number=number,
        y=_whole(mapping(row, "gridPos").get("y")),
        collapsed=row.get("collapsed") is True,
        panels=tuple(each for each in held if each is not None),
    )
    made = band_json(band, sources)
    wanted = {**row, "id": number, "type": "row", "panels": made["panels"]}
    wanted.pop(PATH)
    beyond = allowed(delta(made, wanted), ROW, path, notes)
    return Band(band.title, number, band.y, band.collapsed, band.panels, beyond)


def _placed(panel: Json, sources: Sources, notes: Notes) -> Placed | None:
    path = panel[PATH]
    if panel.get("type") not in KINDS:
        kind = panel.get("type") or "none"
        what = f"the panel '{text(panel, 'title')}' is of the type {kind}, no Grafana brings it"
        notes.lost(path, what)
        return None
    wanted = {key: value for key, value in panel.items() if key != PATH}
    found = min(
        _candidates(wanted, sources),
        key=lambda pair: pair[1].cost,
    )
    best, difference = found
    beyond = allowed(difference, PANEL, path, notes)
    return Placed(best.panel, best.number, best.place, best.manner, beyond)


def _candidates(panel: Json, sources: Sources) -> Iterator[tuple[Placed, Delta]]:
    grid = mapping(panel, "gridPos")
    place = Place(*(_whole(grid.get(side)) for side in ("x", "y", "w", "h")))
    defaults = mapping(panel, "fieldConfig", "defaults")
    interval = text(panel, "interval")
    above = text(panel, "datasource", "type")
    queries = tuple(
        query_of(target, text(target, "datasource", "type") or above)
        for target in objects(panel, "targets")
    )
    for drawing in drawings(panel):
        described = Panel(
            key=str(panel["id"]),
            title=text(panel, "title"),
            description=text(panel, "description"),
            queries=queries,
            drawing=drawing,
            unit=text(defaults, "unit"),
            width=place.width,
            height=place.height,
            links=links_of(panel),
            interval=interval,
            empty=text(defaults, "noValue"),
        )
        for manner in _MANNERS:
            placed = Placed(described, panel["id"], place, manner)
            yield placed, delta(placed_json(placed, sources), panel)


def _whole(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0


def allowed(difference: Delta, schema: re.Pattern[str], path: str, notes: Notes) -> Beyond:
    """The settings that may stand beside our model; the others are lost."""
    put: dict[str, object] = {}
    for pointer, value in difference.put.items():
        if may_be_put(pointer, value, schema):
            put[pointer] = value
        else:
            notes.lost(f"{path}{_as_path(pointer)}", "Grafana's schema has no such setting")
    return Beyond(put, tuple(difference.without))


def _as_path(pointer: str) -> str:
    return "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in pointer.split("/")[1:])


def choices(dashboard: Json, sources: Sources, notes: Notes) -> tuple[Choice, ...]:
    """The variables."""
    made = []
    for index, each in enumerate(objects(dashboard, "templating", "list")):
        path = f"$.templating.list[{index}]"
        kind = _KINDS.get(text(each, "type"))
        if kind is None:
            notes.lost(path, f"a variable of the type {text(each, 'type') or 'none'}")
            continue
        made.append(_choice(each, kind, sources, path, notes))
    return tuple(made)


def _choice(each: Json, kind: Any, sources: Sources, path: str, notes: Notes) -> Choice:
    query = each.get("query")
    as_text = kind == "query" and isinstance(query, str)
    asked = query if isinstance(query, str) else text(query, "query")
    found = _LABEL_VALUES.fullmatch(asked) if kind == "query" else None
    variable = Variable(
        name=text(each, "name"),
        title=text(each, "label"),
        description=text(each, "description"),
        kind=kind,
        label=found[2] if found else "",
        series=found[1] if found else "",
        values=_values(kind, asked),
        many=each.get("multi") is True or each.get("includeAll") is True,
        query="" if found or kind != "query" else asked,
        default=asked if kind == "text" else "",
    )
    candidates = []
    for manner in _MANNERS[:2]:
        choice = Choice(variable, manner, as_text)
        candidates.append((choice, delta(choice_json(choice, sources), each)))
    best, difference = min(candidates, key=lambda pair: pair[1].cost)
    return Choice(variable, best.manner, as_text, allowed(difference, VARIABLE, path, notes))


def _values(kind: str, asked: str) -> tuple[str, ...]:
    if kind == "custom":
        return tuple(asked.split(",")) or ("",)
    if kind in {"interval", "datasource", "constant"}:
        return (asked,) if kind != "interval" else tuple(asked.split(","))
    return ()


def placed_of(panels: Iterable[Placed | Band]) -> Iterator[Placed]:
    """Each panel, those of collapsed rows in their place."""
    for each in panels:
        if isinstance(each, Band):
            yield from each.panels
        else:
            yield each
