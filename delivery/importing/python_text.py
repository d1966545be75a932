"""Python source, laid out as ruff's formatter lays it out.

The formatter is a tool of developers and not there for users, so the text is written as it would
leave it: what fits a line of 100 columns stands on one, everything else with an item a line and a
comma behind the last. tests/delivery/importing holds that against ruff.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 100
INDENT = "    "
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Code(str):
    """Text that is source already."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Call:
    """``name(value, key=value)``; a key of "" is a positional argument."""

    name: str
    arguments: tuple[tuple[str, Any], ...]


def source(value: Any, indent: str = "", before: int = 0, after: int = 0) -> str:
    """The value as source, for a place ``before`` columns into a line indented by ``indent``.

    ``after`` columns follow it on its last line.
    """
    flat = flat_source(value)
    if len(indent) + before + len(flat) + after <= WIDTH:
        return flat
    if isinstance(value, str) and not isinstance(value, Code):
        return _long_text(value, indent)
    inner = indent + INDENT
    opening, closing, entries = _entries(value)
    if not entries:
        return flat
    if isinstance(value, Call) and _is_one_text(value):
        return f"{opening}\n{_pieces(value.arguments[0][1], inner)}\n{indent}{closing}"
    lines = [f"{inner}{lead}{source(item, inner, len(lead), 1)}," for lead, item in entries]
    return "\n".join([opening, *lines, indent + closing])


def flat_source(value: Any) -> str:
    """The value on one line."""
    match value:
        case Code():
            return str(value)
        case str():
            return quoted(value)
        case bool() | None | int():
            return repr(value)
        case float():
            return repr(value)
    opening, closing, entries = _entries(value)
    listed = ", ".join(lead + flat_source(item) for lead, item in entries)
    if isinstance(value, tuple) and len(value) == 1:
        listed += ","
    return f"{opening}{listed}{closing}"


def quoted(text: str) -> str:
    """In double quotes, or in single ones where those need fewer backslashes."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    return mark + "".join(_escaped(character, mark) for character in text) + mark


def _escaped(character: str, mark: str) -> str:
    if character == mark:
        return f"\\{character}"
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if code < 127 and character.isprintable():
        return character
    # What looks like another letter, or like nothing, is written by its number.
    if 0xC0 <= code <= 0xFF and unicodedata.category(character).startswith("L"):
        return character
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def _entries(value: Any) -> tuple[str, str, Sequence[tuple[str, Any]]]:
    match value:
        case Call():
            keys = [(f"{key}=" if key else "", item) for key, item in value.arguments]
            return f"{value.name}(", ")", keys
        case Mapping():
            return "{", "}", [(f"{quoted(str(key))}: ", item) for key, item in value.items()]
        case tuple():
            return "(", ")", [("", item) for item in value]
        case list():
            return "[", "]", [("", item) for item in value]
    raise TypeError(f"no source is written for {type(value).__name__}")


def _is_one_text(call: Call) -> bool:
    item = call.arguments[0][1]
    return (
        len(call.arguments) == 1
        and not call.arguments[0][0]
        and isinstance(item, str)
        and not isinstance(item, Code)
    )


def _long_text(text: str, indent: str) -> str:
    return f"(\n{_pieces(text, indent + INDENT)}\n{indent})"


def _pieces(text: str, indent: str) -> str:
    """A text in pieces, a line each: Python puts them together again."""
    return "\n".join(indent + quoted(piece) for piece in _cut(text, WIDTH - len(indent)))


def _cut(text: str, width: int) -> Iterator[str]:
    """Cut behind line ends, then behind blanks, then behind commas, then anywhere."""
    for line in _lines(text):
        rest = line
        while len(quoted(rest)) > width:
            size = _largest(rest, width)
            best = max(rest.rfind(" ", 0, size), rest.rfind(",", 0, size)) + 1
            size = best if best > width // 3 else size
            yield rest[:size]
            rest = rest[size:]
        yield rest


def _lines(text: str) -> Iterable[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text) or [""]


def _largest(text: str, width: int) -> int:
    """How much of the text fits, quoted."""
    low, high = 1, min(len(text), width)
    while low < high:
        middle = (low + high + 1) // 2
        if len(quoted(text[:middle])) <= width:
            low = middle
        else:
            high = middle - 1
    return low
