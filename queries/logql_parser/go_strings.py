r"""String literals as Loki unquotes them: to bytes, which need not be UTF-8.

What is not UTF-8 afterwards (``"\xff"``) is kept as lone surrogates, as Python does with file
names, so that a value stays text and loses nothing.
"""

from __future__ import annotations

import re
from typing import Final

_ESCAPE: Final = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\\"])|x(?P<byte>[0-9A-Fa-f]{2})|(?P<octal>[0-7]{3})"
    r"|u(?P<short>[0-9A-Fa-f]{4})|U(?P<long>[0-9A-Fa-f]{8})|(?P<wrong>))"
)
_CHARACTER: Final = re.compile(
    r"'(?:[^'\\\n]|\\(?:[abfnrtv\\']|x[0-9A-Fa-f]{2}|[0-7]{3}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}))'"
)
_QUOTED: Final = re.compile(r'"(?:[^"\\\n]|\\[^\n])*+"')
_SIMPLE: Final = dict(zip('abfnrtv\\"', '\a\b\f\n\r\t\v\\"', strict=True))


def quoted_end(text: str, start: int) -> int | None:
    """Where the string in double quotes that begins at ``start`` ends."""
    match = _QUOTED.match(text, start)
    return match.end() if match else None


def character_end(text: str, start: int) -> int | None:
    """Where a Go character such as ``'a'`` ends. Loki takes one for a label's name."""
    match = _CHARACTER.match(text, start)
    return match.end() if match else None


def is_character(quoted: str) -> bool:
    """Is this text in single quotes one character?"""
    return _CHARACTER.fullmatch(quoted) is not None


def unquote(inner: str) -> tuple[str, int | None]:
    """What the inside of a double-quoted string says, or where its first bad escape is."""
    pieces: list[bytes] = []
    position = 0
    for escape in _ESCAPE.finditer(inner):
        if escape.start() < position:
            continue
        value = _escaped(escape)
        if value is None:
            return "", escape.start()
        pieces.append(inner[position : escape.start()].encode("utf-8", "surrogateescape"))
        pieces.append(value)
        position = escape.end()
    pieces.append(inner[position:].encode("utf-8", "surrogateescape"))
    return b"".join(pieces).decode("utf-8", "surrogateescape"), None


def _escaped(escape: re.Match[str]) -> bytes | None:
    digits = escape["byte"] or escape["octal"]
    if escape["simple"]:
        return _SIMPLE[escape["simple"]].encode()
    if digits:
        value = int(digits, 16 if escape["byte"] else 8)
        return bytes([value]) if value < 256 else None
    digits = escape["short"] or escape["long"]
    if not digits:
        return None
    value = int(digits, 16)
    if value >= 2**31:
        # Go's rune is signed: it is negative here, taken for ASCII, and cut to its last byte.
        return bytes([value & 0xFF])
    if value > 0x10FFFF:
        return None
    # A lone surrogate becomes the replacement character.
    return (chr(value) if not 0xD800 <= value < 0xE000 else "\ufffd").encode()
