"""Makes trees of flat chains of operands and operators, as Loki's parser nests them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from queries.logql_parser.errors import Refusal
from queries.logql_parser.tree import AllOf, AnyOf, Condition

MAX_DEPTH: Final = 300
"""Levels of parentheses or operators. Loki stops only at the length of a query, but no query
that means something comes near, and what reads a tree may recurse."""

_LEVELS: Final = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", ">", ">=", "<", "<="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
    "^": 6,
}

_Operand = TypeVar("_Operand")


class Operator(NamedTuple):
    """What stands between two operands; ``details`` are its modifiers."""

    symbol: str
    start: int
    details: object


def too_deep(offset: int) -> Refusal:
    """The fault of a query that is nested too deeply."""
    return Refusal(offset, f"nested deeper than {MAX_DEPTH} levels")


def nest(
    operands: Sequence[_Operand],
    operators: Sequence[Operator],
    join: Callable[[_Operand, Operator, _Operand], _Operand],
) -> _Operand:
    """The chain as one operand: ``^`` binds to the right, all else to the left."""
    # Operands that wait, each with the depth of what was joined to make it.
    done: list[tuple[_Operand, int]] = [(operands[0], 0)]
    waiting: list[Operator] = []

    def reduce() -> None:
        operator = waiting.pop()
        (right, right_depth), (left, left_depth) = done.pop(), done.pop()
        depth = max(left_depth, right_depth) + 1
        if depth > MAX_DEPTH:
            raise too_deep(operator.start)
        done.append((join(left, operator, right), depth))

    for operator, operand in zip(operators, operands[1:], strict=True):
        level = _LEVELS[operator.symbol] + (operator.symbol == "^")
        while waiting and _LEVELS[waiting[-1].symbol] >= level:
            reduce()
        waiting.append(operator)
        done.append((operand, 0))
    while waiting:
        reduce()
    return done[0][0]


def nest_conditions(filters: Sequence[Condition], joints: Sequence[str]) -> Condition:
    """Label filters joined by ``and``, ``or`` and, given as "", a comma or a space.

    A comma has no precedence in Loki's grammar, so what stands left of one joins with
    everything right of it: ``a or b, c or d`` is ``a or (b and (c or d))``.
    """
    ends = [number for number, joint in enumerate(joints) if not joint]
    # From the right: what the comma before it joins, last one first.
    rest: list[Condition] = []
    stop = len(filters)
    for begin in [*(end + 1 for end in reversed(ends)), 0]:
        segment = list(filters[begin:stop])
        if len(segment) > 1:
            if rest:
                segment[-1] = _all([segment[-1], *reversed(rest)])
            rest = [_either(segment, joints[begin : stop - 1])]
        else:
            rest.append(segment[0])
        stop = begin
    return _all(rest[::-1])


def _either(filters: Sequence[Condition], joints: Sequence[str]) -> Condition:
    groups: list[list[Condition]] = [[filters[0]]]
    for joint, condition in zip(joints, filters[1:], strict=True):
        if joint == "or":
            groups.append([condition])
        else:
            groups[-1].append(condition)
    alternatives = tuple(_all(group) for group in groups)
    if len(alternatives) == 1:
        return alternatives[0]
    return AnyOf(alternatives[0].start, alternatives[-1].end, alternatives)


def _all(filters: Sequence[Condition]) -> Condition:
    if len(filters) == 1:
        return filters[0]
    return AllOf(filters[0].start, filters[-1].end, tuple(filters))
