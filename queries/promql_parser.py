"""``parse``: PromQL becomes the tree of the promql-parser package, or an error with its place.

The verdict is that of Prometheus 2.42, the oldest we deliver to: what promql-parser takes
of later releases is refused, what it lacks is added. Known to differ still: Prometheus takes
a comment inside brackets, ``@ start()`` before a range, and anything behind the unit there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

import promql_parser as library

from queries.logql_parser import regexes
from queries.logql_parser.errors import place
from queries.logql_parser.go_numbers import parse_float, parse_range
from queries.promql_plain import is_plain
from queries.promql_tokens import (
    Fault,
    Token,
    closing,
    depth_fault,
    newer_faults,
    time_fault,
    tokenize,
)

MAX_LENGTH: Final = 131_072
"""Characters. Prometheus has no limit of its own; Loki's is about this."""

FUNCTIONS: Final = frozenset(
    {
        *("abs", "absent", "absent_over_time", "acos", "acosh", "asin", "asinh", "atan", "atanh"),
        *("avg_over_time", "ceil", "changes", "clamp", "clamp_max", "clamp_min", "cos", "cosh"),
        *("count_over_time", "day_of_month", "day_of_week", "day_of_year", "days_in_month", "deg"),
        *("delta", "deriv", "exp", "floor", "histogram_count", "histogram_fraction"),
        *("histogram_quantile", "histogram_sum", "holt_winters", "hour", "idelta", "increase"),
        *("irate", "label_join", "label_replace", "last_over_time", "ln", "log10", "log2"),
        *("max_over_time", "min_over_time", "minute", "month", "pi", "predict_linear"),
        *("present_over_time", "quantile_over_time", "rad", "rate", "resets", "round", "scalar"),
        *("sgn", "sin", "sinh", "sort", "sort_desc", "sqrt", "stddev_over_time"),
        *("stdvar_over_time", "sum_over_time", "tan", "tanh", "time", "timestamp", "vector"),
        "year",
    }
)
"""Those of Prometheus 2.42."""

_CALLABLE: Final = FUNCTIONS | {
    *("avg", "bottomk", "count", "count_values", "group", "max", "min", "quantile", "stddev"),
    *("stdvar", "sum", "topk"),
    *("by", "without", "on", "ignoring", "group_left", "group_right"),
    *("and", "or", "unless", "bool"),
}
"""What an opening parenthesis may follow."""

_UNKNOWN_FUNCTION: Final = re.compile("unknown function with name '(.*)'")
_LOOKED_UP: Final = 300
"""Tokens of a broken query in which the place of the fault is still looked for."""

# What may stand behind the beginning of a query and make a whole one of it, brackets closed.
_ENDINGS: Final = (
    *("", " x", "[5m]", " 1", " 5m", ' "a"', " (x)", "(a) (x)", ") (x)", ") x", "(b) x", "()"),
    *(" x[5m]", "m", "0", "[5m:1m]", ":1m", "~x", '="b"', '~"b"', '"b"', ", x", ", 1", ", 1, 2"),
    *(", x[5m]", ", 0.5, 0.5", ', "a"', ', "a", "b"', ', "a", "b", "c"', ', "a", "b", "c", "d"'),
    *("(1, x)", '("a", x)', "(1, x[5m])", " x, 1", " x, 1, 2", ' x, "a", "b", "c", "d"'),
    *(' "a", x', " 1, x", " 1, x[5m]", " x[5m], 1", " x[5m], 0.5, 0.5", " 1, 2, x", ", 2, x"),
    *(' x, "a", "b"', "m, x", "m)"),
)


class PromQLError(ValueError):
    """Prometheus would refuse the query; ``message`` says why, without the place."""

    def __init__(self, text: str, offset: int, message: str) -> None:
        self.offset = offset
        self.line, self.column = place(text, offset)
        self.message = message
        super().__init__(f"line {self.line}, column {self.column}: {message}")


def parse(text: str) -> library.Expr:
    """The tree of ``text``.

    :raises PromQLError: when Prometheus would refuse it.
    """
    if is_plain(text, _CALLABLE):
        _prepare()
        try:
            return library.parse(text)
        except ValueError:
            pass  # the closer look finds the place
    return parse_closely(text)


def parse_closely(text: str) -> library.Expr:
    """The same, looking at every token, whatever the query looks like."""
    _check_characters(text)
    tokens = tokenize(text)
    tree = _parsed(text, tokens)
    if isinstance(tree, Fault):
        raise PromQLError(text, *tree)
    if isinstance(tree, str):
        raise PromQLError(text, *_located(text, tokens, tree))
    faults = _tree_faults(tokens, tree)
    if faults:
        raise PromQLError(text, *faults[0])
    return tree


def _check_characters(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise PromQLError(text, 0, f"the query is longer than {MAX_LENGTH} characters")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise PromQLError(text, error.start, "the query is not valid UTF-8") from None


@cache
def _prepare() -> None:
    # Renamed in Prometheus 3, and so gone from the package.
    takes = [library.ValueType.Matrix, library.ValueType.Scalar, library.ValueType.Scalar]
    library.register_extra_functions(
        [library.Function("holt_winters", takes, library.ValueType.Vector)]
    )


def _parsed(text: str, tokens: list[Token]) -> library.Expr | str | Fault:
    """The tree, what the package has to say, or what it must not be asked."""
    _prepare()
    fault = depth_fault(tokens) or time_fault(tokens) or next(newer_faults(tokens), None)
    if fault:
        return fault
    try:
        return library.parse(text)
    except ValueError as error:
        return str(error)
    # A panic is no Exception. None is known that gets past the checks above.
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return f"the parser gave up: {error}"


def _located(text: str, tokens: list[Token], message: str) -> Fault:
    """Where the fault is: the first token that no query can have there."""
    unknown = _UNKNOWN_FUNCTION.fullmatch(message)
    if unknown:
        return Fault(_call(tokens, unknown[1]), message)
    if len(tokens) > _LOOKED_UP:
        return Fault(0, message)
    good, bad = 0, len(tokens) + 1
    while bad - good > 1:
        middle = (good + bad) // 2
        if _can_go_on(text, tokens[:middle]):
            good = middle
        else:
            bad = middle
    if bad > len(tokens):
        return Fault(len(text), "the query ends too early")
    token = tokens[bad - 1]
    if message == "invalid promql query":
        message = f"unexpected {token.text}"
    return Fault(token.start, message)


def _can_go_on(text: str, tokens: list[Token]) -> bool:
    begin = text[: tokens[-1].end]
    for ending in _ENDINGS:
        whole = begin + ending
        whole += closing(tokenize(whole))
        if isinstance(_parsed(whole, tokenize(whole)), library.Expr):
            return True
    return False


def _call(tokens: list[Token], name: str) -> int:
    """Where that function is called."""
    for token, after in pairwise(tokens):
        if token.text == name and after.text == "(":
            return token.start
    return 0


def _tree_faults(tokens: list[Token], tree: library.Expr) -> list[Fault]:
    """What the package lets pass."""
    faults: list[Fault] = []

    def visit(node: library.Expr) -> None:
        if isinstance(node, library.Call) and node.func.name not in FUNCTIONS:
            name = node.func.name
            faults.append(Fault(_call(tokens, name), f"Prometheus 2.42 has no function {name}"))
        elif isinstance(node, library.VectorSelector):
            faults.extend(_matcher_faults(tokens, node.matchers))
        elif isinstance(node, library.MatrixSelector):
            faults.extend(_matcher_faults(tokens, node.vector_selector.matchers))

    library.walk(tree, visit)
    for token in tokens:
        if token.kind == "duration" and parse_range(token.text) is None:
            faults.append(Fault(token.start, f"{token.text} is longer than Prometheus counts"))
        elif token.kind == "number" and parse_float(token.text)[0] == math.inf:
            faults.append(Fault(token.start, f"{token.text} is larger than Prometheus counts"))
    return sorted(faults)


def _matcher_faults(tokens: list[Token], matchers: library.Matchers) -> Iterator[Fault]:
    if matchers.or_matchers:
        at = next((token.start for token in tokens if token.word == "or"), 0)
        yield Fault(at, "matchers are not joined by or")
    for matcher in matchers.matchers:
        if matcher.op in (library.MatchOp.Re, library.MatchOp.NotRe):
            fault = regexes.fault(matcher.value)
            if fault:
                at = _string(tokens, matcher.value)
                yield Fault(at, f"not a regular expression: {fault}")


def _string(tokens: list[Token], value: str) -> int:
    """Where that string stands; one with escapes is taken for the first string there is."""
    strings = [token for token in tokens if token.kind == "string"]
    found = next((token for token in strings if token.text[1:-1] == value), strings[0])
    return found.start
