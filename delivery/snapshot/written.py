"""What a run leaves in its folder beside the pictures: the index, and the comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from delivery import tree
from delivery.places import display
from delivery.snapshot import album, compare, side_by_side
from delivery.snapshot.model import Shot
from delivery.snapshot.wish import Wish

PAGE = "before-after.html"
SUMMARY = "before-after.md"


def finish(out: Path, shots: Sequence[Shot], wish: Wish, *, whole: bool) -> str:
    """Write the index, and remove the pictures that an earlier one names and this one does not.

    A run for some dashboards only leaves what is known of the others, if they were looked at in
    the same way. Returns the index's text.
    """
    earlier, look = album.read(out), look_of(wish)
    kept = [] if whole or earlier is None or earlier[1] != look else [*earlier[0].values()]
    taken = {each.subject.name for each in shots}
    listed = [*shots, *(each for each in kept if each.subject.name not in taken)]
    text = album.index(listed, look)
    album.write(out, album.INDEX, text.encode())
    named = {each.file for each in listed}
    for shot in earlier[0].values() if earlier else ():
        if shot.file and shot.file not in named:
            tree.remove_file(out, shot.file)
            tree.remove_empty_parents(out, shot.file)
    return text


def look_of(wish: Wish) -> dict[str, Any]:
    """How the pictures were taken, as the index keeps it: not how long was waited for them."""
    chosen = {"from": wish.since, "to": wish.until}
    return {**asdict(wish.look), **asdict(wish.film), **chosen}


def compared(before: Path, after: Path) -> str:
    """Lay two folders of pictures side by side in the second one; the line to be told.

    Either may lack pictures: a dashboard's first has no before.
    """
    sides = [album.read(folder) for folder in (before, after)]
    old, new = (side[0] if side else {} for side in sides)
    found = compare.pairs(old, new)
    page = side_by_side.page(found, _loader(before), _loader(after))
    album.write(after, PAGE, page.encode())
    album.write(after, SUMMARY, side_by_side.markdown(found).encode())
    return f"{display(after / PAGE)}: {side_by_side.summary(found)}"


def _loader(folder: Path) -> side_by_side.Load:
    return lambda shot: tree.read_regular(folder / shot.file)
