"""What a PromQL expression answers, and every fault on the way there.

The tree is walked from its leaves: a selector's series are looked up in the universe, each
function and operator is asked whether it can read what it is given, and what comes out has
labels and a unit again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import promql_parser as pq

from catalog import names
from delivery.checks import joins
from delivery.checks.fill import UNKNOWN
from delivery.checks.labels import (
    ANYTHING,
    Known,
    added,
    is_unknown,
    merged,
    nearest,
    only,
    union,
    without,
)
from delivery.checks.promql_functions import (
    ANY_SAMPLES,
    CHOOSING,
    COUNTER,
    GAUGE,
    OTHER_UNIT,
    PRESENCE,
    SAMPLES,
    SHARES,
    UNITLESS,
)
from delivery.checks.promql_selector import matchers_of, selected
from delivery.checks.universe import Universe

#: id, reason, remedy, the word in the query that is at fault.
Report = Callable[[str, str, str, str], None]

USE_RATE = "Use rate() or increase() of it"
_PER_SECOND = "/s"
_COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
_SETS = frozenset({"and", "or", "unless"})


class Shape(NamedTuple):
    """What an expression answers.

    ``known`` are the labels of its series (none for a scalar), ``unit`` what its numbers
    measure ("" where that is not known), ``raw`` names the counter whose bare value it is,
    ``bounds`` is what the bounds measure where its series are the buckets of a histogram,
    and ``number`` a scalar's value where that is written out.
    """

    vector: bool = True
    known: Known = ANYTHING
    unit: str = ""
    raw: str = ""
    role: str = ""
    buckets: bool = False
    bounds: str = ""
    number: float | None = None


def bare(name: str) -> str:
    """What is wrong with a counter's own value."""
    return f"the bare value of the counter '{name}' only says how long ago it was restarted"


SCALAR = Shape(vector=False, known=Known())


class Reader:
    """Reads one expression; faults go to ``report``."""

    def __init__(self, universe: Universe, report: Report) -> None:
        self.universe, self.report = universe, report

    def read(self, node: Any) -> Shape:
        """The shape of a node, after the faults below it."""
        match node:
            case pq.ParenExpr():
                return self.read(node.expr)
            case pq.UnaryExpr():
                return self.read(node.expr)
            case pq.NumberLiteral():
                return SCALAR._replace(number=node.val)
            case pq.StringLiteral():
                return SCALAR
            case pq.VectorSelector():
                return self._selector(node)
            case pq.MatrixSelector():
                return self._selector(node.vector_selector)
            case pq.SubqueryExpr():
                return self.read(node.expr)
            case pq.AggregateExpr():
                return self._aggregate(node)
            case pq.BinaryExpr():
                return self._binary(node)
            case pq.Call():
                return self._call(node)
        return Shape()

    def _selector(self, node: pq.VectorSelector) -> Shape:
        found = selected(self.universe, self.report, node)
        if found is None:
            return Shape()
        signal, known = found
        raw = signal.name if signal.role in {"counter", "bucket"} else ""
        buckets = bool(signal.bounds) and known.has(names.LE)
        return Shape(True, known, signal.unit, raw, signal.role, buckets, signal.bounds)

    def _aggregate(self, node: pq.AggregateExpr) -> Shape:
        operator = str(node.op)
        inner = self.read(node.expr)
        if operator in SHARES:
            self._share(operator, node.param)
        if inner.raw and operator not in PRESENCE:
            self._read_raw(inner.raw)
        labels, leaves = _grouping(node)
        for label in labels:
            if not inner.known.has(label):
                remedy = nearest(label, inner.known.labels)
                reason = f"{operator} groups by '{label}', which no series has"
                self.report("label/missing", reason, remedy, label)
        if operator in CHOOSING:
            return inner._replace(raw="")
        known = without(inner.known, labels) if leaves else only(inner.known, labels)
        if operator == "count_values" and node.param is not None:
            label = str(node.param.val)
            # Of a single series there is a single value, which nobody knows.
            several = inner.known.anything or inner.known.varying()
            known = added(known, label, None if several else frozenset({UNKNOWN + label}))
        unit = "" if operator in OTHER_UNIT else inner.unit
        buckets = inner.buckets and known.has(names.LE)
        return Shape(True, known, unit, "", inner.role, buckets, inner.bounds)

    def _call(self, node: pq.Call) -> Shape:
        name = node.func.name
        read = [self.read(argument) for argument in node.args]
        vectors = [shape for shape in read if shape.vector]
        inner = vectors[0] if vectors else SCALAR
        if name in SHARES:
            self._share(name, node.args[0])
        if name in COUNTER | GAUGE:
            return self._change(name, inner)
        if name in SAMPLES and inner.raw:
            self._read_raw(inner.raw)
        if name in SAMPLES | ANY_SAMPLES:
            return inner._replace(raw="", unit="" if name in UNITLESS else inner.unit)
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, node, inner)
        if inner.raw:
            self._read_raw(inner.raw)
        return inner._replace(raw="", unit="" if name in UNITLESS else inner.unit)

    def _change(self, name: str, inner: Shape) -> Shape:
        if name in COUNTER and inner.role in {"gauge", "recorded"} and not inner.known.anything:
            self.report(
                "metric/type",
                f"{name}() reads counters, and this is a {_ROLES[inner.role]}",
                "Use delta() or deriv() of a gauge, or ask for the counter",
                name,
            )
        if name in GAUGE and inner.raw:
            self.report(
                "metric/type",
                f"{name}() reads gauges, and '{inner.raw}' is a counter",
                "Use rate() or increase()",
                name,
            )
        unit = inner.unit + _PER_SECOND if name in {"rate", "irate", "deriv"} else inner.unit
        return inner._replace(
            raw="", role="", unit="" if name == "resets" or not inner.unit else unit
        )

    def _quantile(self, node: pq.Call, inner: Shape) -> Shape:
        if not inner.buckets and not inner.known.anything:
            self.report(
                "metric/type",
                "histogram_quantile() needs the buckets of a histogram, with their label 'le'",
                "Keep 'le' in the grouping, and read the series that ends in _bucket",
                "histogram_quantile",
            )
        if inner.raw:
            self._read_raw(inner.raw)
        known = without(inner.known, (names.LE,))
        return Shape(True, known, inner.bounds)

    def _share(self, name: str, node: Any) -> None:
        while isinstance(node, pq.ParenExpr):
            node = node.expr
        if isinstance(node, pq.NumberLiteral) and not 0 <= node.val <= 1:
            reason = f"a quantile is from 0 to 1, and this is {node.val:g}"
            self.report("query/runtime", reason, "Write 0.95 for 95 %", name)

    def _label_replace(self, node: pq.Call, inner: Shape) -> Shape:
        _, destination, replacement, source, *_ = (
            getattr(argument, "val", "") for argument in node.args
        )
        if source and not inner.known.has(source):
            self.report(
                "label/missing",
                f"label_replace() reads the label '{source}', which no series has",
                nearest(source, inner.known.labels),
                source,
            )
        values = None if "$" in replacement else frozenset({replacement})
        # It is set only where the expression matches, and stays what it was elsewhere.
        before = inner.known.labels.get(destination, frozenset())
        result = added(inner.known, destination, union(values, before))
        if source and not result.anything:
            result = Known(result.labels, inner.known.sure)
        return inner._replace(known=result)

    def _label_join(self, node: pq.Call, inner: Shape) -> Shape:
        _, destination, _, *sources = (getattr(argument, "val", "") for argument in node.args)
        for source in sources:
            if not inner.known.has(source):
                self.report(
                    "label/missing",
                    f"label_join() reads the label '{source}', which no series has",
                    nearest(source, inner.known.labels),
                    source,
                )
        return inner._replace(known=added(inner.known, destination, None))

    def _timestamp(self, node: pq.Call, inner: Shape) -> Shape:
        return Shape(True, inner.known, "timestamp")

    def _absent(self, node: pq.Call, inner: Shape) -> Shape:
        argument = node.args[0]
        selector = getattr(argument, "vector_selector", argument)
        labels: dict[str, frozenset[str] | None] = {}
        if isinstance(selector, pq.VectorSelector):
            for label, operator, value in matchers_of(selector):
                if operator == "=" and label != "__name__":
                    labels[label] = None if is_unknown(value) else frozenset({value})
        return Shape(True, Known(labels, frozenset(labels)))

    def _vector(self, node: pq.Call, inner: Shape) -> Shape:
        return Shape(True, Known())

    def _scalar(self, node: pq.Call, inner: Shape) -> Shape:
        if inner.raw:
            self._read_raw(inner.raw)
        return SCALAR._replace(unit=inner.unit)

    def _time(self, node: pq.Call, inner: Shape) -> Shape:
        return SCALAR._replace(unit="timestamp")

    def _binary(self, node: pq.BinaryExpr) -> Shape:
        left, right = self.read(node.lhs), self.read(node.rhs)
        operator = str(node.op)
        if operator in _SETS:
            return self._set(operator, left, right, node)
        for side in (left, right):
            if side.raw:
                self._read_raw(side.raw)
        if operator in _COMPARISONS | {"+", "-"}:
            joins.alike(self.report, operator, left.unit, right.unit)
        told = bool(node.modifier and node.modifier.return_bool)
        keeps = operator in _COMPARISONS and not told
        unit = "" if told else left.unit if keeps else joins.unit(operator, left, right)
        if not (left.vector and right.vector):
            side = left if left.vector else right
            return side._replace(raw="", role="", unit=side.unit if keeps else unit)
        matching = joins.Matching(*_matching(node.modifier))
        known = joins.matched(self.report, operator, left.known, right.known, matching)
        return _of_both(Shape(True, known, unit), left, right)

    def _set(self, operator: str, left: Shape, right: Shape, node: pq.BinaryExpr) -> Shape:
        matching = joins.Matching(*_matching(node.modifier))
        if operator != "or":
            joins.joinable(self.report, operator, left.known, right.known, matching)
            return left
        joins.named(self.report, operator, left.known, right.known, matching)
        joins.alike(self.report, operator, left.unit, right.unit)
        raw = left.raw or right.raw
        known = merged((left.known, right.known))
        return _of_both(Shape(True, known, left.unit or right.unit, raw, left.role), left, right)

    def _read_raw(self, name: str) -> None:
        self.report("metric/raw-counter", bare(name), USE_RATE, name)


def _of_both(shape: Shape, left: Shape, right: Shape) -> Shape:
    """Buckets put together are buckets still, as long as they are told apart by their bound."""
    buckets = (left.buckets or right.buckets) and shape.known.has(names.LE)
    return shape._replace(buckets=buckets, bounds=left.bounds or right.bounds)


_SPECIAL: dict[str, Callable[[Reader, pq.Call, Shape], Shape]] = {
    "histogram_quantile": Reader._quantile,
    "label_join": Reader._label_join,
    "label_replace": Reader._label_replace,
    "absent": Reader._absent,
    "absent_over_time": Reader._absent,
    "timestamp": Reader._timestamp,
    "vector": Reader._vector,
    "scalar": Reader._scalar,
    "time": Reader._time,
    "pi": Reader._scalar,
}
_ROLES = {"gauge": "gauge", "recorded": "recorded series"}


def _grouping(node: pq.AggregateExpr) -> tuple[tuple[str, ...], bool]:
    """The labels of ``by`` or ``without``, and whether it is the latter."""
    if node.modifier is None:
        return (), False
    return tuple(node.modifier.labels), str(node.modifier.type).endswith("Without")


def _matching(modifier: Any) -> tuple[bool, tuple[str, ...], str, tuple[str, ...]]:
    """On or ignoring, its labels, the side that may be many (``one``: neither), what it copies."""
    if modifier is None:
        return False, (), "one", ()
    matching = modifier.matching
    on = matching is not None and str(matching.type).endswith("Include")
    labels = tuple(matching.labels) if matching is not None else ()
    side = _MANY.get(str(modifier.card).rsplit(".", 1)[-1], "one")
    return on, labels, side, tuple(modifier.group_labels or ())


_MANY = {"ManyToOne": "left", "OneToMany": "right"}
