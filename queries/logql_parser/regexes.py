r"""Regular expressions, judged as Go's regexp package does: by RE2, less what Go leaves out.

The two have one syntax and one author. Known to differ still: what takes more than three
million steps once its repetitions are written out, which Go refuses; and the classes that Go
1.25 named anew (``\p{Letter}``, ``\p{lu}``), which label_replace takes and RE2 does not know.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import re2

_PLAIN: Final = re.compile(r"[A-Za-z0-9_ /:,@=~<>!#%&;'\"-]*")
"""Text that is a regular expression and means itself; most matchers are no more than that."""

_PARTS: Final = re.compile(
    r"\\Q(?:[\s\S]*?\\E|[\s\S]*)|(?P<byte>\\C)|\\[\s\S]"
    r"|\[\^?\]?(?:\[:\^?[a-z]+:\]|\\[\s\S]|[^\]\\])*+\]"
    r"|\(\?P?<(?P<name>[^>]*)>|(?P<open>\((?!\?))|(?P<close>\))"
    r"|\{(?P<least>[0-9]+)(?P<most>,[0-9]*)?\}"
)
"""What opens a group, ends one or repeats, and all that could hold the same characters."""

_ASCII_NAME: Final = re.compile("[A-Za-z0-9_]+")
_META: Final = re.compile(r"[\\.+*?()\[\]{}^$]")
_GO_CLASS: Final = re.compile(r"(\\[pP]\{\^?)(?:LC|Cn)\}")
_DEEPEST_GROUP: Final = 998

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
# RE2 turns Unicode classes into bytes, repetition by repetition. We want to know only whether
# it can read the expression, so it need not get far with that.
_OPTIONS.max_mem = 512 * 1024
_TOO_LARGE: Final = "pattern too large - compile failed"


@lru_cache(maxsize=512)
def fault(pattern: str) -> str | None:
    """What is wrong with a regular expression."""
    if _PLAIN.fullmatch(pattern):
        return None
    try:
        _compiled(pattern)
    except re2.error as error:
        reason = _told(error)
        if reason != _TOO_LARGE:
            return reason
    return _refused_by_go(pattern)


def matcher_fault(pattern: str) -> str | None:
    """The same for a label matcher, where Loki compiles no list of literals."""
    if not pattern.isascii() and not _META.search(pattern):
        return None
    return fault(pattern)


def captures(pattern: str) -> tuple[str, ...]:
    """The names of the groups that have one, in order; a name may come twice."""
    return tuple(found["name"] for found in _PARTS.finditer(pattern) if found["name"] is not None)


def matches_empty(pattern: str) -> bool:
    """Would a label that is not there match?"""
    if not _META.search(pattern):
        return "" in pattern.split("|")
    try:
        return _compiled(_once(pattern)).fullmatch(b"") is not None
    except re2.error:
        # Too large even so, thousands of classes in a row: some of them must match something.
        return False


def _compiled(pattern: str) -> Any:
    known = _GO_CLASS.sub(r"\1L}", pattern)
    return re2.compile(known.encode("utf-8", "surrogateescape"), options=_OPTIONS)


def _once(pattern: str) -> str:
    """With ``{1000}`` as ``{1}``: as good where only the empty text is matched, and small."""

    def shorter(found: re.Match[str]) -> str:
        if found["least"] is None:
            return found[0]
        return "{1}" if int(found["least"]) else "{0,1}"

    return _PARTS.sub(shorter, pattern) if "{" in pattern else pattern


def _refused_by_go(pattern: str) -> str | None:
    r"""What RE2 has and Go has not: ``\C``, group names beyond ASCII, very deep groups."""
    if "\\C" not in pattern and pattern.isascii() and len(pattern) <= _DEEPEST_GROUP:
        return None
    depth = 0
    for found in _PARTS.finditer(pattern):
        if found["byte"]:
            return r"invalid escape sequence: \C"
        if found["name"] is not None and not _ASCII_NAME.fullmatch(found["name"]):
            return f"invalid named capture: {found[0]}"
        depth += bool(found["open"] or found["name"]) - bool(found["close"])
        if depth > _DEEPEST_GROUP:
            return "expression nests too deeply"
    return None


def _told(error: Exception) -> str:
    reason: object = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
