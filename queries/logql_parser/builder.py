"""Makes the tree: one method for each name behind an arrow in grammar.lark.

A method gets the parts of its alternative in order, tokens and what other methods returned.
"""

from __future__ import annotations

from typing import Final, NamedTuple, cast

from queries.logql_parser import semantics
from queries.logql_parser.builder_ranges import RangeBuilder
from queries.logql_parser.errors import Refusal
from queries.logql_parser.go_numbers import parse_float
from queries.logql_parser.precedence import Operator, nest
from queries.logql_parser.tokens import Token
from queries.logql_parser.tree import (
    BinaryOperation,
    Cardinality,
    Expression,
    Grouping,
    LabelName,
    LabelReplace,
    LogQuery,
    LogRange,
    Matching,
    Metric,
    Number,
    RangeAggregation,
    Variants,
    Vector,
    VectorAggregation,
)

_CARDINALITIES: Final[dict[str, Cardinality]] = {
    "GROUP_LEFT": "many-to-one",
    "GROUP_RIGHT": "one-to-many",
}


class _Group(NamedTuple):
    """An expression in parentheses, which no node remembers."""

    start: int
    end: int
    expression: Expression


class _Modifier(NamedTuple):
    returns_bool: bool
    matching: Matching | None


class _Names(NamedTuple):
    end: int
    names: tuple[LabelName, ...]


class _Joined(NamedTuple):
    start: int
    end: int
    on: bool
    names: tuple[LabelName, ...]


class _Joint(NamedTuple):
    end: int
    cardinality: Cardinality
    include: tuple[LabelName, ...]


class _Arguments(NamedTuple):
    end: int
    parameter: Token | None
    operand: Metric


class _RangeArguments(NamedTuple):
    end: int
    parameter: Token | None
    range: LogRange


_Operand = Expression | _Group
_PLAIN: Final = _Modifier(returns_bool=False, matching=None)


class Builder(RangeBuilder):
    """Everything else that stands in a query; see also the parts it is made of."""

    def __init__(self) -> None:
        super().__init__()
        self._wrong_numbers: dict[int, Refusal] = {}

    def whole(self, chain: list[object]) -> Expression:
        """The query. Here the earliest of the faults that were put off comes out."""
        expression = _bare(self._nested(chain))
        if self._faults:
            raise min(self._faults, key=lambda fault: fault.offset)
        return expression

    # Chains.

    def first_operand(self, operand: _Operand) -> list[object]:
        """A chain begins; operands and operators alternate in it."""
        return [operand]

    def next_operand(self, chain: list[object], operator: Token, operand: _Operand) -> list[object]:
        """An operator without modifiers."""
        chain += (Operator(operator.value, operator.start, _PLAIN), operand)
        return chain

    def next_modified(
        self, chain: list[object], operator: Token, modifier: _Modifier, operand: _Operand
    ) -> list[object]:
        """An operator with ``bool``, ``on`` or the like."""
        chain += (Operator(operator.value, operator.start, modifier), operand)
        return chain

    def boolean(self, word: Token) -> _Modifier:
        """``bool``."""
        return _Modifier(returns_bool=True, matching=None)

    def matched(self, matching: Matching) -> _Modifier:
        """``on (…)`` without ``bool``."""
        return _Modifier(returns_bool=False, matching=matching)

    def boolean_matched(self, word: Token, matching: Matching) -> _Modifier:
        """``bool on (…)``."""
        return _Modifier(returns_bool=True, matching=matching)

    def matching(self, joined: _Joined) -> Matching:
        """``on (…)``: one series a side."""
        return Matching(joined.start, joined.end, joined.on, joined.names, "one-to-one", ())

    def matching_group(self, joined: _Joined, group: _Joint) -> Matching:
        """``on (…) group_left (…)``."""
        cardinality, include = group.cardinality, group.include
        return Matching(joined.start, group.end, joined.on, joined.names, cardinality, include)

    def joined(self, word: Token, names: _Names) -> _Joined:
        """``on (…)`` or ``ignoring (…)``."""
        return _Joined(word.start, names.end, word.kind == "ON", names.names)

    def group(self, word: Token, names: _Names | None = None) -> _Joint:
        """``group_left``, with labels to take over or without."""
        cardinality = _CARDINALITIES[word.kind]
        if names is None:
            return _Joint(word.end, cardinality, ())
        return _Joint(names.end, cardinality, names.names)

    def no_names(self, left: Token, right: Token) -> _Names:
        """``()``."""
        return _Names(right.end, ())

    def names(self, left: Token, names: list[LabelName], right: Token) -> _Names:
        """``(a, b)``."""
        return _Names(right.end, tuple(names))

    def first_name(self, name: Token) -> list[LabelName]:
        """A list of labels begins."""
        return [LabelName(name.start, name.end, name.value)]

    def next_name(self, names: list[LabelName], comma: Token, name: Token) -> list[LabelName]:
        """One more label."""
        names.append(LabelName(name.start, name.end, name.value))
        return names

    def grouping(self, word: Token, names: _Names) -> Grouping:
        """``by (…)`` or ``without (…)``."""
        return Grouping(word.start, names.end, word.kind == "WITHOUT", names.names)

    def _nested(self, chain: list[object]) -> _Operand:
        operands = cast("list[_Operand]", chain[::2])
        if len(operands) == 1:
            return operands[0]
        return nest(operands, cast("list[Operator]", chain[1::2]), self._join)

    def _join(self, left: _Operand, operator: Operator, right: _Operand) -> _Operand:
        start, end = left.start, right.end
        left, right = _bare(left), _bare(right)
        for side in (left, right):
            if isinstance(side, LogQuery):
                raise Refusal(
                    operator.start,
                    f"{operator.symbol} joins metric queries, and one side is a log query",
                )
            if isinstance(side, Number):
                if side.start in self._wrong_numbers:
                    raise self._wrong_numbers[side.start]
                if semantics.is_logical(operator.symbol):
                    raise Refusal(
                        side.start, f"{operator.symbol} joins series, and one side is a number"
                    )
        if isinstance(left, Number) and isinstance(right, Number):
            value = semantics.arithmetic(operator.symbol, left.value, right.value)
            return Number(start, end, value)
        modifier = cast("_Modifier", operator.details)
        return BinaryOperation(
            start,
            end,
            operator.symbol,
            cast("Metric", left),
            cast("Metric", right),
            modifier.returns_bool,
            modifier.matching,
        )

    # Operands.

    def parenthesised(self, left: Token, chain: list[object], right: Token) -> _Group:
        """An expression in parentheses."""
        expression = _bare(self._nested(chain))
        if isinstance(expression, Variants):
            raise Refusal(left.start, "variants(…) of (…) stands in no parentheses")
        return _Group(left.start, right.end, expression)

    def number(self, number: Token) -> Number:
        """A number; one that is none may stand in ``variants``, where Loki does not look."""
        return self._number(number.start, number, 1)

    def signed_number(self, sign: Token, number: Token) -> Number:
        """A number with a sign."""
        return self._number(sign.start, number, -1 if sign.kind == "MINUS" else 1)

    def _number(self, start: int, number: Token, sign: int) -> Number:
        value, ok = parse_float(number.value)
        if not ok:
            fault = _no_number(number)
            self._faults.append(fault)
            self._wrong_numbers[start] = fault
        return Number(start, number.end, sign * value)

    def vector(self, word: Token, left: Token, number: Token, right: Token) -> Vector:
        """``vector(1)``."""
        value, ok = parse_float(number.value)
        if not ok:
            self._faults.append(_no_number(number))
        return Vector(word.start, right.end, value)

    def range_aggregation(
        self, function: Token, arguments: _RangeArguments, grouping: Grouping | None = None
    ) -> RangeAggregation:
        """``rate(…)`` and its like."""
        name, given = function.value, arguments.parameter
        semantics.check_range_aggregation(
            name, function.start, arguments.range, given is not None, grouping
        )
        parameter = None
        if given is not None:
            value, ok = parse_float(given.value)
            if not ok:
                raise _no_number(given)
            parameter = Number(given.start, given.end, value)
        end = grouping.end if grouping else arguments.end
        return RangeAggregation(function.start, end, name, arguments.range, parameter, grouping)

    def range_only(self, left: Token, log_range: LogRange, right: Token) -> _RangeArguments:
        """``(range)``."""
        return _RangeArguments(right.end, None, log_range)

    def range_and_number(
        self, left: Token, number: Token, comma: Token, log_range: LogRange, right: Token
    ) -> _RangeArguments:
        """``(0.99, range)``."""
        return _RangeArguments(right.end, number, log_range)

    def aggregation(self, operator: Token, arguments: _Arguments) -> VectorAggregation:
        """``sum(…)``."""
        return self._aggregation(operator, arguments, None, arguments.end)

    def aggregation_by(
        self, operator: Token, grouping: Grouping, arguments: _Arguments
    ) -> VectorAggregation:
        """``sum by (…) (…)``."""
        return self._aggregation(operator, arguments, grouping, arguments.end)

    def aggregation_then_by(
        self, operator: Token, arguments: _Arguments, grouping: Grouping
    ) -> VectorAggregation:
        """``sum(…) by (…)``."""
        return self._aggregation(operator, arguments, grouping, grouping.end)

    def _aggregation(
        self, operator: Token, arguments: _Arguments, grouping: Grouping | None, end: int
    ) -> VectorAggregation:
        name, given = operator.value, arguments.parameter
        parameter = semantics.aggregation_parameter(
            name, operator.start, given.value if given else None, grouping
        )
        if grouping and grouping.labels and name in {"sort", "sort_desc"}:
            self._faults.append(Refusal(grouping.start, semantics.SORT_GROUPED))
        return VectorAggregation(operator.start, end, name, arguments.operand, parameter, grouping)

    def operand_only(self, left: Token, chain: list[object], right: Token) -> _Arguments:
        """``(expression)``."""
        return _Arguments(right.end, None, self._metric(left, chain))

    def operand_and_number(
        self, left: Token, number: Token, comma: Token, chain: list[object], right: Token
    ) -> _Arguments:
        """``(10, expression)``."""
        return _Arguments(right.end, number, self._metric(comma, chain))

    def _metric(self, before: Token, chain: list[object]) -> Metric:
        expression = _bare(self._nested(chain))
        if isinstance(expression, LogQuery):
            raise Refusal(expression.start, "a metric query belongs here, and this is a log query")
        if isinstance(expression, Variants):
            raise Refusal(before.start, "variants(…) of (…) stands in no other function")
        return expression

    def label_replace(
        self, word: Token, left: Token, chain: list[object], *rest: Token
    ) -> LabelReplace:
        """``label_replace(…)``."""
        operand = self._metric(left, chain)
        destination, replacement, source, pattern = rest[1:-1:2]
        semantics.check_replacement(pattern.value, pattern.start)
        return LabelReplace(
            word.start,
            rest[-1].end,
            operand,
            destination.value,
            replacement.value,
            source.value,
            pattern.value,
        )

    def first_variant(self, chain: list[object]) -> list[Metric]:
        """A list of variants begins."""
        return [self._variant(chain)]

    def next_variant(
        self, variants: list[Metric], comma: Token, chain: list[object]
    ) -> list[Metric]:
        """One more variant."""
        variants.append(self._variant(chain))
        return variants

    def _variant(self, chain: list[object]) -> Metric:
        first = cast("_Operand", chain[0])
        return self._metric(Token("", "", first.start, first.start), chain)

    def variants(
        self, word: Token, left: Token, variants: list[Metric], right: Token, *rest: object
    ) -> Variants:
        """``variants(…) of (…)``. Of faults in the list Loki finds only the plainest."""
        _, _, log_range, last = cast("tuple[Token, Token, LogRange, Token]", rest)
        self._faults = [
            fault for fault in self._faults if not word.start < fault.offset < right.start
        ]
        return Variants(word.start, last.end, tuple(variants), log_range)


def _bare(operand: _Operand) -> Expression:
    return operand.expression if isinstance(operand, _Group) else operand


def _no_number(token: Token) -> Refusal:
    return Refusal(token.start, f"{token.value} is no number that LogQL knows")
