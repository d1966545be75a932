"""How fast a query ought to be: its class, by what the server has to do for it."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import promql_parser as ql

from catalog.validation import Latency, QueryClass
from delivery.audit.model import Timing
from delivery.audit.questions import Question
from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse as parse_logql
from queries.logql_parser.tree import (
    JsonParser,
    LineFilter,
    LogfmtParser,
    LogQuery,
    Node,
    PatternParser,
    RegexpParser,
    Selector,
    UnpackParser,
)
from queries.logql_parser.walk import walk
from queries.promql_parser import PromQLError
from queries.promql_parser import parse as parse_promql

_PARSERS = (JsonParser, LogfmtParser, RegexpParser, PatternParser, UnpackParser)


def class_of(question: Question) -> QueryClass:
    """The seed's classes: by labels alone, through a parser, counted, and all of it together."""
    if question.source == "loki":
        return _of_logql(question.asked().expr)
    if question.source == "prometheus":
        return _of_promql(question.asked().expr)
    # One trace by its id, or a search.
    return "aggregation" if question.target.get("queryType") else "simple"


def _of_logql(text: str) -> QueryClass:
    try:
        tree = parse_logql(text)
    except LogQLError:
        return "complex"
    nodes = list(walk(tree))
    parsed = any(map(_reads_lines, nodes))
    if isinstance(tree, LogQuery):
        return "json" if parsed else "simple"
    several = sum(isinstance(each, Selector) for each in nodes) > 1
    return "complex" if parsed or several else "aggregation"


def _reads_lines(node: Node) -> bool:
    """Whether it takes each line apart; to look for a text within it is no more than to read it."""
    if isinstance(node, LineFilter):
        return node.operator not in {"|=", "!="}
    return isinstance(node, _PARSERS)


def _of_promql(text: str) -> QueryClass:
    try:
        tree = parse_promql(text)
    except PromQLError:
        return "complex"
    if isinstance(tree, ql.VectorSelector):
        return "simple"
    selectors, subqueries = [0], [0]

    def visit(node: Any) -> None:
        selectors[0] += isinstance(node, ql.VectorSelector)
        subqueries[0] += isinstance(node, ql.SubqueryExpr)

    ql.walk(tree, visit)
    return "complex" if selectors[0] > 1 or subqueries[0] else "aggregation"


def median(seconds: Sequence[float]) -> float:
    """The middle one, in milliseconds; nothing took no time."""
    return statistics.median(seconds) * 1000 if seconds else 0.0


def timings(
    medians: Iterable[tuple[QueryClass, float]], targets: Mapping[QueryClass, Latency]
) -> list[Timing]:
    """Each class that was asked, from the medians (ms) of its queries, by the nearest rank."""
    found: dict[QueryClass, list[float]] = {}
    for kind, milliseconds in medians:
        found.setdefault(kind, []).append(milliseconds)
    return [
        Timing(
            kind,
            len(found[kind]),
            percentile(found[kind], 0.5),
            percentile(found[kind], 0.99),
            target.p50_seconds * 1000,
            target.p99_seconds * 1000,
        )
        for kind, target in targets.items()
        if kind in found
    ]


def percentile(values: Sequence[float], q: float) -> float:
    """The nearest rank."""
    return sorted(values)[max(0, math.ceil(q * len(values)) - 1)]
