"""Finds selectors and ranges in a query as it ships, where ``$__interval`` still says its name.

The trees are made of filled queries, in which every range variable has become a duration. What
a rule asks of the text itself, it asks here: strings and comments are stepped over, so that a
bracket in a regular expression is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from delivery.checks.documents import Language

_STRING = r'"(?:[^"\\]|\\.)*"|' r"'(?:[^'\\]|\\.)*'|" r"`[^`]*`"
_TOKEN = re.compile(
    rf"(?P<string>{_STRING})"
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<variable>\$\{[^}]*\}|\$\w+)"
    rf"|(?P<braces>\{{(?:\$\{{[^}}]*\}}|[^{{}}\"'`]|{_STRING})*\}})"
    r"|(?P<window>\[[^\]]*\])"
    r"|(?P<open>\()"
    r"|(?P<close>\))"
    r"|(?P<number>[0-9][\w.]*)"
    r"|(?P<word>[a-zA-Z_:][\w:]*)",
    re.DOTALL,
)
_MATCHER = re.compile(
    rf"(?P<label>\w+)\s*(?P<operator>=~|!~|!=|=)\s*(?P<value>{_STRING}|\$\{{[^}}]*\}}|\$\w+)",
    re.DOTALL,
)
#: Words before a list of labels, which are no selectors.
_LISTS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
#: Words of PromQL that may stand where a metric's name could.
_RESERVED = _LISTS | frozenset(
    {
        *("and", "or", "unless", "atan2", "bool", "offset", "inf", "nan", "start", "end"),
        *("sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values"),
        *("bottomk", "topk", "quantile", "limitk", "limit_ratio"),
    }
)


@dataclass(frozen=True, slots=True)
class Matcher:
    """``label="value"`` in a selector; the value is as it was written between its quotes."""

    label: str
    operator: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric's name (none in LogQL) and its matchers."""

    metric: str
    matchers: tuple[Matcher, ...]
    start: int
    end: int

    def matcher(self, label: str) -> Matcher | None:
        """The first matcher of that label."""
        return next((each for each in self.matchers if each.label == label), None)


@dataclass(frozen=True, slots=True)
class Window:
    """What stands in brackets, the function that reads it, and of which series.

    A subquery's is of none. ``end`` is behind the closing bracket.
    """

    text: str
    function: str
    selector: Selector | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scan:
    """What a query selects; ``instant`` are the selectors without a range."""

    selectors: tuple[Selector, ...]
    windows: tuple[Window, ...]

    @property
    def instant(self) -> tuple[Selector, ...]:
        """The selectors of which a query reads the newest sample only."""
        ranged = {id(window.selector) for window in self.windows}
        return tuple(each for each in self.selectors if id(each) not in ranged)


@lru_cache(maxsize=32_768)
def scan(text: str, language: Language) -> Scan:
    """The selectors and ranges of a query, in order."""
    return _Scanner(text, language).scan()


class _Scanner:
    """One pass over the tokens; ``calls`` are the functions whose brackets are open."""

    def __init__(self, text: str, language: Language) -> None:
        self.text, self.language = text, language
        self.selectors: list[Selector] = []
        self.windows: list[Window] = []
        self.calls: list[str] = []

    def scan(self) -> Scan:
        name: re.Match[str] | None = None
        kind = ""
        for token in _TOKEN.finditer(self.text):
            before, kind = kind, token.lastgroup or ""
            if kind == "comment":
                kind = before
                continue
            if kind == "word":
                self._bare(name)
                name = token
                continue
            if kind == "open":
                self.calls.append(name[0] if name else "")
                name = None
            elif kind == "braces" and self._selects():
                self._selector(name, token)
                name = None
            else:
                self._bare(name)
                self._other(token, kind, "selector" if name else before)
                name = None
        self._bare(name)
        return Scan(tuple(self.selectors), tuple(self.windows))

    def _other(self, token: re.Match[str], kind: str, before: str) -> None:
        if kind == "close" and self.calls:
            self.calls.pop()
        elif kind == "window":
            function = next((each for each in reversed(self.calls) if each), "")
            subquery = self.language == "promql" and before not in {"braces", "selector"}
            selector = self.selectors[-1] if self.selectors and not subquery else None
            text = token[0][1:-1].strip()
            self.windows.append(Window(text, function, selector, token.start(), token.end()))

    def _selects(self) -> bool:
        return not (self.calls and self.calls[-1] in _LISTS)

    def _bare(self, name: re.Match[str] | None) -> None:
        """A name without braces is a selector in PromQL, if it is not a word of the language."""
        if (
            name is not None
            and self.language == "promql"
            and name[0].lower() not in _RESERVED
            and self._selects()
        ):
            self.selectors.append(Selector(name[0], (), name.start(), name.end()))

    def _selector(self, name: re.Match[str] | None, braces: re.Match[str]) -> None:
        named = name is not None and self.language == "promql"
        start = name.start() if name and named else braces.start()
        matchers = tuple(
            Matcher(
                found["label"],
                found["operator"],
                _unquoted(found["value"]),
                braces.start() + found.start(),
                braces.start() + found.end(),
            )
            for found in _MATCHER.finditer(braces[0])
        )
        metric = name[0] if name and named else ""
        self.selectors.append(Selector(metric, matchers, start, braces.end()))


def _unquoted(value: str) -> str:
    if value[0] == "$":
        return value
    if value[0] == "`" or "\\" not in value:
        return value[1:-1]
    return re.sub(r"\\(.)", r"\1", value[1:-1])
