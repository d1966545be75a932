"""Blocks of a page that are made, between two comments, among prose that is written.

    <!-- made: volumes -->
    | Service | Lines a minute |
    <!-- made end -->

Words after the name say more of what is wanted, and a block that is indented, as below the point
of a list, stays so: ``    <!-- made: look logs Error lines -->``. A reader sees nothing of the
comments. ``make golden`` renews what stands between them, and tests/docs/test_guides.py fails when
it is not what the catalog says today. So a number stands in a guide once, and can be explained by
hand around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from catalog.model import Catalog

_BEGIN = re.compile(r"^(?P<indent> {0,4})<!-- made: (?P<name>[a-z0-9-]+)(?: (?P<words>.+?))? -->$")
_END = "<!-- made end -->"
#: Deeper than this it is an example within a page.
_ENDS = re.compile(rf"^ {{0,4}}{_END}$")


@dataclass(frozen=True)
class Page:
    """Where a block stands, for what it says: a runbook's depends on whose runbook it is."""

    catalog: Catalog
    path: PurePosixPath
    """Below the repository, as in ``docs/runbooks/TargetDown.md``; links are relative to it."""

    words: str = ""
    """What stands behind the block's name."""


#: What stands between the comments, Markdown without a newline at its ends.
Maker = Callable[[Page], str]


class WordsError(ValueError):
    """What a maker cannot make of its words: the fault and what to write; the page adds where."""


class BlockError(ValueError):
    """A block that cannot be made: the page and line, what is wrong and what to write."""


def filled(text: str, page: Page, makers: Mapping[str, Maker]) -> str:
    """The page's text with each of its blocks as the catalog says today.

    Raises:
        BlockError: A block's name is unknown, its words say nothing to its maker, or it does not
            end before the next or the page does.
    """
    lines: list[str] = []
    opened: _Opened | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        begins = _BEGIN.match(line)
        if begins and opened:
            raise _unclosed(page, opened)
        if begins:
            opened = _Opened(number, begins["name"], begins["words"] or "", begins["indent"])
            lines += [line, *_made(page, opened, makers), f"{opened.indent}{_END}"]
        elif _ENDS.match(line):
            if not opened:
                raise BlockError(f"{page.path}:{number}: {_END} ends no block. Take it out.")
            opened = None
        elif not opened:
            lines.append(line)
    if opened:
        raise _unclosed(page, opened)
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Opened:
    """A block whose end has not been seen."""

    number: int
    name: str
    words: str
    indent: str


def _made(page: Page, opened: _Opened, makers: Mapping[str, Maker]) -> Iterator[str]:
    place = f"{page.path}:{opened.number}"
    if opened.name not in makers:
        known = ", ".join(sorted(makers))
        fault = f"nothing makes {opened.name!r}. Write one of: {known}."
        raise BlockError(f"{place}: {fault}")
    try:
        text = makers[opened.name](replace(page, words=opened.words))
    except WordsError as error:
        raise BlockError(f"{place}: block {opened.name!r}: {error}") from None
    # Python-Markdown reads an indented comment and what follows at once as one paragraph.
    around = [""] if opened.indent else []
    for line in (*around, *text.split("\n"), *around):
        yield f"{opened.indent}{line}" if line else ""


def _unclosed(page: Page, opened: _Opened) -> BlockError:
    fault = f"block {opened.name!r} has no end. Write {_END} below it."
    return BlockError(f"{page.path}:{opened.number}: {fault}")
