"""Finds the calls of kubectl in pages and scripts, and the words of each.

Enough of a shell's grammar for that: quotes, continued lines, comments, redirections, and where a
command ends. What the shell would put in (``$pod``, ``$(…)``) stays in its word as written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^\s*(?P<mark>```+|~~~+)\s*(?P<language>[\w-]*)")
_SHELLS = frozenset({"sh", "bash", "shell", "console", "zsh"})
_CALL = re.compile(r"(?<![\w./$-])(?:kubectl|\$\{?KUBECTL\}?)(?=\s)")
_SPAN = re.compile(r"`(kubectl [^`]+)`")
_CHANGES = re.compile(r"^\s*cd\s+(?P<folder>[^\s;&|]+)")


@dataclass(frozen=True)
class Call:
    """One call: where it stands, its words after ``kubectl``, and the folder it is made in.

    ``mentioned`` is one that stands within a sentence, where it may be left incomplete.
    """

    page: str
    line: int
    words: tuple[str, ...]
    folder: str = "."
    mentioned: bool = False


def calls(root: Path, path: Path) -> Iterator[Call]:
    """Every call in a page's shell blocks and code spans, or anywhere in a script."""
    page = path.relative_to(root).as_posix()
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".md":
        yield from _of_shell(page, 1, text)
        return
    block: list[str] = []
    opened: tuple[int, str, str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened = (number + 1, fence["mark"], fence["language"])
            block = []
        elif opened and line.strip() == opened[1]:
            if opened[2] in _SHELLS:
                yield from _of_shell(page, opened[0], "\n".join(block))
            opened = None
        elif opened:
            block.append(line)
        else:
            for span in _SPAN.finditer(line):
                # A bar within a table's cell is escaped.
                told = span[1].replace("\\|", "|")
                for call in _of_shell(page, number, told):
                    yield Call(page, number, call.words, mentioned=True)


def _of_shell(page: str, first: int, text: str) -> Iterator[Call]:
    folder, seen = ".", 0
    for call in _CALL.finditer(text):
        before = text[: call.start()]
        start = before.rfind("\n") + 1
        # A comment, or a sentence that a script prints.
        if re.search(r"(^|\s)#", text[start : call.start()]):
            continue
        for line in before[seen:].splitlines():
            if change := _CHANGES.match(line):
                # Where a script finds itself nobody knows here: it goes to the repository's top.
                folder = "." if "$" in change["folder"] else change["folder"]
        seen = start
        words = tuple(_words(text[call.end() :]))
        yield Call(page, first + before.count("\n"), words, folder)


def _words(text: str) -> Iterator[str]:
    """The words until the command ends; a redirection and where it goes are none."""
    position, word, redirected = 0, "", False
    while position < len(text):
        char = text[position]
        if text.startswith("\\\n", position):
            position += 2
            continue
        if char in "'\"":
            end = _quoted(text, position)
            word += text[position + 1 : end - 1] or "''"
            position = end
            continue
        if text.startswith("$(", position):
            end = _closed(text, position + 2)
            word, position = word + text[position:end], end
            continue
        if char in "<>" or (char.isspace() and char != "\n"):
            if word and not (char in "<>" and word.isdigit()) and not redirected:
                yield word
            redirected = char in "<>" or (redirected and not word)
            word, position = "", position + 1
            continue
        if char in "\n;|&)" or (char == "#" and not word):
            break
        word, position = word + char, position + 1
    if word and not redirected:
        yield word


def _quoted(text: str, start: int) -> int:
    """Where the quotes that begin there end."""
    end = start + 1
    while end < len(text) and text[end] != text[start]:
        end += 2 if text[end] == "\\" and text[start] == '"' else 1
    return end + 1


def _closed(text: str, start: int) -> int:
    depth, end = 1, start
    while end < len(text) and depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return end
