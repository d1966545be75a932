"""The part of the builder that makes selectors and ranges; see builder.py."""

from __future__ import annotations

from typing import NamedTuple, cast

from queries.logql_parser import semantics
from queries.logql_parser.builder_stages import StageBuilder
from queries.logql_parser.errors import Refusal
from queries.logql_parser.go_numbers import parse_duration, parse_range
from queries.logql_parser.tokens import Token
from queries.logql_parser.tree import (
    Duration,
    LabelFilter,
    LogQuery,
    LogRange,
    Matcher,
    Selector,
    Stage,
    Unwrap,
)

_Stages = list[Stage | Unwrap]


class _Source(NamedTuple):
    start: int
    selector: Selector
    stages: _Stages
    grouped: bool


class RangeBuilder(StageBuilder):
    """Selectors, log queries and the ranges that functions aggregate."""

    def __init__(self) -> None:
        #: What Loki checks only once the whole query is read.
        self._faults: list[Refusal] = []

    def empty_selector(self, left: Token, right: Token) -> Selector:
        """``{}``, which selects nothing."""
        return self.selector(left, [], right)

    def selector(self, left: Token, matchers: list[Matcher], right: Token) -> Selector:
        """``{…}``."""
        selector = Selector(left.start, right.end, tuple(matchers))
        if not semantics.selects(selector):
            self._faults.append(Refusal(left.start, semantics.NO_REAL_MATCHER))
        return selector

    def log_query(self, selector: Selector, stages: _Stages) -> LogQuery:
        """Lines."""
        for stage in stages:
            if isinstance(stage, Unwrap):
                raise Refusal(stage.start, "unwrap belongs into a range function")
        end = stages[-1].end if stages else selector.end
        return LogQuery(selector.start, end, selector, cast("tuple[Stage, ...]", tuple(stages)))

    def source(self, selector: Selector, stages: _Stages) -> _Source:
        """What stands before the brackets of a range."""
        return _Source(selector.start, selector, stages, grouped=False)

    def grouped_source(
        self, left: Token, selector: Selector, stages: _Stages, right: Token
    ) -> _Source:
        """The same in parentheses."""
        return _Source(left.start, selector, stages, grouped=True)

    def log_range(self, source: _Source, interval: Token, after: _Stages) -> LogRange:
        """``{…} … [5m]``, or ``{…} [5m] …``."""
        return _log_range(source, interval, None, after)

    def log_range_offset(
        self, source: _Source, interval: Token, offset: Duration, after: _Stages
    ) -> LogRange:
        """The same with an offset."""
        return _log_range(source, interval, offset, after)

    def grouped(self, left: Token, log_range: LogRange, right: Token) -> LogRange:
        """A whole range in parentheses."""
        return log_range

    def offset(self, word: Token, duration: Token) -> Duration:
        """``offset 5m``."""
        return Duration(word.start, duration.end, parse_duration(duration.value) or 0)


def _log_range(
    source: _Source, interval: Token, offset: Duration | None, after: _Stages
) -> LogRange:
    if source.stages and after:
        raise Refusal(after[0].start, "a pipeline stands before the range or behind it, not both")
    if source.grouped and after and not isinstance(after[0], Unwrap):
        raise Refusal(after[0].start, "the pipeline belongs into the parentheses of its selector")
    end = after[-1].end if after else offset.end if offset else interval.end
    stages, unwrap = _unwrapped(source.stages or after)
    duration = Duration(interval.start, interval.end, parse_range(interval.value) or 0)
    return LogRange(source.start, end, source.selector, stages, unwrap, duration, offset)


def _unwrapped(stages: _Stages) -> tuple[tuple[Stage, ...], Unwrap | None]:
    """The stages, and the unwrap that ends them with the label filters behind it."""
    before: list[Stage] = []
    for number, stage in enumerate(stages, start=1):
        if isinstance(stage, Unwrap):
            return tuple(before), _filtered(stage, stages[number:])
        before.append(stage)
    return tuple(before), None


def _filtered(unwrap: Unwrap, stages: _Stages) -> Unwrap:
    filters = []
    for stage in stages:
        if isinstance(stage, Unwrap):
            raise Refusal(stage.start, "a range has one unwrap")
        if not isinstance(stage, LabelFilter):
            raise Refusal(stage.start, "only label filters stand behind unwrap")
        filters.append(stage)
    end = filters[-1].end if filters else unwrap.end
    return Unwrap(unwrap.start, end, unwrap.label, unwrap.conversion, tuple(filters))
