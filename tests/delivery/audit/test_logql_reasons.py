"""What takes the last line away: a stream, a stage, a field, or a comparison."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from delivery.audit.facts import matches
from delivery.audit.reasons.logql import LogReasons
from delivery.audit.reasons.loki import Loki
from delivery.audit.reasons.prometheus import Moment
from delivery.audit.reasons.why import Why
from delivery.audit.times import Window
from queries.logql_parser.parse import parse
from queries.logql_parser.tree import (
    AllOf,
    JsonParser,
    LabelFilter,
    LineFilter,
    LogQuery,
    Matcher,
    RangeAggregation,
    VectorAggregation,
)
from tests.delivery.audit.fakes import NOW, fake_servers, known

HOUR = Moment(Window(NOW - 3600, NOW), 60.0, instant=True)
Line = tuple[dict[str, str], dict[str, str]]


class Lines:
    """Streams whose lines are the fields that a parser finds in them."""

    def __init__(self, *lines: Line) -> None:
        self.lines = lines

    def __call__(self, where: str, query: Mapping[str, Any]) -> Any:
        if where == "/loki/api/v1/series":
            return {"data": [labels for labels, _ in self.kept(query["match[]"])]}
        if found := re.fullmatch(r"/loki/api/v1/label/(\w+)/values", where):
            kept = self.kept(query.get("query", "{}"))
            return {"data": sorted({labels[found[1]] for labels, _ in kept if found[1] in labels})}
        kept = self.kept(query["query"])
        if where == "/loki/api/v1/query":
            result = [{"metric": {}, "value": [NOW, str(len(kept))]}] if kept else []
            return {"data": {"result": result}}
        shown = [
            {"stream": {**labels, **fields}, "values": [[str(int((NOW - 60) * 1e9)), "a line"]]}
            for labels, fields in kept
        ]
        return {"data": {"result": shown}}

    def kept(self, text: str) -> list[Line]:
        tree = parse(text)
        while isinstance(tree, VectorAggregation):
            tree = tree.operand
        inner = tree.range if isinstance(tree, RangeAggregation) else tree
        assert isinstance(inner, LogQuery) or hasattr(inner, "selector"), text
        found = [
            (labels, fields)
            for labels, fields in self.lines
            if all(passes(each, labels) for each in inner.selector.matchers)
        ]
        parsed = False
        for stage in inner.stages:
            parsed = parsed or isinstance(stage, JsonParser)
            if isinstance(stage, LineFilter):
                text = stage.alternatives[0].text
                found = [each for each in found if text in str(each[1].values())]
            elif isinstance(stage, LabelFilter):
                whole = stage.condition
                conditions = whole.filters if isinstance(whole, AllOf) else (whole,)
                for each in conditions:
                    assert isinstance(each, Matcher)
                    found = [
                        (labels, fields)
                        for labels, fields in found
                        if passes(each, {**labels, **(fields if parsed else {})})
                    ]
        return found


def passes(matcher: Matcher, labels: Mapping[str, str]) -> bool:
    return matches(matcher.operator, matcher.value, labels.get(matcher.label, ""))


def why(expr: str, *lines: Line) -> Why:
    reasons = LogReasons(known(), Loki(fake_servers(loki=Lines(*lines)), NOW))
    return reasons.explain(expr, HOUR)


A = ({"service": "a", "level": "info"}, {"event": "login", "outcome": "ok"})


def test_a_stream_that_never_was() -> None:
    assert why('{service="b"}') == Why(
        'no stream is {service="b"}, nor was one within 7 days', lazy=False
    )


def test_a_value_that_no_stream_has() -> None:
    assert why('{service="b",level="info"}', A) == Why(
        "no stream has service=\"b\": there are 'a'", lazy=False
    )


def test_a_label_that_no_stream_has() -> None:
    assert why('{service="a",tier="core"}', A) == Why(
        "the stream label 'tier' is missing: none of {service=\"a\"} has it", lazy=False
    )


def test_error_lines_are_trouble() -> None:
    found = why('sum(count_over_time({service="a",level="error"} [1h]))', A)
    assert found == Why(
        "no stream has level=\"error\": there are 'info'; only trouble (or a canary) brings that "
        "value",
        lazy=True,
    )


def test_a_parser_that_yields_no_such_field() -> None:
    found = why('{service="a"} | json | colour="red"', A)
    assert found == Why("of 1 lines the parser yields no field 'colour' from any", lazy=False)


def test_a_field_that_a_few_lines_of_trouble_lack_is_lazy() -> None:
    error = ({"service": "a", "level": "error"}, {"event": "login"})
    other = ({"service": "a", "level": "info"}, {"trace_id": "1f"})
    found = why('{service="a",level="error"} | json | trace_id!=""', error, other)
    assert found == Why(
        "of 1 lines the parser yields no field 'trace_id' from any; other lines of this service "
        "carry it",
        lazy=True,
    )


def test_a_field_that_many_lines_lack_is_a_fault_even_of_trouble() -> None:
    errors = [({"service": "a", "level": "error"}, {"event": "login"})] * 20
    other = ({"service": "a", "level": "info"}, {"trace_id": "1f"})
    assert not why('{service="a",level="error"} | json | trace_id!=""', *errors, other).lazy


class Earlier(Lines):
    """Lines of which those of a stretch as short as an hour lack a field that earlier ones had."""

    def __call__(self, where: str, query: Mapping[str, Any]) -> Any:
        if where != "/loki/api/v1/query_range":
            lines = self.lines
        elif int(query["end"]) - int(query["start"]) > 3600e9:
            return Lines(({**self.lines[0][0]}, {"trace_id": "abb0"}))(where, query)
        else:
            lines = self.lines
        return Lines(*lines)(where, query)


def test_a_field_that_only_earlier_lines_carried_is_not_told_as_one_that_is_there() -> None:
    text = '{service="a",level="error"} | json | trace_id!=""'
    error = ({"service": "a", "level": "error"}, {"event": "login"})
    other = ({"service": "a", "level": "info"}, {"trace_id": "1f"})
    told = "none carries the field 'trace_id', which earlier ones did"
    few = [error] * 5
    reasons = LogReasons(known(), Loki(fake_servers(loki=Earlier(*few, other)), NOW))
    assert reasons.explain(text, HOUR) == Why(
        f"of 5 lines {told}; other lines of this service carry it", lazy=True
    )
    many = [error] * 20
    reasons = LogReasons(known(), Loki(fake_servers(loki=Earlier(*many, other)), NOW))
    assert reasons.explain(text, HOUR) == Why(f"of 20 lines {told}", lazy=False)


def test_the_condition_that_takes_the_last_line_away_is_named() -> None:
    found = why('{service="a"} | json | event="login", outcome="lost"', A)
    assert not found.lazy
    assert found.text.endswith("there is 'ok'")


def test_a_line_filter_that_no_line_passes() -> None:
    found = why('{service="a"} |= "panic"', A)
    assert found == Why('of 1 lines none passes |= "panic"', lazy=False)


def test_a_field_that_cannot_be_unwrapped() -> None:
    found = why('sum(sum_over_time({service="a"} | json | unwrap seconds [1h]))', A)
    assert found == Why("of 1 lines the parser yields no field 'seconds'", lazy=False)


def test_streams_that_ended_are_told_by_the_label_that_they_lost() -> None:
    found = LogReasons(known(), Loki(fake_servers(loki=Lines(A)), NOW))
    assert found.ended('{service="a"}', 900) is None
    lost = found.ended('{service="a",level="warn"}', 900)
    assert lost == Why("no stream has level=\"warn\": there are 'info'", lazy=False)


class Held(Lines):
    """An ingester that still holds streams whose lines have ended: it tells of their labels."""

    def __call__(self, where: str, query: Mapping[str, Any]) -> Any:
        if where.startswith("/loki/api/v1/query"):
            lines = [each for each in self.lines if "ended" not in each[1]]
            return Lines(*lines)(where, query)
        return super().__call__(where, query)


def test_a_stream_label_that_lines_lack_by_now_is_missing_though_streams_with_it_are_held() -> None:
    held = [({"service": "a", "level": each}, {"ended": "yes"}) for each in ("info", "error")]
    found = LogReasons(known(), Loki(fake_servers(loki=Held(*held, ({"service": "a"}, {}))), NOW))
    assert found.ended('{service="a",level=~"error|critical"}', 900) == Why(
        "the stream label 'level' is missing: none of {service=\"a\"} has it", lazy=False
    )
