"""What a person sees: plain lines, and a little more on a terminal.

Off a terminal nothing is coloured, wrapped, cut or boxed: a log or a script gets one
finding a line. rich is loaded only when there is a wait worth showing.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

_T = TypeVar("_T")

_BOLD = "\x1b[1m"
_RED = "\x1b[31m"
_RESET = "\x1b[0m"

# A build of four services is done before a spinner could be read.
_SILENT_SECONDS = 1.0


def prepare() -> None:
    """Lets every stream print every name: Σ in a Latin-1 locale is escaped, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def fail(lines: Iterable[str]) -> None:
    """Prints one problem a line to standard error; on a terminal in red."""
    for line in lines:
        print(_styled(line, _RED, sys.stderr), file=sys.stderr)


def say(lines: Iterable[str]) -> None:
    """Prints a result to standard output, a line each."""
    for line in lines:
        print(line)


def note(lines: Iterable[str]) -> None:
    """Prints what is worth knowing beside a result to standard error, a line each."""
    for line in lines:
        print(line, file=sys.stderr)


def write_lines(lines: Iterable[str]) -> None:
    """Prints a report to standard output, a line each."""
    for line in lines:
        print(line)


def summarize(line: str) -> None:
    """Prints a command's closing line."""
    print(_styled(line, _BOLD, sys.stdout))


def tracked(items: Iterable[_T], doing: str) -> Iterator[_T]:
    """``items``, counted on a terminal's standard error if they take more than a moment."""
    if not _is_terminal(sys.stderr):
        yield from items
        return
    start = time.monotonic()
    iterator = iter(items)
    count = 0
    for item in iterator:
        count += 1
        yield item
        if time.monotonic() - start > _SILENT_SECONDS:
            break
    else:
        return
    yield from _spun(iterator, doing, count)


def _spun(items: Iterator[_T], doing: str, count: int) -> Iterator[_T]:
    from rich.console import Console

    with Console(stderr=True).status(doing) as status:
        for item in items:
            count += 1
            status.update(f"{doing}: {count}")
            yield item


def is_terminal() -> bool:
    """Whether a person looks at standard output."""
    return _is_terminal(sys.stdout)


def paint_findings(text: str) -> None:
    """Prints findings for a person: places bold, carets red; nothing is wrapped or cut."""
    if os.environ.get("NO_COLOR"):
        print(text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    for line in text.split("\n"):
        painted = Text(line)
        if line and not line.startswith(" "):
            painted.stylize("bold")
        elif line.strip() and set(line.strip()) == {"^"}:
            painted.stylize("red")
        console.print(painted, soft_wrap=True)


def _styled(line: str, style: str, stream: TextIO) -> str:
    if not _is_terminal(stream) or os.environ.get("NO_COLOR"):
        return line
    return f"{style}{line}{_RESET}"


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
