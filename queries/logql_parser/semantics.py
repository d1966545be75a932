"""What Loki checks when it parses, beyond the grammar.

Each function takes the place to blame and raises ``Refusal``, or returns what it found out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Final

from queries.logql_parser import regexes
from queries.logql_parser.errors import Refusal
from queries.logql_parser.go_numbers import parse_int
from queries.logql_parser.tree import Grouping, LogRange, Matcher, Selector

#: Range functions that may be followed by ``by (…)``.
GROUPED: Final = frozenset(
    {
        "avg_over_time",
        "first_over_time",
        "last_over_time",
        "max_over_time",
        "min_over_time",
        "quantile_over_time",
        "stddev_over_time",
        "stdvar_over_time",
    }
)
#: Range functions of an unwrapped value; ``rate`` and ``absent_over_time`` go without, too.
OF_VALUES: Final = GROUPED | {"absent_over_time", "rate", "rate_counter", "sum_over_time"}
#: Range functions of lines.
OF_LINES: Final = frozenset(
    {"absent_over_time", "bytes_over_time", "bytes_rate", "count_over_time", "rate"}
)
_COUNTED: Final = frozenset({"approx_topk", "bottomk", "topk"})
_LOGICAL: Final = frozenset({"and", "or", "unless"})

NO_REAL_MATCHER: Final = (
    'the selector needs a matcher that an absent label does not match, such as app=~".+"'
)
SORT_GROUPED: Final = "sort and sort_desc take no by or without"

_CAPTURE: Final = re.compile("<([A-Za-z_][A-Za-z0-9_]*)>")


def check_matcher(matcher: Matcher) -> None:
    """A regular expression must compile."""
    if matcher.operator in {"=~", "!~"}:
        fault = regexes.matcher_fault(matcher.value)
        if fault:
            raise Refusal(matcher.start, f"not a regular expression: {fault}")


def selects(selector: Selector) -> bool:
    """Is there a matcher that does not match where the label is absent?"""
    return any(not _matches_empty(matcher) for matcher in selector.matchers)


def _matches_empty(matcher: Matcher) -> bool:
    value = matcher.value
    if matcher.operator == "=":
        return not value
    if matcher.operator == "!=":
        return bool(value)
    return regexes.matches_empty(value) is (matcher.operator == "=~")


def regexp_captures(pattern: str, start: int) -> tuple[str, ...]:
    """The labels of a ``regexp`` stage: at least one named group, no name twice."""
    fault = regexes.fault(pattern)
    if fault:
        raise Refusal(start, f"not a regular expression: {fault}")
    names = regexes.captures(pattern)
    if not names:
        raise Refusal(start, "regexp needs at least one named group, such as (?P<name>…)")
    twice = _twice(names)
    if twice:
        raise Refusal(start, f"two groups are named {twice}")
    return names


def pattern_captures(pattern: str, start: int) -> tuple[str, ...]:
    """The labels of a ``pattern`` stage."""
    names = pattern_names(pattern, start)
    named = tuple(name for name in names if name != "_")
    if not named:
        raise Refusal(start, "pattern needs at least one capture, such as <name>")
    twice = _twice(named)
    if twice:
        raise Refusal(start, f"two captures are named {twice}")
    return named


def pattern_names(pattern: str, start: int) -> tuple[str, ...]:
    """The captures of a pattern in order, ``_`` included; no two may touch."""
    end = -1
    names = []
    for capture in _CAPTURE.finditer(pattern):
        if capture.start() == end:
            raise Refusal(start, f"two captures touch: nothing ends the one before {capture[0]}")
        end = capture.end()
        names.append(capture[1])
    if any("\ud800" <= character < "\ue000" for character in pattern):
        raise Refusal(start, "the pattern is not valid UTF-8")
    return tuple(names)


def _twice(names: Sequence[str]) -> str:
    return next((name for number, name in enumerate(names) if name in names[:number]), "")


def check_range_aggregation(
    function: str, start: int, log_range: LogRange, has_parameter: bool, grouping: Grouping | None
) -> None:
    """Which function takes a parameter, a grouping, an unwrapped value."""
    if has_parameter and function != "quantile_over_time":
        raise Refusal(start, f"{function} takes no parameter")
    if not has_parameter and function == "quantile_over_time":
        raise Refusal(start, "quantile_over_time needs a quantile first, such as 0.99")
    if grouping is not None and function not in GROUPED:
        raise Refusal(
            grouping.start, f"{function} takes no grouping; write sum by (…) ({function}(…))"
        )
    if log_range.unwrap is None and function not in OF_LINES:
        raise Refusal(start, f"{function} needs a value: | unwrap a label in its range")
    if log_range.unwrap is not None and function not in OF_VALUES:
        raise Refusal(log_range.unwrap.start, f"{function} counts lines and takes no unwrap")


def aggregation_parameter(
    operator: str, start: int, parameter: str | None, grouping: Grouping | None
) -> int | None:
    """How many series ``topk`` and its like leave; no other takes a number."""
    if operator not in _COUNTED:
        if parameter is not None:
            raise Refusal(start, f"{operator} takes no parameter")
        return None
    if parameter is None:
        raise Refusal(start, f"{operator} needs a number first: {operator}(10, …)")
    number = parse_int(parameter)
    if number is None or number == 0:
        raise Refusal(start, f"{operator} needs a whole number from 1 on, not {parameter}")
    if operator == "approx_topk" and grouping is not None:
        raise Refusal(grouping.start, "approx_topk takes no grouping")
    return number


def check_replacement(pattern: str, start: int) -> None:
    """The expression of ``label_replace``; Loki compiles it in parentheses of its own."""
    fault = regexes.fault(f"^(?:{pattern})$")
    if fault:
        raise Refusal(start, f"not a regular expression: {fault}")


def is_logical(operator: str) -> bool:
    """A set operation, which joins series and no numbers."""
    return operator in _LOGICAL


def _modulo(left: float, right: float) -> float:
    return math.fmod(left, right) if right and math.isfinite(left) else math.nan


def _power(left: float, right: float) -> float:
    try:
        return math.pow(left, right)
    except OverflowError:
        odd = right % 2 == 1
        return -math.inf if left < 0 and odd else math.inf
    except ValueError:
        # Of zero to a negative power Go makes an infinity, of the rest no number.
        if left:
            return math.nan
        return math.copysign(math.inf, left) if right % 2 == 1 else math.inf


_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else math.nan,
    "%": _modulo,
    "^": _power,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
}


def arithmetic(operator: str, left: float, right: float) -> float:
    """Two numbers are made one when the query is parsed; anything divided by 0 is NaN."""
    return _ARITHMETIC[operator](left, right)
