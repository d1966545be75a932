"""``parse``: a LogQL query becomes a tree, or an error with its place."""

from __future__ import annotations

from typing import Any, Final, cast

from queries.logql_parser.builder import Builder
from queries.logql_parser.errors import LogQLError, Refusal
from queries.logql_parser.expectations import unexpected
from queries.logql_parser.grammar import Reduction, table
from queries.logql_parser.precedence import MAX_DEPTH, too_deep
from queries.logql_parser.tokens import Token, tokenize
from queries.logql_parser.tree import (
    AllOf,
    AnyOf,
    BinaryOperation,
    Expression,
    LabelReplace,
    Node,
    Variants,
    VectorAggregation,
)
from queries.logql_parser.walk import children

MAX_BYTES: Final = 131_071
"""The longest query that Loki takes."""

_NESTING: Final = (AllOf, AnyOf, BinaryOperation, LabelReplace, Variants, VectorAggregation)


def parse(text: str) -> Expression:
    """The tree of ``text``.

    :raises LogQLError: when Loki would refuse it.
    """
    try:
        _check_characters(text)
        tokens, fault = tokenize(text)
        _check_parentheses(tokens)
        expression = _run(tokens, fault)
        # A query with few tokens cannot be deep.
        if len(tokens) > MAX_DEPTH:
            _check_depth(expression)
    except Refusal as refusal:
        raise LogQLError(text, refusal.offset, refusal.message) from None
    return expression


def _run(tokens: list[Token], fault: Refusal | None) -> Expression:
    """The parser proper: a stack of states, and beside it what was built."""
    steps, start, end = table()
    builder = Builder()
    states = [start]
    values: list[Any] = []
    for token in tokens:
        kind = token.kind
        while True:
            action = steps[states[-1]].get(kind)
            if action.__class__ is int:
                states.append(action)
                values.append(token)
                break
            if action is None:
                raise unexpected(token, states, steps)
            size, origin, build = cast("Reduction", action)
            if size:
                parts = values[-size:]
                del values[-size:], states[-size:]
                values.append(build(builder, *parts))
            else:
                values.append(build(builder))
            states.append(cast("int", steps[states[-1]][origin]))
            if states[-1] == end:
                return cast("Expression", values[-1])
    if fault is None:
        raise AssertionError("a query that has an end has been accepted or refused at it")
    raise fault


def _check_characters(text: str) -> None:
    size = len(text)
    if not text.isascii():
        try:
            size = len(text.encode())
        except UnicodeEncodeError as error:
            raise Refusal(error.start, "the query is not valid UTF-8") from None
    if size > MAX_BYTES:
        raise Refusal(0, f"the query is {size} bytes long, and Loki takes {MAX_BYTES} at most")
    if "\0" in text:
        raise Refusal(text.index("\0"), "a query holds no NUL character")


def _check_parentheses(tokens: list[Token]) -> None:
    if len(tokens) <= MAX_DEPTH:
        return
    depth = 0
    for token in tokens:
        if token.kind == "LPAREN":
            depth += 1
            if depth > MAX_DEPTH:
                raise too_deep(token.start)
        elif token.kind == "RPAREN":
            depth -= 1


def _check_depth(expression: Expression) -> None:
    waiting: list[tuple[Node, int]] = [(expression, 0)]
    while waiting:
        node, depth = waiting.pop()
        depth += isinstance(node, _NESTING)
        if depth > MAX_DEPTH:
            raise too_deep(node.start)
        waiting.extend((child, depth) for child in children(node))
