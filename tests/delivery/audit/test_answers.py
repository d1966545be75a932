"""What comes back is counted, and what is odd is refused without a traceback."""

from __future__ import annotations

import math
from typing import Any

import pytest

from delivery.audit import latency, plausible, times
from delivery.audit.answers import read
from delivery.audit.asking import Asking, jaeger_request
from delivery.audit.questions import Question
from delivery.audit.servers import LostError, RefusedError
from delivery.audit.variables import options
from delivery.publish.transport import Answer
from tests.delivery.audit.fakes import NOW, fake_servers

SPAN = times.Window(NOW - 3600, NOW)


def frame(*columns: tuple[str, list[Any]], **meta: Any) -> dict[str, Any]:
    fields = [{"name": kind, "type": kind} for kind, _ in columns]
    return {"schema": {"fields": fields, "meta": meta}, "data": {"values": [v for _, v in columns]}}


def test_series_and_points_are_counted() -> None:
    answer = read({"frames": [frame(("time", [1, 2]), ("number", [1.5, None]))] * 2})
    assert (answer.series, answer.points, answer.newest) == (2, 2, 0.001)


def test_a_table_has_a_series_a_row() -> None:
    made = frame(("time", [1, 1]), ("string", ["a", "b"]), ("number", [1, 2]))
    assert (read({"frames": [made]}).series, read({"frames": [made]}).points) == (2, 2)


def test_lines_are_points() -> None:
    answer = read({"frames": [frame(("time", [1, 2]), ("string", ["a", "b"]))]})
    assert (answer.series, answer.points, answer.newest) == (1, 2, None)


def test_what_json_cannot_write_is_read() -> None:
    made = frame(("time", [1, 2, 3]), ("number", [None, None, None]))
    made["data"]["entities"] = [None, {"NaN": [0], "Inf": [1], "NegInf": [2]}]
    numbers = read({"frames": [made]}).numbers
    assert math.isnan(numbers[0])
    assert numbers[1:] == [math.inf, -math.inf]


def test_statistics_are_summed() -> None:
    stats = [{"displayName": "Summary: total bytes processed", "value": 7}, {"displayName": "x"}]
    answer = read({"frames": [frame(("number", [1]), stats=stats)] * 2})
    assert answer.stat("total bytes processed") == 14
    assert answer.stat("lines") is None


def test_a_notice_of_an_error_is_the_server_s_words() -> None:
    made = frame(("number", [1]), notices=[{"severity": "error", "text": "cut off"}])
    assert read({"frames": [made]}).refused == "cut off"


@pytest.mark.parametrize(
    "result",
    [{"frames": 3}, {"frames": [3]}, {"frames": [{}]}, {"frames": [{"schema": {"fields": 1}}]}],
)
def test_odd_frames_are_refused(result: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="frame"):
        read(result)


@pytest.mark.parametrize(
    ("unit", "numbers", "fault"),
    [
        ("percentunit", [0.0, 1.0, 1.3], ""),
        ("percentunit", [99.0], "a share between 99 and 99: is it a percentage already?"),
        ("s", [0.1, math.inf], ""),
        ("s", [-0.1], "a time of -0.1 s"),
        ("ms", [1.8e15], "a time of 1.8e+15 ms: is it a moment, or another unit?"),
        ("bytes", [math.inf], "a size of inf"),
        ("bytes", [-1.0], "a size of -1"),
        ("short", [-1.0], ""),
        ("s", [math.nan], ""),
    ],
)
def test_what_a_unit_cannot_be(unit: str, numbers: list[float], fault: str) -> None:
    assert plausible.fault(unit, numbers) == fault


def test_nan_alone_is_no_answer() -> None:
    assert plausible.is_nan_only([math.nan])
    assert not plausible.is_nan_only([math.nan, 1.0])
    assert not plausible.is_nan_only([])


def ask(body: Any, status: int = 200) -> Any:
    source = {"type": "prometheus", "uid": "neurectomy-prometheus"}
    target = {"refId": "A", "expr": "up", "datasource": source}

    def grafana(where: str, query: Any) -> Answer:
        if where == "/api/ds/query":
            return Answer(status, body)
        return Answer(alive[0], {})

    question = Question("panel", "d", 1, "t", "", "p", target, SPAN, 15.0, 100)
    return Asking(fake_servers(grafana=grafana)).ask(question)


alive = [200]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("<html>busy</html>", 200, "200: <html>busy</html>"),
        ({"results": {}}, 200, "200: {'results': {}}"),
        ({"results": {"A": {"error": "parse\n error"}}}, 400, "parse error"),
        ({"message": "no such datasource"}, 404, "404: no such datasource"),
        ({"results": {"A": {"frames": [{}]}}}, 200, "a frame has no schema"),
    ],
)
def test_a_refusal_is_told_in_the_server_s_words(body: Any, status: int, error: str) -> None:
    asked = ask(body, status)
    assert (asked.error, asked.lost) == (error, "")


def test_a_datasource_that_is_gone_is_unreachable_and_not_missing() -> None:
    alive[0] = 502
    try:
        asked = ask({"results": {"A": {"error": "connection refused"}}}, 500)
    finally:
        alive[0] = 200
    assert asked.error == ""
    assert asked.lost.startswith("neurectomy-prometheus does not answer through Grafana (502")


LOKI = {
    "type": "query",
    "query": "label_values(pod)",
    "datasource": {"type": "loki", "uid": "neurectomy-loki"},
}


def test_what_was_lost_is_not_asked_again() -> None:
    servers = fake_servers(grafana=lambda where, query: Answer(502, {}))
    for _ in range(2):
        with pytest.raises(LostError):
            options(LOKI, {}, servers, SPAN)
    link = servers.system.links["grafana"]
    assert len(link.transport.asked) == 1  # type: ignore[attr-defined]


def test_jaeger_is_asked_as_grafana_asks_it() -> None:
    found = jaeger_request(
        {"queryType": "search", "service": "a", "tags": 'error=true x="y"', "minDuration": "1s"},
        SPAN,
    )
    assert found[0] == "/api/traces"
    assert found[1]["tags"] == '{"error": "true", "x": "y"}'
    assert (found[1]["service"], found[1]["minDuration"], found[1]["limit"]) == ("a", "1s", "20")
    assert jaeger_request({"query": "1f"}, SPAN) == ("/api/traces/1f", {})
    with pytest.raises(RefusedError):
        jaeger_request({"queryType": "upload"}, SPAN)


@pytest.mark.parametrize(
    ("kind", "expr", "expected"),
    [
        ("loki", '{a="b"} |= "x"', "simple"),
        ("loki", '{a="b"} | json | c="d"', "json"),
        ("loki", 'sum(rate({a="b"} [$__interval]))', "aggregation"),
        ("loki", 'sum(rate({a="b"} | logfmt [$__rate_interval]))', "complex"),
        ("prometheus", 'up{a="b"}', "simple"),
        ("prometheus", "sum(rate(up[$__rate_interval]))", "aggregation"),
        ("prometheus", "a / b", "complex"),
        ("prometheus", "max_over_time(up[$__range:1m])", "complex"),
    ],
)
def test_the_class_of_a_query(kind: str, expr: str, expected: str) -> None:
    target = {"expr": expr, "datasource": {"type": kind}}
    question = Question("panel", "d", 1, "t", "", "p", target, SPAN, 15.0, 100)
    assert latency.class_of(question) == expected


@pytest.mark.parametrize(
    ("text", "seconds"), [("now", 0.0), ("now-6h", 21600.0), ("now-7d", 604800.0)]
)
def test_moments(text: str, seconds: float) -> None:
    assert times.moment(text, NOW) == NOW - seconds


@pytest.mark.parametrize(
    ("seconds", "points", "expected"),
    [(3600, 800, 15.0), (86400, 800, 120.0), (604800, 266, 1800.0), (60, 800, 15.0)],
)
def test_a_step_is_rounded_as_grafana_rounds_it(
    seconds: float, points: int, expected: float
) -> None:
    assert times.step(seconds, points, 15.0) == expected
