"""Dashboards that were made elsewhere and imported: our panels, at the places they had.

An imported dashboard keeps the numbers, places and settings it had, so that what is built is what
was read: ``build.py plan`` finds nothing to change. A panel is one of ours as far as our model
goes; most leave out what our own always spell out, as they were written by hand or by a library.
What our model does not know is told beside it (:mod:`dashboards.beyond`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from catalog.artifact import Artifact, Suppression
from dashboards.assemble import FOLDER
from dashboards.beyond import DASHBOARD, PANEL, ROW, VARIABLE, Beyond
from dashboards.panels import Place, dashboard_json, panel_json, row_json, variable_json
from dashboards.spec import (
    AlertList,
    Core,
    Dashboard,
    Drawing,
    Lines,
    Note,
    Panel,
    Row,
    Table,
    Variable,
)
from dashboards.targets import Datasources, target_json
from queries.logql import LogQL
from queries.promql import PromQL
from queries.query import Jaeger, Loki, Prom, Query

Json = dict[str, Any]

NOTHING = Beyond()
#: Why a finding of ``build.py check`` is let be in a panel that was imported: as it was read.
UNCONFIRMED = "Imported as it was; nobody has confirmed it yet: docs/import.md."
#: ``whole``: all that our own panels spell out. ``sparse``: only what is said of this one.
#: ``terse``: nor does a query repeat the panel's datasource.
Manner = Literal["whole", "sparse", "terse"]
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Sources(Datasources):
    """The datasources that the dashboard asks by default: mostly a variable of its own."""

    uids: Mapping[str, str] = field(default_factory=dict)

    def reference(self, kind: str) -> Json:
        """``{type, uid}``, of our datasource where the dashboard names no other."""
        return {"type": kind, "uid": self.uids.get(kind, f"{self.prefix}-{kind}")}


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel under the number and at the place that it had."""

    panel: Panel
    number: int
    place: Place
    manner: Manner = "whole"
    beyond: Beyond = NOTHING


@dataclass(frozen=True, slots=True)
class Band:
    """A row under its number; only a collapsed one holds its panels itself."""

    title: str
    number: int
    y: int
    collapsed: bool = False
    panels: tuple[Placed, ...] = ()
    beyond: Beyond = NOTHING


@dataclass(frozen=True, slots=True)
class Choice:
    """A variable; ``as_text``: its query is a text, as it was before Grafana 8."""

    variable: Variable
    manner: Manner = "whole"
    as_text: bool = False
    beyond: Beyond = NOTHING


@dataclass(frozen=True, slots=True)
class Imported:
    """The whole: ``head`` has neither rows nor variables, which stand beside it.

    ``accepted`` are findings of ``build.py check`` in it that nobody has looked into yet.
    """

    head: Dashboard
    items: tuple[Placed | Band, ...]
    choices: tuple[Choice, ...] = ()
    datasources: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = "whole"
    beyond: Beyond = NOTHING
    accepted: tuple[Suppression, ...] = ()


def artifact(imported: Imported, prefix: str) -> Artifact:
    """The dashboard as a file.

    :raises ValueError: a setting beside the model that may not stand there.
    """
    head = imported.head
    return Artifact(
        path=f"{FOLDER}/{head.folder}/{head.uid}.json",
        content=content(imported, prefix),
        kind="dashboard",
        owner=head.owner,
        uid=head.uid,
        suppressions=(*imported.accepted, *_accepted(imported)),
    )


def _accepted(imported: Imported) -> Iterator[Suppression]:
    for item in imported.items:
        for placed in item.panels if isinstance(item, Band) else (item,):
            where = f"panel {placed.number} '{placed.panel.title}'"
            for check, reason in placed.panel.accept.items():
                yield Suppression(check, where, reason)


def content(imported: Imported, prefix: str) -> Json:
    """The dashboard as Grafana stores it."""
    sources = Sources(prefix, imported.datasources)
    whole = imported.beyond.applied(head_json(imported, sources), DASHBOARD)
    whole["panels"] = [_item_json(item, sources) for item in imported.items]
    choices = [
        choice.beyond.applied(choice_json(choice, sources), VARIABLE) for choice in imported.choices
    ]
    if choices:
        whole["templating"] = {"list": choices}
    return whole


def _item_json(item: Placed | Band, sources: Datasources) -> Json:
    if isinstance(item, Placed):
        return item.beyond.applied(placed_json(item, sources), PANEL)
    return item.beyond.applied(band_json(item, sources), ROW)


def head_json(imported: Imported, sources: Datasources) -> Json:
    """The dashboard without its panels and variables, as far as our model knows it."""
    whole = dashboard_json(imported.head, [], [], sources)
    if imported.manner != "whole":
        bare = replace(
            imported.head, title="", uid="", description="", tags=(), annotations=(), since=""
        )
        usual = dashboard_json(replace(bare, refresh=""), [], [], sources)
        whole = _beside(whole, {**usual, "schemaVersion": None, "annotations": None})
    whole["panels"] = []
    return whole


def band_json(band: Band, sources: Datasources) -> Json:
    """A row, as far as our model knows it."""
    row = Row(key="", title=band.title, panels=(), collapsed=band.collapsed)
    return row_json(row, band.number, band.y, [_item_json(each, sources) for each in band.panels])


def choice_json(choice: Choice, sources: Datasources) -> Json:
    """A variable, as far as our model knows it."""
    variable = choice.variable
    whole = variable_json(variable, sources)
    if choice.as_text and isinstance(whole.get("query"), dict):
        whole["query"] = whole["query"]["query"]
    if choice.manner == "whole":
        return whole
    bare = replace(variable, name="", title="", description="", label="", series="")
    usual = variable_json(bare, sources)
    usual |= {"type": None, "query": None, "datasource": None, "includeAll": None, "multi": None}
    return _beside(whole, usual)


def placed_json(placed: Placed, sources: Datasources) -> Json:
    """A panel, as far as our model knows it."""
    panel = placed.panel
    # A query has a letter of its own, and there are panels with more than the alphabet's.
    first = replace(panel, queries=panel.queries[:1])
    whole = panel_json(first, placed.number, placed.place, sources)
    targets = [
        target_json(query, letter, sources)
        for query, letter in zip(panel.queries, _letters(), strict=False)
    ]
    if placed.manner != "whole":
        terse = placed.manner == "terse"
        bare = Panel("", "", "", (), _bare(panel.drawing), unit="", empty="")
        usual = panel_json(bare, 0, Place(-1, -1, -1, -1), sources)
        whole = _beside(whole, {**usual, "type": None})
        targets = [
            _beside(made, _usual(query, made["datasource"] if terse else None, sources))
            for made, query in zip(targets, panel.queries, strict=True)
        ]
    return {**whole, "targets": targets} if targets else whole


def _letters() -> Iterator[str]:
    yield from _LETTERS
    for first in _LETTERS:
        yield from (first + second for second in _LETTERS)


def _bare(drawing: Drawing) -> Drawing:
    """The same kind of drawing, with nothing that is said only by some."""
    match drawing:
        case Lines():
            return Lines(minimum=None)
        case Table():
            return Table(columns=(), from_logs=drawing.from_logs)
        case AlertList():
            return AlertList("")
        case Note():
            return Note("")
        case Core():
            return Core(drawing.kind)
        case _:
            return type(drawing)()


def _usual(query: Query, source: Json | None, sources: Datasources) -> Json:
    """What a query's target says whatever is asked."""
    match query:
        case Prom():
            bare: Query = Prom(PromQL(""))
        case Loki():
            bare = Loki(LogQL(""))
        case Jaeger():
            return {"datasource": source}
    return {**target_json(bare, "", sources), "datasource": source}


def _beside(whole: Json, usual: Json) -> Json:
    """What ``whole`` says and ``usual`` does not."""
    kept: Json = {}
    for key, value in whole.items():
        other = usual.get(key)
        if isinstance(value, dict) and isinstance(other, dict):
            if inner := _beside(value, other):
                kept[key] = inner
        elif key not in usual or value != other:
            kept[key] = value
    return kept
