"""Why a PromQL expression gives nothing: the deepest part that is empty, and what it lacks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import promql_parser as ql

from catalog import names
from delivery.audit.facts import Facts, Rule, matches
from delivery.audit.reasons.prometheus import Moment, Prometheus
from delivery.audit.reasons.selector import SelectorReason, Wanted
from delivery.audit.reasons.why import Why, at, worst
from delivery.audit.servers import RefusedError
from delivery.audit.times import Window, compact, duration
from queries.promql_parser import PromQLError, parse

#: A recorded series is explained by its rule, whose inputs may be recorded: so far down.
_DEPTH = 6
_SETS = frozenset({"and", "or", "unless"})
_COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
#: Functions that need two samples of each series.
_TWO = frozenset({"rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear"})
#: The labels that Prometheus gives the series of alerts.
_ALERTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})

#: Why a LogQL rule records nothing.
ExplainLog = Callable[[str, Moment], Why]


@dataclass
class PromReasons:
    """Explains with the facts and the server; ``explain_log`` knows LogQL."""

    facts: Facts
    prometheus: Prometheus
    explain_log: ExplainLog

    def explain(self, expr: str, moment: Moment) -> Why:
        """Why an expression is empty.

        :raises LostError: Prometheus does not answer.
        """
        try:
            return self._node(parse(expr), moment, 0)
        except PromQLError as error:
            return Why(f"it cannot be taken apart: {error.message}", lazy=False)
        except RefusedError as error:
            return Why(str(error), lazy=False)

    def nan(self, expr: str, moment: Moment) -> Why:
        """Why every value is NaN: what is divided, or what a quantile is of, is nothing.

        A ratio of what did not happen says nothing; it is lazy if what is counted may be missing.
        """
        try:
            return self._nan(parse(expr), moment)
        except PromQLError as error:
            return Why(f"it cannot be taken apart: {error.message}", lazy=False)
        except RefusedError as error:
            return Why(str(error), lazy=False)

    def _nan(self, node: Any, moment: Moment) -> Why:
        while isinstance(node, ql.ParenExpr | ql.UnaryExpr | ql.AggregateExpr):
            node = node.expr
        inner = None
        if isinstance(node, ql.BinaryExpr) and str(node.op) == "/":
            inner = node.rhs
        elif isinstance(node, ql.Call) and node.func.name == "histogram_quantile":
            inner = node.args[1]
        if inner is None:
            return Why("every value is NaN", lazy=False)
        asked = inner.prettify()
        if isinstance(node, ql.BinaryExpr) and node.modifier is None:
            # Only where the quotient is there: the divisor may be older than the dividend.
            asked = f"({asked}) and ({node.prettify()})"
        samples = self.prometheus.samples(asked, moment)
        if any(each for each in samples if not math.isnan(each)):
            return Why(f"every value is NaN, though {_short(inner)} is not 0", lazy=False)
        lazy = all(self._is_lazy(each) for each in selectors(inner))
        return Why(f"every value is NaN: {_short(inner)} is 0, nothing happened", lazy=lazy)

    def lacks_inputs(self, expr: str, moment: Moment) -> Why | None:
        """What an alert's expression reads that is not there; None if all of it is."""
        try:
            found = list(self._lacking(parse(expr), moment))
        except PromQLError as error:
            return Why(f"it cannot be taken apart: {error.message}", lazy=False)
        except RefusedError as error:
            return Why(str(error), lazy=False)
        return worst(found) if found else None

    def _lacking(self, node: Any, moment: Moment) -> Iterator[Why]:
        """Of what 'or' joins, one side is enough: releases name one thing differently."""
        if isinstance(node, ql.BinaryExpr):
            left, right = (list(self._lacking(each, moment)) for each in (node.lhs, node.rhs))
            if str(node.op) != "or" or (left and right):
                yield from (*left, *right)
        elif isinstance(node, ql.Call):
            # What is absent is what 'absent' waits for.
            if not node.func.name.startswith("absent"):
                for each in node.args:
                    yield from self._lacking(each, moment)
        elif isinstance(node, ql.ParenExpr | ql.UnaryExpr | ql.AggregateExpr | ql.SubqueryExpr):
            yield from self._lacking(node.expr, moment)
        elif isinstance(node, ql.VectorSelector | ql.MatrixSelector):
            why = self._input(getattr(node, "vector_selector", node), moment)
            if why is not None:
                yield why

    def _input(self, selector: Any, moment: Moment) -> Why | None:
        text = plain(selector)
        span = Window(moment.span.end - 3600, moment.span.end)
        if self.prometheus.exists(text, span):
            return None
        return self._selector(selector, moment, 0)

    def _node(self, node: Any, moment: Moment, depth: int) -> Why:
        if isinstance(node, ql.ParenExpr | ql.UnaryExpr):
            return self._node(node.expr, moment, depth)
        if isinstance(node, ql.AggregateExpr):
            return self._node(node.expr, moment, depth)
        if isinstance(node, ql.Call):
            return self._call(node, moment, depth)
        if isinstance(node, ql.BinaryExpr):
            return self._binary(node, moment, depth)
        if isinstance(node, ql.SubqueryExpr):
            return self._node(node.expr, _earlier(node, moment), depth)
        if isinstance(node, ql.MatrixSelector):
            return self._selector(node.vector_selector, moment, depth)
        if isinstance(node, ql.VectorSelector):
            return self._selector(node, moment, depth)
        return Why("it is a number", lazy=False)

    def _call(self, node: Any, moment: Moment, depth: int) -> Why:
        name = node.func.name
        inner = next((each for each in node.args if not _is_number(each)), None)
        if inner is None:
            return Why(f"{name}() gives nothing", lazy=False)
        if name in {"absent", "absent_over_time"}:
            return Why(f"nothing is absent of {_short(inner)}", lazy=True)
        if isinstance(inner, ql.MatrixSelector):
            text = f"last_over_time({inner.prettify()})"
            if self.prometheus.is_empty(text, moment):
                return self._selector(inner.vector_selector, moment, depth)
            if name in _TWO:
                return self._too_few(inner, moment)
            return Why(f"{name}() of {_short(inner)} gives nothing", lazy=False)
        if isinstance(inner, ql.SubqueryExpr):
            return self._node(inner, moment, depth)
        if self.prometheus.is_empty(inner.prettify(), moment):
            return self._node(inner, moment, depth)
        return Why(f"{name}() of {_short(inner)} gives nothing", lazy=False)

    def _too_few(self, node: Any, moment: Moment) -> Why:
        seconds = node.range.total_seconds()
        first = self.prometheus.first_seen(plain(node.vector_selector))
        if first is not None and first > moment.span.end - max(2 * seconds, 120):
            return Why(f"{_short(node)} has only just begun, at {at(first)}", lazy=True)
        text = f"{node.vector_selector.prettify()} has fewer than two samples within {seconds:g} s"
        return Why(text, lazy=self._is_lazy(node.vector_selector))

    def _binary(self, node: Any, moment: Moment, depth: int) -> Why:
        operator = str(node.op)
        left, right = node.lhs, node.rhs
        empty = [
            each
            for each in (left, right)
            if not _is_number(each) and self.prometheus.is_empty(each.prettify(), moment)
        ]
        if operator == "or" or (empty and operator != "unless"):
            return worst(self._node(each, moment, depth) for each in empty)
        if left in empty:
            return self._node(left, moment, depth)
        if operator == "unless":
            return Why(f"every series of {_short(left)} is taken out by 'unless'", lazy=True)
        if operator in _COMPARISONS and (_is_number(left) or _is_number(right)):
            return self._filtered(node, moment)
        if operator == "and":
            return Why(f"no series of {_short(left)} has a partner behind 'and'", lazy=True)
        return self._unmatched(node, moment)

    def _filtered(self, node: Any, moment: Moment) -> Why:
        side, bound = (node.rhs, node.lhs) if _is_number(node.lhs) else (node.lhs, node.rhs)
        samples = self.prometheus.samples(side.prettify(), moment)
        known = [each for each in samples if not math.isnan(each)]
        if not known:
            return Why(f"every value of {_short(side)} is NaN", lazy=False)
        text = (
            f"every sample is filtered away by '{node.op} {_short(bound)}': {len(known)} of "
            f"{min(known):.4g} to {max(known):.4g}"
        )
        return Why(text, lazy=True)

    def _unmatched(self, node: Any, moment: Moment) -> Why:
        """Both sides are there, and no two fit: by their labels, or by the comparison."""
        if str(node.op) in _COMPARISONS and not self.prometheus.is_empty(
            f"({node.lhs.prettify()}) {node.op} bool {node.modifier or ''} ({node.rhs.prettify()})",
            moment,
        ):
            return Why(f"no sample of {_short(node.lhs)} is {node.op} its partner", lazy=True)
        text = f"no series of {_short(node.lhs)} has the labels of one of {_short(node.rhs)}"
        return Why(text, lazy=False)

    def _selector(self, node: Any, moment: Moment, depth: int) -> Why:
        name = name_of(node)
        if name in _ALERTS:
            return Why("no such alert is pending or firing", lazy=True)
        wanted = matchers_of(node)
        rules = self.facts.recording(name)
        fitting = [each for each in rules if fits(each, wanted)]
        if rules and not fitting:
            return self._unrecorded(plain(node), wanted, rules)
        text = plain(node)
        if node.offset is not None and (young := self._too_young(node, moment)) is not None:
            return young
        if fitting:
            return self._recorded(text, fitting, moment, depth)
        return SelectorReason(self.facts, self.prometheus, name, wanted).explain(text, moment)

    def _unrecorded(self, text: str, wanted: tuple[Wanted, ...], rules: list[Rule]) -> Why:
        """No rule does; lazy if what ships records it for others, and for that service nothing."""
        asked = {value for label, op, value in wanted if (label, op) == (names.SERVICE, "=")}
        known = {each.id for each in self.facts.catalog.services}
        owners = {each.labels.get(names.SERVICE, "") for each in rules}
        if asked and asked <= known and not owners & {"", *asked}:
            told = ", ".join(sorted(owners))
            return Why(f"no rule records {text}: what ships records it of {told} only", lazy=True)
        return Why(f"no rule records {text}", lazy=False)

    def _too_young(self, node: Any, moment: Moment) -> Why | None:
        first = self.prometheus.first_seen(plain(node))
        if first is None or moment.span.end - node.offset.total_seconds() >= first:
            return None
        text = f"{plain(node)} begins at {at(first)}, and the query looks back further"
        return Why(text, lazy=True)

    def _recorded(self, text: str, rules: list[Rule], moment: Moment, depth: int) -> Why:
        """Why a rule has recorded nothing: it is not there, is not due yet, or has no input."""
        if depth >= _DEPTH:
            return Why(f"{text} is recorded from series that are recorded themselves", lazy=False)
        if not moment.instant and self.prometheus.between(text, moment.span):
            every = compact(moment.step)
            words = f"{text} comes and goes, and was not there at any step of the panel ({every})"
            return Why(words, lazy=True)
        return worst(self._rule(text, rule, moment, depth) for rule in rules[:3])

    def _rule(self, text: str, rule: Rule, moment: Moment, depth: int) -> Why:
        seconds = duration(rule.interval) or 60.0
        now = Moment(moment.span, moment.step, instant=True)
        if rule.language == "logql":
            last = self.prometheus.last_seen(text)
            if last is None:
                why = self.explain_log(rule.expr, now)
                return Why(f"{rule.name} is not recorded: {why.text}", why.lazy)
            lazy = moment.span.end - last < 2 * seconds
            return Why(f"{rule.name} was recorded last at {at(last)}", lazy)
        live = self.prometheus.rule(rule.name, rule.group)
        if live is None:
            return Why(f"no rule of the server records {rule.name} in {rule.group}", lazy=False)
        if live.get("lastError"):
            return Why(f"its rule fails: {str(live['lastError'])[:200]}", lazy=False)
        if str(live.get("lastEvaluation", "")).startswith("0001"):
            words = f"{rule.name} is recorded every {rule.interval}, and the first is not due yet"
            return Why(words, lazy=True)
        if not self.prometheus.is_empty(rule.expr, now):
            return self._of_others(text, rule, now) or self._not_yet(rule, live, now)
        inner = self._node(parse(rule.expr), now, depth + 1)
        return Why(f"{rule.name}: {inner.text}", inner.lazy)

    def _of_others(self, text: str, rule: Rule, now: Moment) -> Why | None:
        """Whether the expression gives something, and nothing with a label that is asked for."""
        series = self.prometheus.series(rule.expr, now)
        for label, operator, value in matchers_of(parse(text)):
            if label in rule.labels:
                continue
            there = sorted({each.get(label, "") for each in series})
            if series and not any(matches(operator, value, each) for each in there):
                shown = ", ".join(f"'{each}'" for each in there)
                words = f'{rule.name} gives nothing with {label}{operator}"{value}": there are'
                lazy = self.facts.is_trouble(label, operator, value, there)
                return Why(f"{words} {shown}", lazy)
        return None

    def _not_yet(self, rule: Rule, live: Mapping[str, Any], now: Moment) -> Why:
        """The expression gives something now: did it when the rule was evaluated last?"""
        evaluated = datetime.fromisoformat(str(live["lastEvaluation"])).timestamp()
        # Twice: at one moment what it reads may have been recorded just behind it.
        moments = (evaluated, evaluated - (duration(rule.interval) or 60.0))
        if evaluated < now.span.end and not any(
            self.prometheus.is_empty(rule.expr, _at(now, each)) for each in moments
        ):
            text = f"{rule.name} was evaluated at {at(evaluated)}, and what it gave is not stored"
            return Why(text, lazy=False)
        words = f"{rule.name} is recorded every {rule.interval}, and there was nothing yet at"
        return Why(f"{words} {at(evaluated)}", lazy=True)

    def _is_lazy(self, node: Any) -> bool:
        service = {label: value for label, op, value in matchers_of(node) if op == "="}
        declared = self.facts.declared(name_of(node), service.get(names.SERVICE, ""))
        return bool(declared) and all(each.lazy for each in declared)


def selectors(tree: Any) -> Iterator[Any]:
    """Each selector once, whatever its offset."""
    found: list[Any] = []

    def visit(node: Any) -> None:
        if isinstance(node, ql.VectorSelector):
            found.append(node)
        elif isinstance(node, ql.MatrixSelector):
            found.append(node.vector_selector)

    ql.walk(tree, visit)
    seen: Mapping[str, Any] = {plain(each): each for each in found}
    yield from seen.values()


def plain(node: Any) -> str:
    """A selector without its offset."""
    inner = ",".join(f"{label}{op}{_quoted(value)}" for label, op, value in matchers_of(node))
    return f"{node.name or ''}{{{inner}}}"


def matchers_of(node: Any) -> tuple[tuple[str, str, str], ...]:
    """Label, operator and value of each matcher."""
    return tuple(
        (each.name, _OPERATORS[str(each.op)], each.value) for each in node.matchers.matchers
    )


_OPERATORS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def name_of(node: Any) -> str:
    """The metric that a selector names, if it names one."""
    if node.name:
        return str(node.name)
    return next(
        (value for label, op, value in matchers_of(node) if (label, op) == ("__name__", "=")), ""
    )


def fits(rule: Rule, wanted: tuple[tuple[str, str, str], ...]) -> bool:
    """Whether the series of a rule can pass the matchers, by the labels that it adds."""
    return all(
        matches(operator, value, str(rule.labels[label]))
        for label, operator, value in wanted
        if label in rule.labels
    )


def _at(moment: Moment, seconds: float) -> Moment:
    return Moment(Window(seconds - moment.span.seconds, seconds), moment.step, instant=True)


def _is_number(node: Any) -> bool:
    while isinstance(node, ql.ParenExpr | ql.UnaryExpr):
        node = node.expr
    if isinstance(node, ql.BinaryExpr):
        return _is_number(node.lhs) and _is_number(node.rhs)
    if isinstance(node, ql.Call):
        return node.func.name in {"time", "pi", "vector", "scalar"}
    return isinstance(node, ql.NumberLiteral | ql.StringLiteral)


def _short(node: Any) -> str:
    text = " ".join(node.prettify().split())
    return text if len(text) <= 160 else f"{text[:157]}..."


def _earlier(node: Any, moment: Moment) -> Moment:
    """A subquery looks back from each moment; asked over all that it covers."""
    seconds = node.range.total_seconds()
    span = Window(moment.span.start - seconds, moment.span.end)
    return Moment(span, max(moment.step, span.seconds / 500), instant=False)
