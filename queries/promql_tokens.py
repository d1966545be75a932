"""PromQL cut into tokens: what promql-parser does not tell, and must not be asked first.

It gives no place for an error, crashes the process on a query that is nested too deeply, and
takes what only later releases of Prometheus have. Tokens are enough to mend all three.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from queries.logql_parser.go_numbers import parse_float

MAX_DEPTH: Final = 300
"""Levels of parentheses and operators; the parser's stack ends somewhere beyond 3,000."""

_TOKEN: Final = re.compile(
    r"""[ \t\r\n]*+(?:\#[^\n]*+[ \t\r\n]*+)*+(?:
      (?P<string>"(?:[^"\\\n]|\\[^\n])*+"|'(?:[^'\\\n]|\\[^\n])*+'|`[^`]*+`)
    | (?P<duration>[0-9]+(?:ms|[smhdwy])(?:[0-9]+(?:ms|[smhdwy]))*+)(?![A-Za-z0-9_])
    | (?P<number>0[xX][0-9a-fA-F]++|(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    | (?P<name>(?!:[0-9])[A-Za-z_:][A-Za-z0-9_:]*+)
    | (?P<symbol>[=!]~|[=!<>]=|[\s\S])
    )""",
    re.VERBOSE,
)
_LATEST: Final = 2**63 // 1000
"""Seconds; in milliseconds they fill 64 bits."""
_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_OPERATORS: Final = frozenset({"+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<="})
_WORD_OPERATORS: Final = frozenset({"and", "atan2", "or", "unless"})
_NEWER_AGGREGATIONS: Final = frozenset({"limitk", "limit_ratio"})
_GROUPINGS: Final = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})


class Token(NamedTuple):
    """``kind`` is a group of the pattern above; ``text`` is as it stands in the query."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The text if keywords are looked for, which are so in any case."""
        return self.text.lower() if self.kind == "name" else self.text

    @property
    def is_operator(self) -> bool:
        """Does it join two expressions, or stand before one as a sign?"""
        if self.kind == "name":
            return self.word in _WORD_OPERATORS
        return self.kind == "symbol" and self.text in _OPERATORS


class Fault(NamedTuple):
    """What is wrong, and at which offset."""

    offset: int
    message: str


def tokenize(text: str) -> list[Token]:
    """All tokens; what is none is a symbol of one character."""
    tokens = []
    position = 0
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup or "symbol"
        position = match.end()
        tokens.append(Token(kind, match[kind], match.start(kind), position))
    return tokens


def closing(tokens: list[Token]) -> str:
    """What closes all brackets that are open at the end."""
    waiting: list[str] = []
    for token in tokens:
        if token.text in _CLOSING:
            waiting.append(_CLOSING[token.text])
        elif waiting and token.text == waiting[-1]:
            waiting.pop()
    return "".join(reversed(waiting))


def depth_fault(tokens: list[Token]) -> Fault | None:
    """Is the query nested too deeply to be parsed?"""
    levels = [_Level()]
    for token in tokens:
        level = levels[-1]
        if token.text in _CLOSING:
            levels.append(_Level())
        elif token.text in {")", "]", "}"} and len(levels) > 1:
            levels.pop()
            levels[-1].inside = max(levels[-1].inside, level.height + 1)
        elif token.is_operator:
            level.operators += 1
        elif token.text == ",":
            level.before, level.operators, level.inside = level.height, 0, 0
        if len(levels) + levels[-1].height > MAX_DEPTH:
            return Fault(token.start, f"nested deeper than {MAX_DEPTH} levels")
    return None


@dataclass(slots=True)
class _Level:
    """What an open bracket holds so far; a comma begins anew."""

    operators: int = 0
    inside: int = 0
    before: int = 0

    @property
    def height(self) -> int:
        return max(self.operators + self.inside, self.before)


def time_fault(tokens: list[Token]) -> Fault | None:
    """Is there an ``@`` with a time that is none? The parser would panic."""
    for number, token in enumerate(tokens):
        if token.text != "@":
            continue
        signs = {"+", "-"}
        time = next((after for after in tokens[number + 1 :] if after.text not in signs), token)
        if time.kind == "number" and _value(time.text) > _LATEST:
            return Fault(time.start, f"{time.text} is no time that Prometheus can count to")
        if time.word in {"inf", "nan"}:
            return Fault(time.start, f"{time.text} is no time")
    return None


def _value(number: str) -> float:
    return int(number, 16) if number[:2].lower() == "0x" else parse_float(number)[0]


def newer_faults(tokens: list[Token]) -> Iterator[Fault]:
    """What only a later release than Prometheus 2.42 reads."""
    brackets: list[str] = []
    previous = Token("symbol", "", 0, 0)
    for token in tokens:
        inside = brackets[-1] if brackets else ""
        if token.kind == "string":
            yield from _string(token, previous, inside)
        elif inside == "[" and token.kind == "number":
            yield Fault(token.start, f"{token.text} needs a unit, such as s or m")
        elif token.kind == "duration" and inside != "[" and previous.word != "offset":
            yield Fault(token.start, f"{token.text} stands only in brackets and behind offset")
        elif previous.word in _NEWER_AGGREGATIONS and (
            token.text == "(" or token.word in _GROUPINGS
        ):
            yield Fault(previous.start, f"Prometheus 2.42 has no aggregation {previous.text}")
        elif previous.word == "offset" and (token.kind == "number" or token.text == "+"):
            yield Fault(token.start, "offset takes a duration, such as 5m or -5m")
        if token.text in _CLOSING:
            is_grouping = token.text == "(" and previous.word in _GROUPINGS
            brackets.append("by" if is_grouping else token.text)
        elif token.text in {")", "]", "}"} and brackets:
            brackets.pop()
        if not (token.text == "-" and previous.word == "offset"):
            previous = token


def _string(token: Token, previous: Token, inside: str) -> Iterator[Fault]:
    if inside == "by" or (inside == "{" and previous.text in {"{", ","}):
        yield Fault(token.start, "the name of a label or metric is not quoted")
    elif previous.text in {"+", "-"}:
        yield Fault(previous.start, "a string has no sign")
