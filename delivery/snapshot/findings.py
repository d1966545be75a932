"""What is wrong with a panel, from what the browser has drawn of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from delivery.snapshot.model import Drawn, Finding, Json, Kind, panels_of

#: What Grafana says itself where there is nothing; a panel may have words of its own for it. A list
#: of alerts asks no query: that none fires is how it should be, and its rules are audited as rules.
NOTHING = ("No data", "No logs found")
#: What it writes into a panel instead of drawing it.
UNHAPPY = (
    "An unexpected error",
    "Panel plugin not found",
    "Error loading",
    "Query error",
    "bad_data",
    "parse error",
    "TypeError",
    "Failed to load",
)
#: What an audit's verdict on a panel's queries explains.
EXCUSABLE: frozenset[Kind] = frozenset({"empty", "error"})
#: Why the panel of that id may be so, or nothing.
Excuse = Callable[[int], str]

#: A series nobody has given a name: ``{a="b", c="d"}``, with or without the metric's.
_LABEL_SET = re.compile(r'^[\w:]*\{\s*\w+\s*=~?\s*"')
_SHOWN = 3
#: What the mark at a panel's corner is called, where it says no more.
_CORNERS = ("Panel status", "error")


def findings(
    dashboard: Json, drawn: Sequence[Drawn], complaints: Sequence[str], excuse: Excuse
) -> tuple[Finding, ...]:
    """Everything that is wrong with a dashboard's picture."""
    by_id = {each.id: each for each in drawn}
    found: list[Finding] = []
    for panel in panels_of(dashboard):
        seen = by_id.get(panel["id"])
        for kind, text in _of_panel(panel, seen):
            why = excuse(panel["id"]) if kind in EXCUSABLE else ""
            found.append(Finding(kind, panel["id"], panel.get("title", ""), text, why))
    found += [Finding("page", None, "", each) for each in complaints]
    return tuple(found)


def _of_panel(panel: Json, seen: Drawn | None) -> Iterator[tuple[Kind, str]]:
    if seen is None:
        yield "missing", "is not drawn"
        return
    if seen.error:
        said = _line(seen.error)
        yield "error", "shows an error" + (f": {said}" if said not in _CORNERS else "")
    yield from (("error", f"says '{each}'") for each in UNHAPPY if each in seen.text)
    if seen.loading:
        yield "loading", "still loads"
    if said := nothing(panel, seen):
        yield "empty", f"says '{said}'"
    if seen.cut:
        yield "title", "its title is cut off"
    raw = [each for each in seen.legends if _LABEL_SET.match(each)]
    if raw:
        yield "legend", f"a series has no name of its own: {_listed(raw)}"
    if seen.clipped:
        yield "clipped", f"text is cut off: {_listed(seen.clipped)}"


def nothing(panel: Mapping[str, object], seen: Drawn) -> str:
    """What the panel says where there is no data, or nothing if there is some."""
    if seen.rows > 1:
        return ""  # a table with rows, in which a cell may be empty
    field = panel.get("fieldConfig")
    defaults = field.get("defaults") if isinstance(field, dict) else None
    own = defaults.get("noValue") if isinstance(defaults, dict) else None
    if isinstance(own, str) and own in map(str.strip, seen.text.splitlines()):
        return own
    return next((each for each in NOTHING if each in seen.text), "")


def _listed(texts: Sequence[str]) -> str:
    shown = ", ".join(_line(each)[:80] for each in texts[:_SHOWN])
    more = len(texts) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _line(text: str) -> str:
    return " ".join(text.split())
