"""Why a LogQL query gives nothing: no such stream, or the stage that takes the last line away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

from delivery.audit.facts import Facts, matches
from delivery.audit.reasons.loki import LOOK_BACK, Loki
from delivery.audit.reasons.prometheus import Moment
from delivery.audit.reasons.why import Why, at, worst
from delivery.audit.servers import RefusedError
from delivery.audit.times import Window
from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse
from queries.logql_parser.tree import (
    AllOf,
    AnyOf,
    BinaryOperation,
    Condition,
    Expression,
    JsonParser,
    LabelFilter,
    LabelReplace,
    LineFilter,
    LogfmtParser,
    LogQuery,
    LogRange,
    Matcher,
    Number,
    RangeAggregation,
    Selector,
    Stage,
    Unwrap,
    Vector,
    VectorAggregation,
)
from queries.logql_parser.walk import walk

_COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
_ERROR = "__error__"
_SHOWN = 5
#: Of fewer lines than that, all may lack what most lines carry.
_FEW = 20
#: Lines are counted over a day at most (seconds).
_COUNTED = 86400.0


@dataclass
class LogReasons:
    """Explains with the facts and the server."""

    facts: Facts
    loki: Loki

    def explain(self, expr: str, moment: Moment) -> Why:
        """Why a query is empty.

        :raises LostError: Loki does not answer.
        """
        try:
            return _Query(self.facts, self.loki, expr, moment).why(parse(expr))
        except LogQLError as error:
            return Why(f"it cannot be taken apart: {error.message}", lazy=False)
        except RefusedError as error:
            return Why(str(error), lazy=False)

    def ended(self, expr: str, silence: float) -> Why | None:
        """Why streams that are asked for have no line any more; None while they have."""
        span = Window(self.loki.now - silence, self.loki.now)
        try:
            tree = parse(expr)
            query = _Query(self.facts, self.loki, expr, Moment(span, silence, instant=True))
            for each in walk(tree):
                if isinstance(each, Selector) and not query.has_line(each, span):
                    return query.no_line(each, span)
        except (LogQLError, RefusedError):
            return None
        return None

    def lacks_inputs(self, expr: str, moment: Moment) -> Why | None:
        """What an alert's expression reads that is not there; None if all of it is."""
        try:
            query = _Query(self.facts, self.loki, expr, moment)
            found = [why for each in _ranges(parse(expr)) if (why := query.no_stream(each))]
        except LogQLError as error:
            return Why(f"it cannot be taken apart: {error.message}", lazy=False)
        except RefusedError as error:
            return Why(str(error), lazy=False)
        return worst(found) if found else None


@dataclass
class _Query:
    facts: Facts
    loki: Loki
    text: str
    moment: Moment

    def why(self, node: Expression) -> Why:
        if isinstance(node, LogQuery):
            return self._lines(node.selector, node.stages, None, self.moment.span)
        if isinstance(node, RangeAggregation):
            return self._range(node.range)
        if isinstance(node, VectorAggregation | LabelReplace):
            return self.why(node.operand)
        if isinstance(node, BinaryOperation):
            return self._binary(node)
        return Why("it gives nothing", lazy=False)

    def has_line(self, selector: Selector, span: Window) -> bool:
        """Whether the streams have one line in a stretch of time."""
        return bool(self.loki.count(self._part(selector.start, selector.end), span))

    def no_line(self, selector: Selector, span: Window) -> Why:
        """Why they have none."""
        return self._no_stream(selector, span)

    def no_stream(self, node: LogRange) -> Why | None:
        """Whether an alert's streams are there; what its stages leave is what it waits for."""
        span = Window(self.moment.span.end - max(node.interval.seconds, 3600), self.moment.span.end)
        selector = self._part(node.selector.start, node.selector.end)
        if self.loki.streams(selector, span):
            return None
        return self._no_stream(node.selector, span)

    def _range(self, node: LogRange) -> Why:
        seconds = node.interval.seconds
        offset = node.offset.seconds if node.offset else 0.0
        span = self.moment.span
        start = span.end - seconds if self.moment.instant else span.start - seconds
        looked = Window(start - offset, span.end - offset)
        return self._lines(node.selector, node.stages, node.unwrap, looked)

    def _binary(self, node: BinaryOperation) -> Why:
        sides = [each for each in (node.left, node.right) if not isinstance(each, Number | Vector)]
        empty = [each for each in sides if not self._values(each)]
        if empty:
            return worst(self.why(each) for each in empty)
        if node.operator in _COMPARISONS and len(sides) == 1:
            found = self._values(sides[0])
            text = (
                f"every sample is filtered away by '{node.operator}': {len(found)} of "
                f"{min(found):.4g} to {max(found):.4g}"
            )
            return Why(text, lazy=True)
        if node.operator in _COMPARISONS or node.operator in {"and", "unless"}:
            return Why(f"no series is left by '{node.operator}'", lazy=True)
        return Why(f"no series of one side of '{node.operator}' fits the other", lazy=False)

    def _values(self, node: Expression) -> list[float]:
        text = self._part(node.start, node.end)
        if self.moment.instant:
            return self.loki.vector(text, self.moment.span.end)
        return self.loki.matrix(text, self.moment.span, self.moment.step)

    def _lines(
        self, selector: Selector, stages: tuple[Stage, ...], unwrap: Unwrap | None, span: Window
    ) -> Why:
        streams = self._part(selector.start, selector.end)
        if not self.loki.count(streams, span):
            return self._no_stream(selector, span)
        good = 0
        for index, stage in enumerate(stages):
            if not isinstance(stage, LineFilter | LabelFilter):
                good = index + 1
                continue
            if not self.loki.count(self._part(selector.start, stage.end), span):
                before = stages[index - 1].end if index else selector.end
                return self._stage(selector, stages[:index], stage, before, span)
            good = index + 1
        if unwrap is not None:
            end = stages[good - 1].end if good else selector.end
            return self._unwrap(selector, unwrap, self._part(selector.start, end), span)
        return Why("there are such lines by now", lazy=True)

    def _stage(
        self,
        selector: Selector,
        before: tuple[Stage, ...],
        stage: LineFilter | LabelFilter,
        end: int,
        span: Window,
    ) -> Why:
        rest = self._part(selector.start, end)
        there = f"of {self.loki.count(rest, span):.0f} lines"
        own = self._part(stage.start, stage.end)
        if isinstance(stage, LineFilter):
            return Why(f"{there} none passes {own}", lazy=False)
        found = [labels for labels, _ in self.loki.lines(rest, span)]
        parsers = [each for each in before if isinstance(each, JsonParser | LogfmtParser)]
        if any(
            each.label == _ERROR
            for each in _conditions(stage.condition)
            if isinstance(each, Matcher)
        ):
            faults = sorted({each.get(_ERROR, "") for each in found} - {""})
            return Why(f"{there} every one fails to be parsed: {', '.join(faults)}", lazy=False)
        for each in _conditions(stage.condition):
            # 'or' is looked at as a whole: no side of it need hold.
            if isinstance(stage.condition, AnyOf):
                break
            part = f"{rest} | {self._part(each.start, each.end)}"
            if not self.loki.count(part, span):
                found = [labels for labels, _ in self.loki.lines(rest, span)]
                return self._condition(each, found, parsers, there, own, rest)
            rest = part
        first = _conditions(stage.condition)[0]
        return self._condition(first, found, parsers, there, own, rest)

    def _condition(  # noqa: PLR0917 - a link or a stage has that many sides
        self,
        condition: Condition,
        found: list[dict[str, str]],
        parsers: list[JsonParser | LogfmtParser],
        there: str,
        own: str,
        rest: str,
    ) -> Why:
        label = getattr(condition, "label", "")
        values = sorted({each[label] for each in found if label in each})
        if not values:
            values = self._ever(rest, label)
            if any(_passes(condition, each) for each in values):
                # Those lines are of another time: here the field itself is not there.
                return self._no_field(label, there, len(found), rest, earlier=True)
        if not values and parsers:
            return self._no_field(label, there, len(found), rest)
        if not values:
            return Why(f"{there} none has the label '{label}'", lazy=False)
        shown = ", ".join(f"'{each}'" for each in values[:_SHOWN])
        text = f"{there} none passes {own}: there {'is' if len(values) == 1 else 'are'} {shown}"
        if isinstance(condition, Matcher):
            if self.facts.is_trouble(label, condition.operator, condition.value, values):
                return Why(f"{text}; only trouble (or a canary) brings that value", lazy=True)
            return Why(text, lazy=False)
        return Why(f"{text}, and a number is compared", lazy=True)

    def _no_field(
        self, label: str, there: str, count: int, rest: str, *, earlier: bool = False
    ) -> Why:
        """A parser that yields no such field is at fault, unless a few lines only lack it.

        Few are fewer than ``_FEW``, of streams whose other lines carry the field; ``earlier``
        says that such lines carried it within a day, and not in this range.
        """
        text = f"{there} the parser yields no field '{label}' from any"
        if earlier:
            text = f"{there} none carries the field '{label}', which earlier ones did"
        tree = parse(rest)
        if count >= _FEW or not isinstance(tree, LogQuery):
            return Why(text, lazy=False)
        kept = tuple(each for each in tree.selector.matchers if not self._is_trouble(each, []))
        stages = rest[tree.selector.end :]
        if len(kept) < len(tree.selector.matchers) and self._ever(
            self._selector(kept) + stages, label
        ):
            return Why(f"{text}; other lines of this service carry it", lazy=True)
        return Why(text, lazy=False)

    def _ever(self, query: str, label: str) -> list[str]:
        """The values of a field in lines of a day."""
        day = Window(self.loki.now - 86400, self.loki.now)
        found = self.loki.lines(f'{query} | {label}!=""', day)
        return sorted({labels[label] for labels, _ in found if label in labels})

    def _unwrap(self, selector: Selector, unwrap: Unwrap, rest: str, span: Window) -> Why:
        label = unwrap.label.name
        found = [labels for labels, _ in self.loki.lines(rest, span)]
        values = [each[label] for each in found if label in each]
        if not values:
            return Why(f"of {len(found)} lines the parser yields no field '{label}'", lazy=False)
        return Why(f"'{label}' is no number: '{values[0]}'", lazy=False)

    def _no_stream(self, selector: Selector, span: Window) -> Why:
        text = self._part(selector.start, selector.end)
        ever = Window(self.loki.now - LOOK_BACK, self.loki.now)
        wanted = selector.matchers
        if self.loki.streams(text, ever):
            now = [
                why
                for index, each in enumerate(wanted)
                if (why := self._missing(each, (*wanted[:index], *wanted[index + 1 :]), span))
            ]
            if now:
                return next((each for each in now if each.lazy), now[0])
            last = self.loki.last_line(text, self.loki.now)
            when = f"the last line is of {at(last)}" if last else "their lines are gone"
            found = f"the streams {text} have no line in this range: {when}"
            lazy = any(self._is_trouble(each, []) for each in wanted)
            if lazy:
                return Why(f"{found}; only trouble (or a canary) writes them", lazy=True)
            return Why(found, lazy=False)
        if told := self.facts.uncollected(_fixed(selector)):
            return Why(f"no stream is {text}: {told}", lazy=True)
        reasons = [
            why
            for index, each in enumerate(wanted)
            if (why := self._missing(each, (*wanted[:index], *wanted[index + 1 :]), ever))
        ]
        if reasons:
            return next((each for each in reasons if each.lazy), reasons[0])
        found = f"no stream is {text}, nor was one within {LOOK_BACK // 86400} days"
        alone = [each for each in wanted if self.loki.streams(self._selector((each,)), ever)]
        if len(alone) == len(wanted) > 1:
            found += ": each label alone is there, and no stream has all of them"
        return Why(found, lazy=False)

    def _missing(self, each: Matcher, rest: tuple[Matcher, ...], ever: Window) -> Why | None:
        """What is wrong with a matcher, if there are streams without it."""
        others = self._selector(rest)
        if others == "{}" or not self.loki.streams(others, ever):
            return None
        there = self.loki.values(each.label, others, ever)
        if there and self._unlabelled(each.label, others, ever):
            there = []
        if any(matches(each.operator, each.value, value) for value in there):
            return None
        if not there:
            text = f"the stream label '{each.label}' is missing: none of {others} has it"
            return Why(text, lazy=False)
        shown = ", ".join(f"'{value}'" for value in there[:_SHOWN])
        found = f"no stream has {self._part(each.start, each.end)}: there are {shown}"
        if self._is_trouble(each, there):
            return Why(f"{found}; only trouble (or a canary) brings that value", lazy=True)
        if each.operator == "=" and self.facts.is_elsewhere(each.label, each.value, there):
            return Why(f"{found}; that environment does not report here", lazy=True)
        return Why(found, lazy=False)

    def _unlabelled(self, label: str, others: str, span: Window) -> bool:
        """Whether lines come in that lack a stream label, and none that has it.

        An ingester tells of a stream's labels for as long as it holds the stream, whatever the
        range: so lines are counted, where the range is short enough for that.
        """
        if span.seconds > _COUNTED:
            return False
        labelled = f'{others[:-1]},{label}!=""}}'
        return bool(self.loki.count(others, span)) and not self.loki.count(labelled, span)

    def _is_trouble(self, each: Matcher, there: list[str]) -> bool:
        return self.facts.is_trouble(each.label, each.operator, each.value, there)

    def _selector(self, matchers: tuple[Matcher, ...]) -> str:
        return "{" + ",".join(self._part(each.start, each.end) for each in matchers) + "}"

    def _part(self, start: int, end: int) -> str:
        return self.text[start:end]


def _fixed(selector: Selector) -> dict[str, str]:
    """The labels that may have one value only."""
    return {each.label: each.value for each in selector.matchers if each.operator == "="}


def _conditions(condition: Condition) -> list[Condition]:
    if isinstance(condition, AllOf | AnyOf):
        return [inner for each in condition.filters for inner in _conditions(each)]
    return [condition]


def _passes(condition: Condition, value: str) -> bool:
    return isinstance(condition, Matcher) and matches(condition.operator, condition.value, value)


def _ranges(tree: Expression) -> list[LogRange]:
    found = (each for each in walk(tree) if _is_range(each))
    return list(found)


def _is_range(node: object) -> TypeGuard[LogRange]:
    return isinstance(node, LogRange)
