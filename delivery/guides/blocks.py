"""Blocks of a page that are made, between two comments, among prose that is written.

    <!-- made: volumes -->
    | Service | Lines a minute |
    <!-- made end -->

A reader sees nothing of the comments. ``make golden`` renews what stands between them, and
tests/docs/test_guides.py fails when it is not what the catalog says today. So a number stands in
a guide once, and can be explained by hand around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from catalog.model import Catalog

_BEGIN = re.compile(r"^<!-- made: (?P<name>[a-z0-9-]+) -->$")
_END = "<!-- made end -->"


@dataclass(frozen=True)
class Page:
    """Where a block stands, for what it says: a runbook's depends on whose runbook it is."""

    catalog: Catalog
    path: PurePosixPath
    """Below the repository, as in ``docs/runbooks/TargetDown.md``; links are relative to it."""


#: What stands between the comments, Markdown without a newline at its ends.
Maker = Callable[[Page], str]


class BlockError(ValueError):
    """A block that cannot be made: the page and line, what is wrong and what to write."""


def filled(text: str, page: Page, makers: Mapping[str, Maker]) -> str:
    """The page's text with each of its blocks as the catalog says today.

    Raises:
        BlockError: A block's name is unknown, or it does not end before the next or the page does.
    """
    lines: list[str] = []
    opened: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        begins = _BEGIN.match(line)
        if begins and opened:
            raise _unclosed(page, opened)
        if begins:
            opened = (number, begins["name"])
            lines += [line, _made(page, opened, makers), _END]
        elif line == _END:
            if not opened:
                raise BlockError(f"{page.path}:{number}: {_END} ends no block. Take it out.")
            opened = None
        elif not opened:
            lines.append(line)
    if opened:
        raise _unclosed(page, opened)
    return "\n".join(lines) + "\n"


def _made(page: Page, opened: tuple[int, str], makers: Mapping[str, Maker]) -> str:
    number, name = opened
    if name not in makers:
        known = ", ".join(sorted(makers))
        raise BlockError(f"{page.path}:{number}: nothing makes {name!r}. Write one of: {known}.")
    return makers[name](page)


def _unclosed(page: Page, opened: tuple[int, str]) -> BlockError:
    number, name = opened
    return BlockError(f"{page.path}:{number}: block {name!r} has no end. Write {_END} below it.")
