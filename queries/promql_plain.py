"""Tells at a glance that a query holds nothing that needs a closer look.

promql-parser crashes on deep nesting, panics on some numbers, and takes what only later
releases than Prometheus 2.42 read. :mod:`queries.promql_parser` looks for all of that token
by token. Nearly every query that people write has none of it, which a few searches over
the text can tell in a fraction of the time; whatever they are not sure of is looked at closely.
"""

from __future__ import annotations

import re
from typing import Final

from queries.logql_parser import regexes

#: Far below what the package can take, and far above what a person can read.
_MOST_CHARACTERS: Final = 6000
_MOST_NESTING: Final = 100

_STRING: Final = re.compile(r'"[^"\\\n]*"')
#: No more digits than any unit can be counted in.
_DURATION: Final = "(?:[0-9]{1,5}[smhd]|[0-9]{1,2}[wy])"
_RANGE: Final = re.compile(rf"\[{_DURATION}(?::(?:{_DURATION})?)?\]|\boffset -?{_DURATION}\b")
_OPERATOR: Final = re.compile(r"[-+*/%^<>=!(\[{]|\b(?:and|or|unless)\b")
_CALLED: Final = re.compile(r"([a-zA-Z_:][\w:]*)\s*\(")
_SUSPECT: Final = re.compile(
    # Other strings, comments, times, brackets that are no plain range, and what is no ASCII.
    r"['`@#\[\]\\$]|[^\x00-\x7f]"
    # Durations, hexadecimal and huge numbers, where only plain ones are expected.
    r"|\b[0-9.]+[a-zA-Z_]|[0-9]{16,}"
    # Quoted names, signed strings, and matchers joined by or.
    r'|\{\s*"|\{[^{}]*,\s*"|[-+]\s*"|\{[^{}]*\bor\b'
    r'|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*"'
    r"|\b(?:offset|inf|nan|Inf|NaN|INF|NAN)\b",
    re.IGNORECASE,
)
_PATTERN: Final = re.compile(r'(?:=~|!~)\s*"([^"\\\n]*)"')


def is_plain(text: str, known: frozenset[str]) -> bool:
    """Whether only the package's own verdict is still to be asked; ``known`` may be called."""
    if len(text) > _MOST_CHARACTERS or "\\" in text:
        return False
    bare = _RANGE.sub("", _STRING.sub('""', text))
    return (
        len(_OPERATOR.findall(bare)) <= _MOST_NESTING
        and not _SUSPECT.search(bare)
        and known.issuperset(_CALLED.findall(bare))
        and not any(map(regexes.fault, _PATTERN.findall(text)))
    )
