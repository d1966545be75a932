"""Dashboards before Grafana 5 are rows of panels with widths in twelfths: onto the grid.

The figures are those of Grafana's own migration (schemaVersion 16, DashboardMigrator): a grid row
is 30 pixels and 8 between them, a row without a height has 250 pixels, a panel without a span
takes 4 of 12 columns, and none is lower than 3 grid rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from delivery.importing.notes import Notes

Json = dict[str, Any]

#: Where a panel stood in what was read; taken out again before anything is written.
PATH = "\0path"
_CELL, _ROW_PIXELS, _SPAN, _LOWEST, _COLUMNS = 38, 250, 4, 3, 24


def on_the_grid(dashboard: Json, notes: Notes) -> list[Json]:
    """The panels, each with its path; those of rows at their places on the grid."""
    rows = dashboard.get("rows") or []
    if not rows:
        return list(_marked(dashboard.get("panels") or [], "$.panels"))
    notes.migrated("$.rows", "rows are laid out on the grid")
    marked = [
        {**row, "panels": list(_marked(row.get("panels") or [], f"$.rows[{index}].panels"))}
        for index, row in enumerate(rows)
        if isinstance(row, dict)
    ]
    numbers = iter(_free_numbers([panel for row in marked for panel in row["panels"]]))
    shown = any(row.get("collapse") or row.get("showTitle") or row.get("repeat") for row in marked)
    y = 0
    placed: list[Json] = []
    for index, row in enumerate(marked):
        if shown:
            band = _band(row, next(numbers), y, f"$.rows[{index}]")
            placed.append(band)
            y += 1
        panels, below = _laid_out(row, y)
        for panel in panels:
            if not isinstance(panel.get("id"), int):
                panel["id"] = next(numbers)
        if shown and row.get("collapse"):
            placed[-1]["panels"] = panels
        else:
            placed += panels
            y = below
    return placed


def numbered(panels: list[Json], notes: Notes) -> None:
    """Gives each panel and row a number of its own: links and plans know it by that."""
    every = [each for panel in panels for each in (panel, *(panel.get("panels") or []))]
    free = _free_numbers(every)
    taken: set[int] = set()
    for panel in every:
        number = panel.get("id")
        if not _is_number(number) or number in taken:
            panel["id"] = next(free)
            what = f"{number} is {panel['id']}: each panel has a number of its own"
            notes.migrated(f"{panel[PATH]}.id", what)
        taken.add(panel["id"])


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _marked(panels: list[Any], where: str) -> Iterator[Json]:
    for index, panel in enumerate(panels):
        if isinstance(panel, dict):
            path = f"{where}[{index}]"
            inner = panel.get("panels")
            held = list(_marked(inner, f"{path}.panels")) if isinstance(inner, list) else None
            yield {**panel, PATH: path, **({} if held is None else {"panels": held})}


def _free_numbers(panels: list[Json]) -> Iterator[int]:
    taken = {panel["id"] for panel in panels if _is_number(panel.get("id"))}
    number = 0
    while True:
        number += 1
        if number not in taken:
            yield number


def _band(row: Json, number: int, y: int, path: str) -> Json:
    band: Json = {
        "id": number,
        "type": "row",
        "title": row.get("title") or "",
        "collapsed": bool(row.get("collapse")),
        "gridPos": {"x": 0, "y": y, "w": _COLUMNS, "h": 1},
        "panels": [],
        PATH: path,
    }
    if row.get("repeat"):
        band["repeat"] = row["repeat"]
    return band


def _laid_out(row: Json, y: int) -> tuple[list[Json], int]:
    """The row's panels from left to right, and the first line below them."""
    usual = _height(row.get("height"))
    x, top, bottom = 0, y, y
    placed = []
    for panel in row["panels"]:
        span = panel.get("span")
        width = math.floor(span if isinstance(span, int | float) else _SPAN) * 2
        width = min(max(width, 1), _COLUMNS)
        height = _height(panel["height"]) if panel.get("height") else usual
        if x + width > _COLUMNS:
            x, top = 0, bottom
        kept = {key: value for key, value in panel.items() if key not in {"span", "height"}}
        if "minSpan" in kept:
            least = kept.pop("minSpan")
            if isinstance(least, int | float) and least > 0:
                kept["maxPerRow"] = max(1, int(_COLUMNS // 2 // least))
        placed.append({**kept, "gridPos": {"x": x, "y": top, "w": width, "h": height}})
        x, bottom = x + width, max(bottom, top + height)
    return placed, bottom


def _height(given: Any) -> int:
    pixels = str(given).removesuffix("px") if given else str(_ROW_PIXELS)
    try:
        return max(_LOWEST, math.ceil(float(pixels) / _CELL))
    except ValueError:
        return max(_LOWEST, math.ceil(_ROW_PIXELS / _CELL))
