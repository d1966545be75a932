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


def _styled(line: str, style: str, stream: TextIO) -> str:
    if not _is_terminal(stream) or os.environ.get("NO_COLOR"):
        return line
    return f"{style}{line}{_RESET}"


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
