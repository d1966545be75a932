"""What was read beside what is built of it, panel by panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from delivery.importing.fit import every_panel
from delivery.importing.notes import Note
from delivery.importing.read import objects, text
from delivery.importing.rows import PATH
from delivery.publish.difference import differences

Json = dict[str, Any]

#: ``exact``: the JSON is the same. ``equal``: it says the same in today's words. ``lost``: a note
#: says what of it is not done any more.
Verdict = Literal["exact", "equal", "lost"]


@dataclass(frozen=True, slots=True)
class Line:
    """One panel, or the dashboard but for its panels (``number`` is None)."""

    path: str
    number: int | None
    title: str
    verdict: Verdict
    notes: tuple[Note, ...]
    #: Settings that are not as they should be, though nothing says so: a fault of this program.
    faults: tuple[str, ...] = ()


def account(original: Json, modern: Json, built: Json, notes: Sequence[Note]) -> tuple[Line, ...]:
    """A line for the dashboard itself, then one for each panel that was read."""
    return (_of_head(original, modern, built, notes), *_of_panels(original, modern, built, notes))


def _of_head(original: Json, modern: Json, built: Json, notes: Sequence[Note]) -> Line:
    about = tuple(note for note in notes if not note.path.startswith(("$.panels[", "$.rows[")))
    wanted = {**_bare(modern), "tags": built.get("tags")}
    faults = _unlike(wanted, _bare(built)) if not _lost(about) else ()
    same = not _unlike(_bare(original), _bare(built))
    verdict = _verdict(about, same=same)
    return Line("$", None, text(original, "title"), verdict, about, faults)


def _of_panels(original: Json, modern: Json, built: Json, notes: Sequence[Note]) -> Iterator[Line]:
    read = dict(_read(original))
    by_path = {panel[PATH]: panel for panel in _all(modern)}
    made = {panel.get("id"): panel for panel in _all(built)}
    for path, panel in read.items():
        about = tuple(note for note in notes if _is_about(note, path, read))
        now = by_path.get(path)
        number = now.get("id") if now else None
        one = made.get(number) if now else None
        if now is None or one is None:
            yield Line(path, None, text(panel, "title"), "lost", about)
            continue
        wanted = {key: value for key, value in now.items() if key not in {PATH, "panels"}}
        bare = {key: value for key, value in one.items() if key != "panels"}
        faults = () if _lost(about) else _unlike(wanted, bare)
        same = not _unlike({key: panel[key] for key in panel if key != "panels"}, bare)
        yield Line(path, number, text(panel, "title"), _verdict(about, same=same), about, faults)


def _is_about(note: Note, path: str, read: Json) -> bool:
    if not (note.path == path or note.path.startswith((f"{path}.", f"{path}["))):
        return False
    inner = (other for other in read if len(other) > len(path) and other.startswith(path))
    return not any(note.path == one or note.path.startswith(f"{one}.") for one in inner)


def _verdict(about: Sequence[Note], *, same: bool) -> Verdict:
    if _lost(about):
        return "lost"
    return "exact" if same else "equal"


def _lost(about: Sequence[Note]) -> bool:
    return any(note.fate == "lost" for note in about)


def _unlike(one: Json, other: Json) -> tuple[str, ...]:
    return tuple(each.where for each in differences(one, other))


def _bare(dashboard: Json) -> Json:
    """A dashboard without its panels and without what a server says of it."""
    left_out = {"panels", "id", "version", "uid"}
    return {key: value for key, value in dashboard.items() if key not in left_out}


def _read(original: Json) -> Iterator[tuple[str, Json]]:
    """Each panel and row that was read, by path."""
    for index, row in enumerate(objects(original, "rows")):
        for place, panel in enumerate(objects(row, "panels")):
            yield f"$.rows[{index}].panels[{place}]", panel
    if objects(original, "rows"):
        return
    for index, panel in enumerate(objects(original, "panels")):
        yield f"$.panels[{index}]", panel
        for place, held in enumerate(objects(panel, "panels")):
            yield f"$.panels[{index}].panels[{place}]", held


def _all(dashboard: Json) -> Iterator[Json]:
    yield from (panel for panel in objects(dashboard, "panels") if panel.get("type") == "row")
    yield from every_panel(dashboard)
