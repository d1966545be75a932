"""Variables as a browser fills them."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.audit.servers import RefusedError
from delivery.audit.times import Window
from delivery.audit.variables import Value, default, filled, filled_in, options, plain
from delivery.publish.transport import Answer
from tests.delivery.audit.fakes import NOW, fake_servers

SPAN = Window(NOW - 3600, NOW)
MANY = Value(("a.b", 'c"d'), many=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$one", "a.b"),
        ("${one}", "a.b"),
        ("[[one]]", "a.b"),
        ("$one_more", "$one_more"),
        ("$__rate_interval", "$__rate_interval"),
        ("${one:doublequote}", '"a.b"'),
        ("$many", '(a\\\\.b|c"d)'),
        ("${many:doublequote}", '"a.b","c\\"d"'),
        ("${many:singlequote}", "'a.b','c\"d'"),
        ("${many:pipe}", 'a.b|c"d'),
        ("${many:csv}", 'a.b,c"d'),
        ("${many:raw}", 'a.b,c"d'),
        ("${many:regex}", '(a\\.b|c"d)'),
        ("${many:glob}", '{a.b,c"d}'),
        ("${many:json}", '["a.b", "c\\"d"]'),
        ("${many:percentencode}", "a.b,c%22d"),
        ("$all", ".*"),
        ("${all:doublequote}", ".*"),
        ("$every", "(x|y)"),
        ("${__data.fields.one}", "${__data.fields.one}"),
    ],
)
def test_formats(text: str, expected: str) -> None:
    values = {
        "one": plain("a.b"),
        "many": MANY,
        "all": Value(("x", "y"), many=True, all_value=".*", is_all=True),
        "every": Value(("x", "y"), many=True, is_all=True),
    }
    assert filled(text, values) == expected
    assert filled_in({"a": [text]}, values) == {"a": [expected]}


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ({"type": "query", "current": {"value": ""}}, Value(("x",))),
        ({"type": "query", "current": {"value": "y"}}, Value(("y",))),
        ({"type": "query", "current": {"value": "gone"}}, Value(("x",))),
        ({"type": "textbox", "query": "", "current": {"value": ""}}, Value(("",))),
        (
            {"type": "query", "includeAll": True, "multi": True, "allValue": ".*"},
            Value(("x", "y"), True, ".*", True),
        ),
        (
            {"type": "custom", "multi": True, "current": {"value": ["y"]}},
            Value(("y",), True),
        ),
    ],
)
def test_defaults(variable: dict[str, Any], expected: Value) -> None:
    assert default(variable, ["x", "y"]) == expected


def variable(query: str, regex: str = "") -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "neurectomy-prometheus"}
    return {"type": "query", "query": {"query": query}, "regex": regex, "datasource": source}


@pytest.mark.parametrize(
    ("regex", "expected"),
    [("", ["a-1", "a-2", "b-1"]), ("/^a-/", ["a-1", "a-2"]), ("/(.)-.*/", ["a", "b"])],
)
def test_options_are_asked_and_filtered(regex: str, expected: list[str]) -> None:
    asked: list[tuple[str, Any]] = []

    def grafana(where: str, query: Any) -> Any:
        asked.append((where, query))
        return {"data": ["b-1", "a-1", "a-2"]}

    made = variable('label_values(up{cluster="$cluster"}, pod)', regex)
    servers = fake_servers(grafana=grafana)
    assert options(made, {"cluster": plain("x")}, servers, SPAN) == expected
    where, query = asked[0]
    assert where == "/api/datasources/proxy/uid/neurectomy-prometheus/api/v1/label/pod/values"
    assert query["match[]"] == 'up{cluster="x"}'


def test_grafana_9_is_asked_by_the_number_of_a_datasource() -> None:
    asked: list[str] = []

    def grafana(where: str, query: Any) -> Any:
        asked.append(where)
        return {"data": []}

    options(variable("label_values(pod)"), {}, fake_servers((9, 4), grafana=grafana), SPAN)
    assert asked == ["/api/datasources/proxy/1/api/v1/label/pod/values"]


def test_a_variable_that_cannot_be_asked_is_told() -> None:
    with pytest.raises(RefusedError, match="no label_values query: query_result"):
        options(variable("query_result(up)"), {}, fake_servers(), SPAN)


@pytest.mark.parametrize("body", ["<html>", {"data": 3}, {"data": {"a": 1}}])
def test_a_hostile_answer_is_told(body: Any) -> None:
    servers = fake_servers(grafana=lambda where, query: Answer(200, body))
    with pytest.raises(RefusedError):
        options(variable("label_values(pod)"), {}, servers, SPAN)
