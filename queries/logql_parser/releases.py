"""What a query uses that an older release of Loki does not have.

``parse`` judges by Loki 3.7; a query that it takes may still be none to the Loki that a host
runs. Tried on the real 2.9.4, query by query: tests/queries/logql_parser/corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Final, Literal, NamedTuple

from queries.logql_parser.go_numbers import parse_float
from queries.logql_parser.tokens import FUNCTIONS, SYMBOLS, WORDS, Token, tokenize
from queries.logql_parser.tree import (
    BinaryOperation,
    Expression,
    LabelReplace,
    LineFilter,
    Matcher,
    Node,
    Number,
    NumberFilter,
    RegexpParser,
    Variants,
    VectorAggregation,
)
from queries.logql_parser.walk import walk

Release = Literal["2.9.4"]

MAX_BYTES: Final = 5_119
"""The longest query that Loki 2.9 takes."""

_KEYWORDS: Final = frozenset(FUNCTIONS.values()) | frozenset(WORDS.values())
_ANGLED_GROUP: Final = re.compile(r"\(\?<(?![=!])")
_LABEL: Final = re.compile("[A-Za-z_][A-Za-z0-9_]*")


class Lack(NamedTuple):
    """``text[start:end]`` of the query uses what the release does not have."""

    start: int
    end: int
    message: str


def lacking(text: str, expression: Expression, release: Release) -> list[Lack]:
    """All that ``release`` lacks of the query, in the order in which it stands there."""
    found = [lack for node in walk(expression) for lack in _of(node, text)]
    if text != text.lower():
        found += _shouted(tokenize(text).tokens, text)
    if len(text.encode()) > MAX_BYTES:
        found.append(Lack(0, len(text), f"Loki {release} takes {MAX_BYTES} bytes at most"))
    return sorted(found)


def _shouted(tokens: Iterable[Token], text: str) -> Iterator[Lack]:
    """3.x reads words in any case, 2.9 in lower case only."""
    for token in tokens:
        word = text[token.start : token.end]
        if token.kind in _KEYWORDS and word != token.value:
            yield Lack(token.start, token.end, f"{word} is written {token.value}")


@singledispatch
def _of(node: Node, text: str) -> Iterable[Lack]:
    return ()


@_of.register
def _(node: LineFilter, text: str) -> Iterator[Lack]:
    if node.operator in {"|>", "!>"}:
        yield Lack(node.start, node.end, f"there is no {node.operator}; write a regular expression")
    if len(node.alternatives) > 1:
        second = node.alternatives[1]
        yield Lack(second.start, node.end, "a line filter has no or; write a regular expression")


@_of.register
def _(node: VectorAggregation, text: str) -> Iterator[Lack]:
    if node.operator == "approx_topk":
        yield Lack(node.start, node.start + len("approx_topk"), "there is no approx_topk")


@_of.register
def _(node: Variants, text: str) -> Iterator[Lack]:
    yield Lack(node.start, node.end, "there is no variants")


@_of.register
def _(node: LabelReplace, text: str) -> Iterator[Lack]:
    first: Node = node
    while isinstance(first, LabelReplace | VectorAggregation | BinaryOperation):
        first = first.left if isinstance(first, BinaryOperation) else first.operand
    if isinstance(first, Number):
        yield Lack(first.start, first.end, "label_replace takes no number; write vector(1)")


@_of.register
def _(node: NumberFilter, text: str) -> Iterator[Lack]:
    sign, number = tokenize(text[node.start : node.end]).tokens[-3:-1]
    if sign.kind in {SYMBOLS["-"], SYMBOLS["+"]}:
        yield Lack(node.start, node.end, "a label is compared with no signed number")
    if not parse_float(number.value)[1]:
        yield Lack(node.start, node.end, f"{number.value} is no number")


@_of.register
def _(node: Matcher, text: str) -> Iterator[Lack]:
    if node.operator in {"=~", "!~"}:
        yield from _expression(node, node.value)


@_of.register
def _(node: RegexpParser, text: str) -> Iterator[Lack]:
    yield from _expression(node, node.pattern)
    for capture in node.captures:
        if not _LABEL.fullmatch(capture):
            yield Lack(node.start, node.end, f"{capture} names a group and cannot be a label")


def _expression(node: Node, pattern: str) -> Iterator[Lack]:
    if _ANGLED_GROUP.search(pattern):
        yield Lack(node.start, node.end, "a named group is written (?P<name>…)")
    if any("\ud800" <= character < "\ue000" for character in pattern):
        yield Lack(node.start, node.end, "the regular expression is not valid UTF-8")
