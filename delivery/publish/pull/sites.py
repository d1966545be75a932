"""Which call in the sources made a panel, a row or a dashboard: watched, not guessed.

The builders run once under Python's profiler, which tells who called each constructor. Keys and
titles that are put together at run time are found as exactly as literal ones.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from catalog.model import Catalog
from dashboards import registry
from dashboards.assemble import panel_id
from dashboards.spec import Dashboard, Panel, Row
from delivery.places import ROOT

SOURCES = ROOT / "dashboards"


@dataclass(frozen=True, slots=True)
class Call:
    """A call in a file: first line and column, last line and column, and whom it calls."""

    file: Path
    span: tuple[int, int, int, int]
    callee: str


#: From the constructor's call outwards: who called, and who called that.
Calls = tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """One dashboard, and the calls that made its parts, by panel id (of a row's as well)."""

    spec: Dashboard
    module: Path
    itself: Calls
    parts: Mapping[int, Calls]
    panels: Mapping[int, Panel]
    rows: Mapping[int, Row]


def made(catalog: Catalog) -> Mapping[str, Made]:
    """Every dashboard of the catalog, by uid."""
    builds: list[tuple[Callable[..., Dashboard], tuple[Any, ...]]] = [
        (build, (catalog,)) for build in registry.SYSTEM
    ]
    builds += [
        (build_one, (catalog, service))
        for service in catalog.services
        for build_one in registry.SERVICE
    ]
    found = (_watched(build, arguments) for build, arguments in builds)
    return {each.spec.uid: each for each in found}


def _watched(build: Callable[..., Dashboard], arguments: tuple[Any, ...]) -> Made:
    seen: dict[tuple[str, str], Calls] = {}
    with _watching(seen):
        spec = build(*arguments)
    rows = {panel_id(f"row:{row.key}"): row for row in spec.rows}
    panels = {panel_id(panel.key): panel for row in spec.rows for panel in row.panels}
    parts = {number: seen.get(("Row", row.key), ()) for number, row in rows.items()}
    parts |= {number: seen.get(("Panel", panel.key), ()) for number, panel in panels.items()}
    module = Path(build.__code__.co_filename)
    return Made(spec, module, seen.get(("Dashboard", spec.uid), ()), parts, panels, rows)


@contextmanager
def _watching(seen: dict[tuple[str, str], Calls]) -> Iterator[None]:
    watched: dict[CodeType, tuple[str, str]] = {
        Panel.__init__.__code__: ("Panel", "key"),
        Row.__init__.__code__: ("Row", "key"),
        Dashboard.__init__.__code__: ("Dashboard", "uid"),
    }

    def note(frame: FrameType, event: str, _: object) -> None:
        told = watched.get(frame.f_code) if event == "call" else None
        if told is not None and frame.f_back is not None:
            kind, name = told
            calls = tuple(_calls(frame.f_back, kind))
            if calls:
                seen[kind, frame.f_locals[name]] = calls

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(before)


def _calls(frame: FrameType | None, callee: str) -> Iterator[Call]:
    """The calls that led here, innermost first, as long as they stand in dashboards/."""
    while frame is not None and Path(frame.f_code.co_filename).is_relative_to(SOURCES):
        span = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        # A comprehension has a frame of its own, which nobody calls by name.
        if not callee.startswith("<") and None not in span:
            first, last, column, end = span
            yield Call(
                Path(frame.f_code.co_filename),
                (first or 0, column or 0, last or 0, end or 0),
                callee,
            )
        callee = frame.f_code.co_name
        frame = frame.f_back
