"""The Angular ``table`` of before Grafana 7: styles by column and a transform.

As Grafana's own migration does it (tablePanelChangedHandler): styles become overrides, the
transform a transformation, and queries for rows are merged into one table.
"""

from __future__ import annotations

from typing import Any

from delivery.importing.field import CALCULATIONS, bounds_of, override, steps
from delivery.importing.notes import Notes
from delivery.importing.read import number, objects, text, words

Json = dict[str, Any]

KEYS = words(
    "aliasColors bars columns dashLength dashes fill fontSize hideTimeOverride legend lines"
    " linewidth nullPointMode pageSize percentage pointradius points renderer scroll"
    " seriesOverrides showHeader sort spaceLength stack steppedLine styles thresholds tooltip"
    " transform xaxis yaxes"
)
_TRANSFORMS = {
    "table": {"id": "merge", "options": {}},
    "timeseries_to_columns": {"id": "joinByField", "options": {"byField": "Time", "mode": "outer"}},
    "timeseries_to_rows": {"id": "seriesToRows", "options": {}},
}
_CELLS = {"cell": "color-background", "row": "color-background", "value": "color-text"}
_REST = "/.*/"


def is_old(panel: Json) -> bool:
    """Whether a table says how it is drawn in the old words."""
    return "styles" in panel or {"columns", "transform"} <= panel.keys()


def to_table(panel: Json, path: str, notes: Notes) -> Json:
    """The panel with ``fieldConfig`` and ``transformations`` instead of its old settings."""
    defaults: Json = {"custom": {}}
    overrides: list[Json] = []
    for index, style in enumerate(objects(panel, "styles")):
        properties = _properties(style, f"{path}.styles[{index}]", notes)
        pattern = text(style, "pattern")
        if pattern == _REST and index == len(objects(panel, "styles")) - 1:
            defaults |= _as_defaults(properties)
        elif properties:
            overrides.append(override(pattern, properties))
    kept = {key: value for key, value in panel.items() if key not in KEYS - {"hideTimeOverride"}}
    return {
        **kept,
        "type": "table",
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        "options": {"showHeader": bool(panel.get("showHeader", True))},
        "transformations": _transformations(panel, path, notes),
    }


def _properties(style: Json, path: str, notes: Notes) -> Json:
    found: Json = {}
    if text(style, "alias"):
        found["displayName"] = style["alias"]
    kind = text(style, "type")
    if kind == "hidden":
        return {"custom.hidden": True}
    found |= _format(style)
    found |= _colour(style, path, notes)
    found |= _link(style, path, notes)
    for key in ("valueMaps", "rangeMaps"):
        if style.get(key):
            notes.lost(f"{path}.{key}", "texts for values of a column")
    return found


def _format(style: Json) -> Json:
    found: Json = {}
    kind = text(style, "type")
    if kind == "date":
        found["unit"] = f"time: {text(style, 'dateFormat') or 'YYYY-MM-DD HH:mm:ss'}"
    elif kind == "number":
        if text(style, "unit"):
            found["unit"] = style["unit"]
        if number(style.get("decimals")) is not None:
            found["decimals"] = number(style["decimals"])
    align = text(style, "align")
    if align and align != "auto":
        found["custom.align"] = align
    return found


def _colour(style: Json, path: str, notes: Notes) -> Json:
    found: Json = {}
    if text(style, "colorMode"):
        cell = _CELLS.get(text(style, "colorMode"))
        if cell is None or style["colorMode"] == "row":
            notes.lost(f"{path}.colorMode", f"'{style['colorMode']}': a whole row has no colour")
        if cell is not None:
            found["custom.cellOptions"] = {"type": cell}
            bounds = bounds_of(style.get("thresholds"))
            found["thresholds"] = steps(bounds, style.get("colors") or [])
    return found


def _link(style: Json, path: str, notes: Notes) -> Json:
    found: Json = {}
    if style.get("link"):
        url = text(style, "linkUrl")
        if "$__cell" in url or "$__cell" in text(style, "linkTooltip"):
            url = url.replace("$__cell:raw", "${__value.raw}")
            notes.lost(f"{path}.linkUrl", f"'{url}' names the cells of its row by their numbers")
        link = {"title": text(style, "linkTooltip"), "url": url}
        found["links"] = [{**link, "targetBlank": bool(style.get("linkTargetBlank"))}]
    return found


def _as_defaults(properties: Json) -> Json:
    result: Json = {"custom": {}}
    for key, value in properties.items():
        if key.startswith("custom."):
            result["custom"][key.removeprefix("custom.")] = value
        else:
            result[key] = value
    return result


def _transformations(panel: Json, path: str, notes: Notes) -> list[Json]:
    name = text(panel, "transform") or "timeseries_to_rows"
    if name in _TRANSFORMS:
        return [_TRANSFORMS[name]]
    if name == "timeseries_aggregations":
        columns = [text(each, "value") for each in objects(panel, "columns")]
        reducers = [CALCULATIONS[each] for each in columns if each in CALCULATIONS]
        return [{"id": "reduce", "options": {"reducers": reducers or ["mean"]}}]
    notes.lost(f"{path}.transform", f"'{name}' has no transformation of today")
    return []
