"""Panels, pictures and dashboards by hand, with only what a test is about spelled out."""

from __future__ import annotations

from typing import Any

from delivery.snapshot.model import Box, Drawn, Finding, Panel, Shot, Subject

Json = dict[str, Any]


def drawn(number: int = 1, **told: Any) -> Drawn:
    """A panel that is well, but for what is told."""
    well: Json = {
        "box": Box(0, 0, 400, 300),
        "text": "Requests",
        "rows": 0,
        "error": "",
        "loading": False,
        "cut": False,
        "legends": (),
        "clipped": (),
    }
    return Drawn(id=number, **(well | told))


def panel(number: int = 1, title: str = "Requests", **more: Any) -> Json:
    """A panel's JSON."""
    place = {"x": 0, "y": 8 * (number - 1), "w": 24, "h": 8}
    return {"id": number, "type": "timeseries", "title": title, "gridPos": place, **more}


def dashboard(*panels: Json, uid: str = "board", **more: Any) -> Json:
    """A dashboard's JSON."""
    return {"uid": uid, "title": "Board", "panels": list(panels), **more}


def shot(uid: str = "board", *panels: Panel, **told: Any) -> Shot:
    """A picture of 100 by 50 pixels, but for what is told."""
    said: Json = {
        "subject": Subject(uid, "logs", told.pop("generated", "g1"), told.pop("service", "")),
        "title": f"The {uid}",
        "file": f"logs/{uid}.png",
        "sha256": "0" * 64,
        "size": 3,
        "width": 100,
        "height": 50,
        "panels": panels,
        "findings": (),
    }
    return Shot(**(said | told))


def seen(number: int, title: str = "Requests", digest: str = "d1") -> Panel:
    """A panel in a picture."""
    return Panel(number, title, "timeseries", digest, Box(10, 10 * number, 50, 10))


def fault(text: str = "says 'No data'", excuse: str = "") -> Finding:
    """An empty panel."""
    return Finding("empty", 1, "Requests", text, excuse)
