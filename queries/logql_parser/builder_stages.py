"""The part of the builder that makes pipelines and label filters; see builder.py."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeVar, cast

from queries.logql_parser import semantics
from queries.logql_parser.go_numbers import parse_bytes, parse_duration, parse_float
from queries.logql_parser.precedence import nest_conditions
from queries.logql_parser.tokens import Token
from queries.logql_parser.tree import (
    BytesFilter,
    Comparison,
    Condition,
    Conversion,
    Decolorize,
    Drop,
    Duration,
    DurationFilter,
    Extraction,
    IpFilter,
    JsonParser,
    Keep,
    LabelFilter,
    LabelFormat,
    LabelName,
    LineFilter,
    LineFormat,
    LineMatch,
    LineOperator,
    LogfmtParser,
    Matcher,
    MatchOperator,
    NumberFilter,
    PatternParser,
    RegexpParser,
    Rename,
    Stage,
    Template,
    UnpackParser,
    Unwrap,
)

_Item = TypeVar("_Item")
_LineMatches = list[Token | LineMatch]


class _Converted(NamedTuple):
    end: int
    conversion: Conversion
    label: LabelName


class StageBuilder:
    """One method for each name in grammar.lark from ``matcher`` on."""

    def token(self, only: _Item) -> _Item:
        """An alternative of one part that stands for itself."""
        return only

    def first_item(self, item: _Item) -> list[_Item]:
        """A list begins."""
        return [item]

    def next_item(self, items: list[_Item], comma: Token, item: _Item) -> list[_Item]:
        """One more, behind a comma."""
        items.append(item)
        return items

    def matcher(self, label: Token, operator: Token, value: Token) -> Matcher:
        """``label="value"``."""
        matcher = Matcher(
            label.start,
            value.end,
            label.value,
            cast("MatchOperator", operator.value),
            value.value,
        )
        semantics.check_matcher(matcher)
        return matcher

    def no_stages(self) -> list[Stage | Unwrap]:
        """A pipeline begins."""
        return []

    def next_stage(
        self, stages: list[Stage | Unwrap], stage: Stage | Unwrap
    ) -> list[Stage | Unwrap]:
        """One more stage."""
        stages.append(stage)
        return stages

    # Line filters.

    def first_line_match(self, operator: Token, match: LineMatch) -> _LineMatches:
        """``|= "text"``."""
        return [operator, match]

    def next_line_match(self, matches: _LineMatches, word: Token, match: LineMatch) -> _LineMatches:
        """``or "text"``."""
        matches.append(match)
        return matches

    def line_text(self, text: Token) -> LineMatch:
        """Text, a regular expression or a pattern, as the operator says."""
        return LineMatch(text.start, text.end, text.value)

    def address(self, word: Token, left: Token, text: Token, right: Token) -> LineMatch:
        """``ip("…")``."""
        return LineMatch(word.start, right.end, text.value, is_ip=True)

    def line_filter(self, matches: _LineMatches) -> LineFilter:
        """A whole line filter."""
        operator = cast("Token", matches[0])
        alternatives = cast("tuple[LineMatch, ...]", tuple(matches[1:]))
        return LineFilter(
            operator.start,
            alternatives[-1].end,
            cast("LineOperator", operator.value),
            alternatives,
        )

    # Parsers.

    def json(
        self, pipe: Token, word: Token, extractions: list[Extraction] | None = None
    ) -> JsonParser:
        """``| json``."""
        listed = tuple(extractions or ())
        return JsonParser(pipe.start, listed[-1].end if listed else word.end, listed)

    def no_flags(self) -> list[Token]:
        """A list of flags begins."""
        return []

    def next_flag(self, flags: list[Token], flag: Token) -> list[Token]:
        """One more flag."""
        flags.append(flag)
        return flags

    def logfmt(
        self,
        pipe: Token,
        word: Token,
        flags: list[Token],
        extractions: list[Extraction] | None = None,
    ) -> LogfmtParser:
        """``| logfmt``."""
        listed = tuple(extractions or ())
        end = listed[-1].end if listed else flags[-1].end if flags else word.end
        given = {flag.value for flag in flags}
        strict, keep_empty = "--strict" in given, "--keep-empty" in given
        return LogfmtParser(pipe.start, end, listed, strict, keep_empty)

    def bare_extraction(self, label: Token) -> Extraction:
        """The field of the label's own name."""
        return Extraction(label.start, label.end, label.value, label.value)

    def extraction(self, label: Token, sign: Token, expression: Token) -> Extraction:
        """``label="path"``."""
        return Extraction(label.start, expression.end, label.value, expression.value)

    def regexp(self, pipe: Token, word: Token, pattern: Token) -> RegexpParser:
        """``| regexp "…"``."""
        captures = semantics.regexp_captures(pattern.value, pattern.start)
        return RegexpParser(pipe.start, pattern.end, pattern.value, captures)

    def pattern(self, pipe: Token, word: Token, pattern: Token) -> PatternParser:
        """``| pattern "…"``."""
        captures = semantics.pattern_captures(pattern.value, pattern.start)
        return PatternParser(pipe.start, pattern.end, pattern.value, captures)

    def unpack(self, pipe: Token, word: Token) -> UnpackParser:
        """``| unpack``."""
        return UnpackParser(pipe.start, word.end)

    # What changes lines and labels.

    def line_format(self, pipe: Token, word: Token, template: Token) -> LineFormat:
        """``| line_format "…"``."""
        return LineFormat(pipe.start, template.end, template.value)

    def label_format(
        self, pipe: Token, word: Token, assignments: list[Rename | Template]
    ) -> LabelFormat:
        """``| label_format …``."""
        return LabelFormat(pipe.start, assignments[-1].end, tuple(assignments))

    def rename(self, label: Token, sign: Token, source: Token) -> Rename:
        """``label=source``."""
        return Rename(label.start, source.end, label.value, source.value)

    def template(self, label: Token, sign: Token, template: Token) -> Template:
        """``label="…"``."""
        return Template(label.start, template.end, label.value, template.value)

    def decolorize(self, pipe: Token, word: Token) -> Decolorize:
        """``| decolorize``."""
        return Decolorize(pipe.start, word.end)

    def label_name(self, label: Token) -> LabelName:
        """A label in ``drop`` or ``keep``."""
        return LabelName(label.start, label.end, label.value)

    def drop(self, pipe: Token, word: Token, labels: list[LabelName | Matcher]) -> Drop:
        """``| drop …``."""
        return Drop(pipe.start, labels[-1].end, tuple(labels))

    def keep(self, pipe: Token, word: Token, labels: list[LabelName | Matcher]) -> Keep:
        """``| keep …``."""
        return Keep(pipe.start, labels[-1].end, tuple(labels))

    def unwrap(self, pipe: Token, word: Token, label: Token) -> Unwrap:
        """``| unwrap label``."""
        name = LabelName(label.start, label.end, label.value)
        return Unwrap(pipe.start, label.end, name, None, ())

    def unwrap_converted(self, pipe: Token, word: Token, converted: _Converted) -> Unwrap:
        """``| unwrap duration(label)``."""
        return Unwrap(pipe.start, converted.end, converted.label, converted.conversion, ())

    def converted(self, conversion: Token, left: Token, label: Token, right: Token) -> _Converted:
        """``duration(label)``."""
        name = LabelName(label.start, label.end, label.value)
        return _Converted(right.end, cast("Conversion", conversion.value), name)

    # Label filters: a list in which conditions and what joins them alternate.

    def next_condition(self, items: list[object], condition: Condition) -> list[object]:
        """One more, behind a mere space."""
        items += ("", condition)
        return items

    def joined_condition(
        self, items: list[object], joint: Token, condition: Condition
    ) -> list[object]:
        """One more, behind ``and``, ``or`` or a comma."""
        items += ("" if joint.kind == "COMMA" else joint.value, condition)
        return items

    def label_filter(self, pipe: Token, items: list[object]) -> LabelFilter:
        """``| condition``."""
        condition = _condition(items)
        return LabelFilter(pipe.start, condition.end, condition)

    def grouped_conditions(self, left: Token, items: list[object], right: Token) -> Condition:
        """Conditions in parentheses."""
        return _condition(items)

    def number_filter(self, label: Token, operator: Token, number: Token) -> NumberFilter:
        """``label > 5``. Loki does not mind here if the number is none, and takes it for 0."""
        return self._number_filter(label, operator, number, 1)

    def signed_number_filter(
        self, label: Token, operator: Token, sign: Token, number: Token
    ) -> NumberFilter:
        """``label > -5``."""
        return self._number_filter(label, operator, number, -1 if sign.kind == "MINUS" else 1)

    def _number_filter(
        self, label: Token, operator: Token, number: Token, sign: int
    ) -> NumberFilter:
        value = sign * parse_float(number.value)[0]
        comparison = cast("Comparison", operator.value)
        return NumberFilter(label.start, number.end, label.value, comparison, value)

    def duration_filter(self, label: Token, operator: Token, value: Token) -> DurationFilter:
        """``label > 5s``."""
        duration = Duration(value.start, value.end, parse_duration(value.value) or 0)
        comparison = cast("Comparison", operator.value)
        return DurationFilter(label.start, value.end, label.value, comparison, duration)

    def bytes_filter(self, label: Token, operator: Token, value: Token) -> BytesFilter:
        """``label > 5KB``."""
        size = parse_bytes(value.value) or 0
        comparison = cast("Comparison", operator.value)
        return BytesFilter(label.start, value.end, label.value, comparison, size)

    def ip_filter(self, label: Token, operator: Token, address: LineMatch) -> IpFilter:
        """``label = ip("…")``."""
        sign: Literal["=", "!="] = "=" if operator.kind == "EQ" else "!="
        return IpFilter(label.start, address.end, label.value, sign, address.text)


def _condition(items: list[object]) -> Condition:
    if len(items) == 1:
        return cast("Condition", items[0])
    return nest_conditions(cast("list[Condition]", items[::2]), cast("list[str]", items[1::2]))
