"""Finds the parts of a PromQL query in its text, without the parser that is put to the test."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_LIST = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)")
_NAME = re.compile(r"(?<![\w:$.])[a-zA-Z_:][\w:]*")
_LABEL = re.compile(r"\w+")
_MATCHER = re.compile(r"(\w+)\s*(=~|!~|!=|=)\s*\"((?:[^\"\\]|\\.)*)\"")
_OFFSET = re.compile(r" offset -?\w+")
_CALLED = re.compile(r"(\w+)\($")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text."""

    start: int
    end: int
    text: str

    def replaced(self, whole: str, by: str) -> str:
        """The whole text with something else in its place."""
        return whole[: self.start] + by + whole[self.end :]


@dataclass(frozen=True, slots=True)
class Matcher:
    """``label="value"``."""

    label: Span
    operator: str
    value: Span


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric with its matchers, the range and offset behind it, the function around it."""

    name: Span
    matchers: tuple[Matcher, ...]
    whole: Span
    range: Span | None
    offset: Span | None
    function: Span | None


@dataclass(frozen=True, slots=True)
class Labels:
    """``by (…)``, ``on (…)`` and the like."""

    keyword: Span
    labels: tuple[Span, ...]


def masked(text: str) -> str:
    """The text with every string blank inside."""
    return _STRING.sub(lambda found: '"' + "·" * (len(found[0]) - 2) + '"', text)


def label_lists(text: str) -> list[Labels]:
    """The lists of labels, in order."""
    return [
        Labels(
            Span(found.start(1), found.end(1), found[1]),
            tuple(
                Span(found.start(2) + each.start(), found.start(2) + each.end(), each[0])
                for each in _LABEL.finditer(found[2])
            ),
        )
        for found in _LIST.finditer(masked(text))
    ]


def selectors(text: str, known: Container[str]) -> list[Selector]:
    """The selectors of metrics that are known, in order."""
    plain = _LIST.sub(lambda found: "·" * len(found[0]), masked(text))
    plain = re.sub(r"[{\[][^}\]]*[}\]]", lambda found: _bracketed(found[0]), plain)
    return [
        _selector(text, plain, found.start(), found.end())
        for found in _NAME.finditer(plain)
        if found[0] in known
    ]


def _bracketed(text: str) -> str:
    return text[0] + "·" * (len(text) - 2) + text[-1]


def _selector(text: str, plain: str, start: int, end: int) -> Selector:
    stop = end
    found: tuple[Matcher, ...] = ()
    if plain.startswith("{", end):
        stop = plain.index("}", end) + 1
        found = matchers(text, end, stop)
    window = None
    if plain.startswith("[", stop):
        closed = plain.index("]", stop) + 1
        window = Span(stop, closed, text[stop:closed])
    moved = _OFFSET.match(plain, window.end if window else stop)
    offset = Span(moved.start(), moved.end(), moved[0]) if moved else None
    called = _CALLED.search(text, 0, start)
    function = Span(called.start(1), called.end(1), called[1]) if called else None
    name = Span(start, end, text[start:end])
    return Selector(name, found, Span(start, stop, text[start:stop]), window, offset, function)


def matchers(text: str, start: int, end: int) -> tuple[Matcher, ...]:
    """The matchers between two braces."""
    return tuple(
        Matcher(
            Span(found.start(1), found.end(1), found[1]),
            found[2],
            Span(found.start(3), found.end(3), found[3]),
        )
        for found in _MATCHER.finditer(text, start, end)
    )
