"""The nodes of a parsed query: frozen, and each knows where it stands.

``start`` and ``end`` are offsets into the query, in code points; ``errors.place`` makes a
line and a column of one. They take no part in comparisons: two nodes are equal when they
say the same, wherever they stand. Parentheses leave no node behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

SECOND: Final = 1_000_000_000
"""Nanoseconds, the unit that Go and so Loki counts durations in."""

MatchOperator = Literal["=", "!=", "=~", "!~"]
LineOperator = Literal["|=", "!=", "|~", "!~", "|>", "!>"]
Comparison = Literal["=", "==", "!=", ">", ">=", "<", "<="]
Conversion = Literal["bytes", "duration", "duration_seconds"]
Cardinality = Literal["one-to-one", "many-to-one", "one-to-many"]


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of a query: ``text[start:end]`` is what it was made from."""

    start: int = field(compare=False, repr=False)
    end: int = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LabelName(Node):
    """A label that is named and not compared: in ``by (…)``, ``on (…)`` or ``drop``."""

    name: str


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """A length of time: a range, an offset, what a label is compared with."""

    nanoseconds: int

    @property
    def seconds(self) -> float:
        """The same in seconds."""
        return self.nanoseconds / SECOND


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number; arithmetic between numbers is already done, as Loki does it when it parses."""

    value: float


@dataclass(frozen=True, slots=True)
class Matcher(Node):
    """``label="value"``: in a selector, as a label filter, or in ``drop`` and ``keep``."""

    label: str
    operator: MatchOperator
    value: str


@dataclass(frozen=True, slots=True)
class Selector(Node):
    """The streams: ``{…}``; all matchers must hold."""

    matchers: tuple[Matcher, ...]


# Label filters. A Matcher is one as well.


@dataclass(frozen=True, slots=True)
class NumberFilter(Node):
    """The label, read as a number, compares so."""

    label: str
    operator: Comparison
    value: float


@dataclass(frozen=True, slots=True)
class DurationFilter(Node):
    """The label, read as a duration, compares so."""

    label: str
    operator: Comparison
    value: Duration


@dataclass(frozen=True, slots=True)
class BytesFilter(Node):
    """The label, read as a size, compares so; ``value`` is in bytes."""

    label: str
    operator: Comparison
    value: int


@dataclass(frozen=True, slots=True)
class IpFilter(Node):
    """``label = ip("…")``: the label holds an address of that range."""

    label: str
    operator: Literal["=", "!="]
    pattern: str


@dataclass(frozen=True, slots=True)
class AllOf(Node):
    """Label filters joined by ``and``, a comma or just a space."""

    filters: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """Label filters joined by ``or``."""

    filters: tuple[Condition, ...]


Condition = Matcher | NumberFilter | DurationFilter | BytesFilter | IpFilter | AllOf | AnyOf


# Stages of a pipeline.


@dataclass(frozen=True, slots=True)
class LineMatch(Node):
    """What a line is searched for; ``is_ip`` if it was written ``ip("…")``."""

    text: str
    is_ip: bool = False


@dataclass(frozen=True, slots=True)
class LineFilter(Node):
    """``|= "a" or "b"``. With a ``!`` operator none of them may be found."""

    operator: LineOperator
    alternatives: tuple[LineMatch, ...]


@dataclass(frozen=True, slots=True)
class Extraction(Node):
    """A label that a json or logfmt stage takes from the line; bare names name the field too."""

    label: str
    expression: str


@dataclass(frozen=True, slots=True)
class JsonParser(Node):
    """``json``; without extractions every field becomes a label."""

    extractions: tuple[Extraction, ...]


@dataclass(frozen=True, slots=True)
class LogfmtParser(Node):
    """``logfmt``; without extractions every field becomes a label."""

    extractions: tuple[Extraction, ...]
    strict: bool
    keep_empty: bool


@dataclass(frozen=True, slots=True)
class RegexpParser(Node):
    """``regexp``; ``captures`` are the labels it makes."""

    pattern: str
    captures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatternParser(Node):
    """``pattern``; ``captures`` are the labels it makes."""

    pattern: str
    captures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnpackParser(Node):
    """``unpack``: undoes Promtail's pack stage."""


@dataclass(frozen=True, slots=True)
class LabelFilter(Node):
    """``| condition``."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class LineFormat(Node):
    """``line_format``: a Go template makes the line."""

    template: str


@dataclass(frozen=True, slots=True)
class Rename(Node):
    """``label=source``: the value moves, ``source`` is gone."""

    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Template(Node):
    """``label="…"``: a Go template makes the value."""

    label: str
    template: str


@dataclass(frozen=True, slots=True)
class LabelFormat(Node):
    """``label_format``: labels renamed or made."""

    assignments: tuple[Rename | Template, ...]


@dataclass(frozen=True, slots=True)
class Decolorize(Node):
    """``decolorize``: strips terminal colours."""


@dataclass(frozen=True, slots=True)
class Drop(Node):
    """``drop``: these labels go, a matcher's only if it holds."""

    labels: tuple[LabelName | Matcher, ...]


@dataclass(frozen=True, slots=True)
class Keep(Node):
    """``keep``: all other labels go."""

    labels: tuple[LabelName | Matcher, ...]


Stage = (
    LineFilter
    | JsonParser
    | LogfmtParser
    | RegexpParser
    | PatternParser
    | UnpackParser
    | LabelFilter
    | LineFormat
    | LabelFormat
    | Decolorize
    | Drop
    | Keep
)


# Expressions.


@dataclass(frozen=True, slots=True)
class LogQuery(Node):
    """A query whose answer is lines."""

    selector: Selector
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Unwrap(Node):
    """``| unwrap label``; ``filters`` are the label filters behind it."""

    label: LabelName
    conversion: Conversion | None
    filters: tuple[LabelFilter, ...]


@dataclass(frozen=True, slots=True)
class LogRange(Node):
    """The lines of a stretch of time; ``interval`` is what stands in the brackets."""

    selector: Selector
    stages: tuple[Stage, ...]
    unwrap: Unwrap | None
    interval: Duration
    offset: Duration | None


@dataclass(frozen=True, slots=True)
class Grouping(Node):
    """``by (…)`` or ``without (…)``."""

    without: bool
    labels: tuple[LabelName, ...]


@dataclass(frozen=True, slots=True)
class RangeAggregation(Node):
    """``rate(…)`` and its like; ``parameter`` is the quantile of ``quantile_over_time``."""

    function: str
    range: LogRange
    parameter: Number | None
    grouping: Grouping | None


@dataclass(frozen=True, slots=True)
class VectorAggregation(Node):
    """``sum by (…) (…)`` and its like; ``parameter`` is how many ``topk`` leaves."""

    operator: str
    operand: Metric
    parameter: int | None
    grouping: Grouping | None


@dataclass(frozen=True, slots=True)
class Matching(Node):
    """``on (…)`` or ``ignoring (…)``, and ``group_left`` or ``group_right``."""

    on: bool
    labels: tuple[LabelName, ...]
    cardinality: Cardinality
    include: tuple[LabelName, ...]


@dataclass(frozen=True, slots=True)
class BinaryOperation(Node):
    """Two metric queries and what joins them, with at most one side a number."""

    operator: str
    left: Metric
    right: Metric
    returns_bool: bool
    matching: Matching | None


@dataclass(frozen=True, slots=True)
class LabelReplace(Node):
    """``label_replace(…)``."""

    operand: Metric
    destination: str
    replacement: str
    source: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Vector(Node):
    """``vector(1)``: a series without labels."""

    value: float


@dataclass(frozen=True, slots=True)
class Variants(Node):
    """``variants(…) of (…)``: several metrics from one reading of the lines."""

    variants: tuple[Metric, ...]
    range: LogRange


Metric = (
    RangeAggregation
    | VectorAggregation
    | BinaryOperation
    | LabelReplace
    | Number
    | Vector
    | Variants
)
Expression = LogQuery | Metric
