"""Markdown as GitHub reads it, apart from its code: where the links are, and where lists begin."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_FENCE = re.compile(r"^ *(`{3,}|~{3,})")
#: Code within a line, in which nothing is a link, or the target of a link or an image.
_LINK = re.compile(r"(?P<ticks>`+).*?(?<!`)(?P=ticks)(?!`)|(?<=\]\()(?P<target>[^()\s]+)(?=\))")
_CODE = re.compile(r"(?P<ticks>`+).+?(?<!`)(?P=ticks)(?!`)")
_ITEM = re.compile(r"^(?P<indent> *)(?P<mark>[-*+]|\d{1,9}[.)])(?P<gap> +)(?=\S)")
#: Python-Markdown nests by this much; GitHub by the width of the marker.
_NESTING = 4


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Lines outside of fenced code, with their numbers from 1."""
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        mark = _FENCE.match(line)
        if not fence and not mark:
            yield number, line
        elif mark:
            fence = _after(fence, mark[1], line)


def links(text: str) -> Iterator[tuple[int, str]]:
    """Each target of a link or an image, with its line."""
    for number, line in prose(text):
        for found in _LINK.finditer(line):
            if found["target"]:
                yield number, found["target"]


def relinked(text: str, target: Callable[[str], str]) -> str:
    """The text with another target for each of its links."""

    def one(found: re.Match[str]) -> str:
        return target(found["target"]) if found["target"] else found[0]

    lines = text.splitlines()
    for number, line in prose(text):
        lines[number - 1] = _LINK.sub(one, line)
    return "\n".join(lines) + "\n"


def as_meant(text: str) -> str:
    """The text so that Python-Markdown makes of it what GitHub does."""
    return with_cells(with_lists(text))


def with_cells(text: str) -> str:
    """The text with the bars of code in tables as Python-Markdown wants them.

    GitHub splits cells before it looks for code, so that a bar in code is written with a
    backslash; Python-Markdown looks for code first, and would show the backslash.
    """
    lines = text.splitlines()
    for number, line in prose(text):
        if line.lstrip().startswith("|"):
            lines[number - 1] = _CODE.sub(lambda code: code[0].replace("\\|", "|"), line)
    return "\n".join(lines) + "\n"


def with_lists(text: str) -> str:
    """The text with its lists as Python-Markdown wants them.

    GitHub takes a list for one without an empty line above it, and nests what stands below the
    words of an item; Python-Markdown wants that line, and four blanks a level.
    """
    lines: list[str] = []
    #: The column where the words of each open item begin, outermost first.
    words_at: list[int] = []
    fence = ""
    #: Whether the line above is empty, and whether the lines since the last empty one list.
    apart, listing = True, False
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip(" "))
        item = None if fence else _ITEM.match(line)
        if not fence and line.strip() and (item or apart):
            while words_at and indent < words_at[-1]:
                words_at.pop()
        depth = len(words_at)
        if indent - (words_at[-1] if words_at else 0) >= _NESTING:
            item = None  # code, by its indentation
        if item and not apart and not listing:
            lines.append("")
        inside = min(indent, words_at[-1]) if words_at and line.strip() else 0
        lines.append(" " * (_NESTING * depth if inside else 0) + line[inside:])
        if item:
            lines[-1] = " " * (_NESTING * depth) + line[indent:]
            words_at.append(item.end())
        if mark := _FENCE.match(line):
            fence = _after(fence, mark[1], line)
        apart = not fence and not line.strip()
        listing = not apart and (listing or item is not None)
    return "\n".join(lines) + "\n"


def _after(fence: str, mark: str, line: str) -> str:
    """The fence that is open after a line that begins with such a mark."""
    if not fence:
        return mark
    closes = mark[0] == fence[0] and len(mark) >= len(fence) and not line.strip(" `~")
    return "" if closes else fence
