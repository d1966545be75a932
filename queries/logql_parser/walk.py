"""Walks a tree without recursion, however deep it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from queries.logql_parser.tree import (
    AllOf,
    AnyOf,
    BinaryOperation,
    Drop,
    DurationFilter,
    Grouping,
    JsonParser,
    Keep,
    LabelFilter,
    LabelFormat,
    LabelReplace,
    LineFilter,
    LogfmtParser,
    LogQuery,
    LogRange,
    Matching,
    Node,
    RangeAggregation,
    Selector,
    Unwrap,
    Variants,
    VectorAggregation,
)

_PARTS: Final[dict[type[Node], tuple[str, ...]]] = {
    Selector: ("matchers",),
    DurationFilter: ("value",),
    AllOf: ("filters",),
    AnyOf: ("filters",),
    LineFilter: ("alternatives",),
    JsonParser: ("extractions",),
    LogfmtParser: ("extractions",),
    LabelFilter: ("condition",),
    LabelFormat: ("assignments",),
    Drop: ("labels",),
    Keep: ("labels",),
    LogQuery: ("selector", "stages"),
    Unwrap: ("label", "filters"),
    LogRange: ("selector", "stages", "unwrap", "interval", "offset"),
    Grouping: ("labels",),
    RangeAggregation: ("parameter", "range", "grouping"),
    VectorAggregation: ("grouping", "operand"),
    Matching: ("labels", "include"),
    BinaryOperation: ("left", "matching", "right"),
    LabelReplace: ("operand",),
    Variants: ("variants", "range"),
}
"""The fields that hold nodes. tests/queries/logql_parser/test_walk.py finds one left out."""


def children(node: Node) -> Iterator[Node]:
    """The nodes directly under ``node``."""
    for part in _PARTS.get(type(node), ()):
        value = getattr(node, part)
        if isinstance(value, tuple):
            yield from value
        elif value is not None:
            yield value


def walk(node: Node) -> Iterator[Node]:
    """``node`` and everything under it, each before what is under it. Does not recurse."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(list(children(current))))
