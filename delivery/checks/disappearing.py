"""How long "it was there, and is no longer" can be true: ``last_over_time(x[6h]) unless x``.

The left side forgets the series after its range, so that an alert which waits for longer never
fires. Only the plain form is judged, where that is certain.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import promql_parser as pq

from delivery.checks.durations import shortest
from queries.promql_parser import PromQLError, parse

#: How long an instant selector finds a series' last sample (Prometheus' lookback).
_LOOKBACK = 300.0
_COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})


class Side(NamedTuple):
    """One side: what it selects, for how long after the last sample, grouped and compared how."""

    metric: str
    matchers: frozenset[tuple[str, str, str]]
    reach: float
    grouping: tuple[str, ...] | None
    compared: bool


def lasts(expr: str, hold: float) -> float | None:
    """Seconds after which the expression is no longer true; None where that is not certain.

    ``hold`` is what it is compared with: an expression that looks back no less is not parsed.
    """
    if "unless" not in expr or hold < shortest(expr):
        return None
    try:
        node = parse(expr)
    except PromQLError:
        return None
    while isinstance(node, pq.ParenExpr):
        node = node.expr
    if not isinstance(node, pq.BinaryExpr) or str(node.op) != "unless":
        return None
    if node.modifier is not None and node.modifier.matching is not None:
        return None
    past, now = _side(node.lhs), _side(node.rhs)
    if past is None or now is None or not past.reach or now.reach or now.compared:
        return None
    same = past.metric == now.metric and past.grouping == now.grouping
    return past.reach if same and now.matchers <= past.matchers else None


def _side(node: Any) -> Side | None:
    grouping: tuple[str, ...] | None = None
    compared = False
    while True:
        match node:
            case pq.ParenExpr():
                node = node.expr
            case pq.AggregateExpr() if grouping is None and str(node.op) in _KEEPING:
                modifier = node.modifier
                kind = str(modifier.type) if modifier else ""
                grouping = (kind, *(sorted(modifier.labels) if modifier else ()))
                node = node.expr
            case pq.BinaryExpr() if str(node.op) in _COMPARISONS:
                if not isinstance(node.rhs, pq.NumberLiteral):
                    return None
                compared, node = True, node.lhs
            case pq.Call() if node.func.name.endswith("_over_time") and len(node.args) == 1:
                if node.func.name == "absent_over_time":
                    return None
                node = node.args[0]
            case pq.MatrixSelector():
                return _selected(node.vector_selector, _length(node.range), grouping, compared)
            case pq.VectorSelector():
                return _selected(node, 0.0, grouping, compared)
            case _:
                return None


_KEEPING = frozenset({"avg", "count", "group", "max", "min", "sum"})


def _selected(
    node: pq.VectorSelector, reach: float, grouping: tuple[str, ...] | None, compared: bool
) -> Side | None:
    offset = _length(node.offset)
    if offset < 0 or node.at is not None:
        return None
    if offset:
        reach = offset + (reach or _LOOKBACK)
    matchers = frozenset((each.name, str(each.op), each.value) for each in node.matchers.matchers)
    return Side(node.name or "", matchers, reach, grouping, compared)


def _length(value: Any) -> float:
    return float(value.total_seconds()) if value is not None else 0.0
