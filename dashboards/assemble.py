"""Applies, once and last, what all dashboards share: positions, ids, links and tags."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from catalog.artifact import Artifact, Suppression
from dashboards.panels import Place, dashboard_json, link_json, panel_json, row_json
from dashboards.spec import Dashboard, Panel, Row
from dashboards.targets import Datasources

Json = dict[str, Any]

GRID_WIDTH = 24
FOLDER = "grafana/dashboards"


def artifact(dashboard: Dashboard, prefix: str, links: Iterable[tuple[str, str, str]]) -> Artifact:
    """The dashboard as a file; ``links`` are (title, url, tooltip) of its siblings.

    :raises ValueError: two panels of one key, or a panel wider than the grid.
    """
    sources = Datasources(prefix)
    siblings = [link_json(*link) for link in links if f"/d/{dashboard.uid}" != link[1]]
    content = dashboard_json(dashboard, list(_flow(dashboard, sources)), siblings, sources)
    return Artifact(
        path=f"{FOLDER}/{dashboard.folder}/{dashboard.uid}.json",
        content=content,
        kind="dashboard",
        owner=dashboard.owner,
        uid=dashboard.uid,
        suppressions=tuple(_accepted(dashboard)),
    )


def _accepted(dashboard: Dashboard) -> Iterator[Suppression]:
    for row in dashboard.rows:
        for panel in row.panels:
            for check, reason in panel.accept.items():
                where = f"panel {panel_id(panel.key)} '{panel.title}'"
                yield Suppression(check, where, reason)


def panel_id(key: str) -> int:
    """A panel's number: the same for the same key, wherever the panel stands.

    Grafana keeps ids as signed 32-bit numbers and links to a panel by them, so they must
    not move when another panel is put before it.
    """
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:4], "big") % (2**31 - 1) + 1


def _flow(dashboard: Dashboard, sources: Datasources) -> Iterator[Json]:
    taken: dict[int, str] = {}
    y = 0
    for row in dashboard.rows:
        number = _claim(f"row:{row.key}", taken, dashboard.uid)
        placed = list(_place(row, y + 1))
        panels = [
            panel_json(panel, _claim(panel.key, taken, dashboard.uid), place, sources)
            for panel, place in placed
        ]
        yield row_json(row, number, y, panels)
        y += 1
        if not row.collapsed:
            yield from panels
            y = max((place.y + place.height for _, place in placed), default=y)


def _claim(key: str, taken: dict[int, str], uid: str) -> int:
    number = panel_id(key)
    if number in taken:
        raise ValueError(f"{uid}: the panels '{taken[number]}' and '{key}' have one id")
    taken[number] = key
    return number


def _place(row: Row, y: int) -> Iterator[tuple[Panel, Place]]:
    for line in _lines(row.panels):
        x = 0
        for panel, width in zip(line, _justified(line), strict=True):
            yield panel, Place(x, y, width, panel.height)
            x += width
        y += max(panel.height for panel in line)


def _lines(panels: tuple[Panel, ...]) -> Iterator[list[Panel]]:
    line: list[Panel] = []
    for panel in panels:
        if panel.width > GRID_WIDTH:
            raise ValueError(f"the panel '{panel.key}' is wider than the grid")
        full = sum(each.width for each in line) + panel.width > GRID_WIDTH
        # Panels of unlike heights side by side would leave a hole below the shorter one.
        if line and (full or panel.height != line[0].height):
            yield line
            line = []
        line.append(panel)
    if line:
        yield line


def _justified(line: list[Panel]) -> list[int]:
    """Widths that fill the line: what a service declares seldom does by itself."""
    wanted = sum(panel.width for panel in line)
    widths = [panel.width * GRID_WIDTH // wanted for panel in line]
    for place in range(GRID_WIDTH - sum(widths)):
        widths[place] += 1
    return widths
