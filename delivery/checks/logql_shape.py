"""What a LogQL query answers, and every fault on the way there.

The pipeline is followed from the streams on: which names a stage can read depends on what
the stream carries and what the parsers before it extract from that service's format.
"""

from __future__ import annotations

from collections.abc import Callable

from catalog import names
from delivery.checks import joins
from delivery.checks.labels import (
    ANYTHING,
    Known,
    added,
    impossible,
    is_unknown,
    nearest,
    only,
    union,
    without,
)
from delivery.checks.logql_fields import Source, Streams, joined
from delivery.checks.logql_pipeline import Pipeline, choices
from delivery.checks.promql_shape import SCALAR, Shape
from queries.logql_parser import tree

#: id, reason, remedy, and the code points at fault.
Report = Callable[[str, str, str, int, int], None]

_CHOOSING = frozenset({"topk", "bottomk", "sort", "sort_desc", "approx_topk"})
_COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
_COUNTS = {
    "count_over_time": "lines",
    "rate": "lines/s",
    "bytes_over_time": "bytes",
    "bytes_rate": "bytes/s",
}


class LogReader:
    """Reads one query; faults go to ``report`` with their place in the text."""

    def __init__(self, streams: Streams, text: str, report: Report) -> None:
        self.streams, self.text, self.report = streams, text, report

    def read(self, node: tree.Expression) -> Shape:
        """The shape of a node, after the faults below it."""
        match node:
            case tree.LogQuery():
                return self._lines(node)
            case tree.RangeAggregation():
                return self._range(node)
            case tree.VectorAggregation():
                return self._aggregate(node)
            case tree.BinaryOperation():
                return self._binary(node)
            case tree.LabelReplace():
                return self._label_replace(node)
            case tree.Number():
                return SCALAR._replace(number=node.value)
            case tree.Vector():
                return Shape(True, Known())
            case tree.Variants():
                return Shape()

    def _pipeline(self, selector: tree.Selector) -> Pipeline:
        """Where a pipeline starts: at the streams that the selector can choose."""
        wanted = next((each.value for each in selector.matchers if _names_a_service(each)), None)
        sources = self.streams.of(wanted)
        labels = joined(source.labels for source in sources)
        for matcher in selector.matchers:
            if matcher.label not in labels:
                self._not_a_label(matcher, sources)
                continue
            values = labels[matcher.label].values
            for wrong in impossible(matcher.operator, matcher.value, values):
                self._at(
                    matcher,
                    "label/value",
                    f"the stream label '{matcher.label}' is never '{wrong}'",
                    nearest(wrong, values or ()),
                )
        return Pipeline(sources, self.streams.releases, self._at)

    def _not_a_label(self, matcher: tree.Matcher, sources: tuple[Source, ...]) -> None:
        label = matcher.label
        homes = {source.homes[label] for source in sources if label in source.homes}
        if homes:
            where = " or ".join(sorted(homes)).replace("line", "the line")
            reason = f"'{label}' is no stream label: it is in {where}"
            remedy = (
                f'Filter behind the selector: | {label}="…", after a parser if it is in the line'
            )
        else:
            reason = f"no stream has the label '{label}'"
            remedy = nearest(label, joined(source.labels for source in sources))
        self._at(matcher, "stream/not-a-label", reason, remedy)

    def _lines(self, node: tree.LogQuery) -> Shape:
        pipeline = self._pipeline(node.selector)
        for stage in node.stages:
            pipeline.stage(stage)
        return Shape(True, pipeline.known(), "lines", role="lines")

    def _range(self, node: tree.RangeAggregation) -> Shape:
        inner = node.range
        pipeline = self._pipeline(inner.selector)
        for stage in inner.stages:
            pipeline.stage(stage)
        unit = _COUNTS.get(node.function, "")
        if inner.unwrap is not None:
            unit = pipeline.unwrap(inner.unwrap)
            if node.function == "stdvar_over_time":
                unit = ""
            if node.function in {"rate", "rate_counter"} and unit:
                unit = f"{unit}/s"
        share = node.parameter
        if share is not None and not 0 <= share.value <= 1:
            reason = f"a quantile is from 0 to 1, and this is {share.value:g}"
            self._at(share, "query/runtime", reason, "Write 0.95 for 95 %")
        known = pipeline.known()
        if node.function == "absent_over_time":
            return Shape(True, _of_matchers(inner.selector), "")
        if node.grouping is not None:
            known = self._grouped(node.function, known, node.grouping)
        return Shape(True, known, unit)

    def _grouped(self, operator: str, known: Known, grouping: tree.Grouping) -> Known:
        # On a release that does not know it, leaving a label out changes nothing.
        spare = known.released if grouping.without else frozenset()
        for label in grouping.labels:
            if not known.has(label.name) and label.name not in spare:
                self._at(
                    label,
                    "label/missing",
                    f"{operator} groups by '{label.name}', which no line has at this point",
                    nearest(label.name, choices(known.labels)),
                )
        labels = [label.name for label in grouping.labels]
        return without(known, labels) if grouping.without else only(known, labels)

    def _aggregate(self, node: tree.VectorAggregation) -> Shape:
        inner = self.read(node.operand)
        grouping = node.grouping
        known = self._grouped(node.operator, inner.known, grouping) if grouping else Known()
        if node.operator in _CHOOSING:
            return inner
        return Shape(True, known, "" if node.operator in {"count", "stdvar"} else inner.unit)

    def _binary(self, node: tree.BinaryOperation) -> Shape:
        left, right = self.read(node.left), self.read(node.right)
        operator = node.operator

        def report(check: str, reason: str, remedy: str, _: str) -> None:
            self._at(node, check, reason, remedy)

        matching = _matching(node.matching)
        if operator in {"and", "unless"}:
            joins.joinable(report, operator, left.known, right.known, matching)
            return left
        keeps = operator in _COMPARISONS and not node.returns_bool
        if operator in _COMPARISONS | {"+", "-", "or"}:
            joins.alike(report, operator, left.unit, right.unit)
        if operator == "or":
            return Shape(True, _or(left.known, right.known), left.unit or right.unit)
        unit = "" if node.returns_bool else joins.unit(operator, left, right)
        unit = left.unit if keeps else unit
        if not (left.vector and right.vector):
            return (left if left.vector else right)._replace(unit=unit)
        return Shape(True, joins.matched(report, operator, left.known, right.known, matching), unit)

    def _label_replace(self, node: tree.LabelReplace) -> Shape:
        inner = self.read(node.operand)
        if node.source and not inner.known.has(node.source):
            self._at(
                node,
                "label/missing",
                f"label_replace() reads the label '{node.source}', which no series has",
                nearest(node.source, inner.known.labels),
            )
        values = None if "$" in node.replacement else frozenset({node.replacement})
        before = inner.known.labels.get(node.destination, frozenset())
        return inner._replace(known=added(inner.known, node.destination, union(values, before)))

    def _at(self, node: tree.Node, check: str, reason: str, remedy: str) -> None:
        self.report(check, reason, remedy, node.start, node.end)


def _names_a_service(matcher: tree.Matcher) -> bool:
    return (
        matcher.label == names.SERVICE and matcher.operator == "=" and not is_unknown(matcher.value)
    )


def _of_matchers(selector: tree.Selector) -> Known:
    labels = {
        each.label: None if is_unknown(each.value) else frozenset({each.value})
        for each in selector.matchers
        if each.operator == "="
    }
    return Known(labels, frozenset(labels))


def _matching(matching: tree.Matching | None) -> joins.Matching:
    if matching is None:
        return joins.Matching()
    many = {"many-to-one": "left", "one-to-many": "right"}.get(matching.cardinality, "one")
    return joins.Matching(
        matching.on,
        tuple(label.name for label in matching.labels),
        many,
        tuple(label.name for label in matching.include),
    )


def _or(left: Known, right: Known) -> Known:
    if left.anything or right.anything:
        return ANYTHING
    labels = dict(left.labels)
    for label, values in right.labels.items():
        labels[label] = union(labels[label], values) if label in labels else values
    return Known(labels, left.sure & right.sure)
