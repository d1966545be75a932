"""Each query of the library returns just the rows it promises, on each Loki there is.

What is expected is computed from the lines that were pushed, with nothing of LogQL in it.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from delivery import cli
from delivery.library.ask import Row
from queries.library import loki_lines
from queries.library.registry import QUERIES
from tests.live import library_lines as world
from tests.live.known_loki import HOUR, Known, known_loki
from tests.live.library_lines import FAILING, TRACE, Line
from tests.live.servers import find, missing


@pytest.fixture(
    scope="module", params=find("loki") or [None], ids=lambda each: str(each).replace(" ", "_")
)
def known(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Known]:
    if request.param is None:
        pytest.skip(missing("loki"))
    with known_loki(request.param, tmp_path_factory.mktemp("loki")) as holding:
        yield holding


def test_error_rate(known: Known) -> None:
    every = Counter(line.service.id for line in known.of())
    bad = Counter(line.service.id for line in known.of() if line.level == "error")
    # Loki's own lines are there too, and none of them is an error line.
    expected = {(name,): bad[name] / count for name, count in every.items()} | {("loki",): 0.0}
    assert known.figures("error-rate", ("service",)) == pytest.approx(expected)
    assert len(expected) == 4


def quantile(q: float, values: list[float]) -> float:
    """Between the two neighbours in proportion, as Prometheus defines it."""
    ordered = sorted(values)
    rank = q * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def measured(lines: list[Line], event: str) -> list[Line]:
    return [line for line in lines if line.values["event"] == event]


def test_latency_percentiles(known: Known) -> None:
    for service, event in (("ryot", "operation"), ("agents", "task"), ("sigmavault", "audit")):
        took = [line.values["duration_ms"] for line in measured(known.of(service), event)]
        assert len(took) > 100
        expected = {(f"p{q * 100:g}",): quantile(q, took) for q in (0.5, 0.9, 0.99)}
        found = known.figures("latency-percentiles", ("percentile",), service=service)
        assert found == pytest.approx(expected)


def test_volume_trend(known: Known) -> None:
    rows = known.ask("volume-trend", service="ryot", since="1h", step="5m")
    end = known.now // 300 * 300
    expected: Counter[tuple[int, str]] = Counter()
    for line in known.of("ryot", 2 * HOUR):
        if end - HOUR < line.moment / 1e9 <= end:
            expected[(math.ceil(line.moment / 1e9 / 300) * 300, line.level)] += 1
    found = {(row.moment // 10**9, row.labels["level"]): row.value for row in rows}
    assert found == expected
    assert len({moment for moment, _ in found}) == 12


def shown(rows: list[Row]) -> list[tuple[int, str | None]]:
    return [(row.moment, row.line) for row in rows]


def newest_first(lines: list[Line]) -> list[tuple[int, str]]:
    return [(line.moment, line.text) for line in reversed(lines)]


def test_trace_logs(known: Known) -> None:
    expected = [line for line in known.of() if line.values.get("trace_id") == TRACE]
    assert [line.service.id for line in expected] == ["agents", "ryot", "sigmavault"]
    rows = known.ask("trace-logs", params={"trace_id": TRACE})
    assert shown(rows) == newest_first(expected)
    # The form for this release alone finds the same.
    rows = known.ask("trace-logs", params={"trace_id": TRACE}, release=known.home)
    assert shown(rows) == newest_first(expected)


def test_pattern_matching(known: Known) -> None:
    wanted = re.compile("(?i)time.?out|denied")
    levels = {"warn", "error"}
    lines = [line for line in known.of("ryot") if line.level in levels]
    expected = [line for line in lines if wanted.search(line.text)]
    params = {"matches": wanted.pattern, "level": "warn,error"}
    rows = known.ask("pattern-matching", service="ryot", params=params)
    assert shown(rows) == newest_first(expected)
    assert 0 < len(expected) < len(lines)
    newest = known.ask("pattern-matching", limit=3, service="ryot", params=params)
    assert shown(newest) == newest_first(expected)[:3]


@pytest.mark.parametrize(
    ("service", "field"),
    [("ryot", "module"), ("agents", "tier"), ("sigmavault", "operation"), ("ryot", "event")],
)
def test_field_counts(known: Known, service: str, field: str) -> None:
    values = Counter(str(line.values[field]) for line in known.of(service) if field in line.values)
    found = known.figures("field-counts", (field,), service=service, params={"field": field})
    assert found == {(value,): count for value, count in values.items()}
    few = known.figures(
        "field-counts", (field,), service=service, params={"field": field, "top": "2"}
    )
    assert sorted(few.values(), reverse=True) == sorted(values.values(), reverse=True)[:2]


def test_error_spikes(known: Known) -> None:
    def errors(after: int, before: int) -> Counter[str]:
        lines = known.of(None, after, before)
        return Counter(line.service.id for line in lines if line.level == "error")

    now, then = errors(300, 0), errors(HOUR + 300, HOUR)
    expected = {(key,): n for key, n in now.items() if n >= 20 and n > 3 * then[key]}
    assert set(expected) == {("agents",)}
    assert known.figures("error-spikes", ("service",)) == expected
    few = {(key,): n for key, n in now.items() if n > then[key]}
    params = {"minimum": "1", "factor": "1"}
    assert known.figures("error-spikes", ("service",), params=params) == few


def test_correlation(known: Known) -> None:
    services = defaultdict(set)
    for line in known.of():
        if line.level == "error" and "trace_id" in line.values:
            services[line.values["trace_id"]].add(line.service.id)
    expected = {(trace,): len(of) for trace, of in services.items() if len(of) > 1}
    assert expected == {(FAILING,): 2}
    assert known.figures("correlation", ("trace_id",)) == expected
    none = {"services": "3"}
    assert known.figures("correlation", ("trace_id",), params=none) == {}


def test_label_cardinality(known: Known) -> None:
    for service in ("ryot", "agents"):
        lines = known.of(service, 300)
        labels = {label for line in lines for label in line.labels}
        expected = {
            (label,): len({line.labels[label] for line in lines if label in line.labels})
            for label in labels - {"cluster", "environment", "service"}
        }
        # A label that some streams do not have is another value there: none.
        for (label,) in expected:
            expected[(label,)] += any(label not in line.labels for line in lines)
        streams = {json.dumps(line.labels, sort_keys=True) for line in lines}
        expected |= {("all together",): len(streams)}
        found = known.figures("label-cardinality", ("label",), service=service)
        # Of a label that no stream has there is one value: none.
        declared = set(known.catalog.service(service).stream_labels)
        absent = declared - labels - {"cluster", "environment", "service"}
        assert found == expected | {(label,): 1 for label in absent}


_SECONDS = {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def go_seconds(text: str) -> float:
    parts = re.findall(r"([0-9.]+)(ns|µs|us|ms|s|m|h)", text)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def logfmt(line: str) -> dict[str, str]:
    """Without strictness: what is quoted is a Go string, which JSON reads too."""
    found = re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)', line)
    return {key: json.loads(value) if value[:1] == '"' else value for key, value in found}


def test_query_performance(known: Known) -> None:
    slowest: dict[tuple[str, ...], float] = {}
    for line in map(logfmt, known.said):
        key = tuple(line.get(label, "") for label in loki_lines.SHOWN)
        slowest[key] = max(slowest.get(key, 0), go_seconds(line["duration"]))
    assert len({query for query, *_ in slowest}) >= 2
    found = known.figures("query-performance", loki_lines.SHOWN, params={"top": "500"})
    assert found == pytest.approx(slowest)


def words(lines: list[Line], pattern: str) -> Counter[str]:
    matches = (re.search(pattern, line.values["message"]) for line in lines)
    return Counter(found["what"] for found in matches if found)


def test_pattern_anomalies(known: Known) -> None:
    """Of the last five minutes and the five before: the queue is new."""
    spelled = r"^(?P<what>.*?) .*"
    now, before = (
        words(known.of("agents", 300), spelled),
        words(known.of("agents", 600, 300), spelled),
    )
    expected = {(w,): n for w, n in now.items() if n >= 20 and n > 3 * before[w]}
    assert expected == {("queue",): 60}
    assert known.figures("pattern-anomalies", ("what",), service="agents", since="5m") == expected
    params = {"shape": "<_> after <what> of<_>", "minimum": "1", "factor": "1.5"}
    spelled = r"^.*? after (?P<what>.*?) of"
    now, before = (
        words(known.of("ryot", 1800), spelled),
        words(known.of("ryot", 3600, 1800), spelled),
    )
    risen = {w: n for w, n in now.items() if n > 1.5 * before[w]}
    top = {**params, "top": "500"}
    found = known.figures("pattern-anomalies", ("what",), service="ryot", since="30m", params=top)
    assert found == {(w,): n for w, n in risen.items()}
    assert len(risen) > 10


def test_regex_counts(known: Known) -> None:
    pattern = "(?i)(?P<what>time.?out|refused|denied|unavailable|fail(ed|ure))"
    expected = words(known.of("sigmavault"), pattern)
    found = known.figures("regex-counts", ("what",), service="sigmavault")
    assert found == {(word,): n for word, n in expected.items()}
    assert {"timeout", "Denied"} <= set(expected)


@pytest.mark.parametrize(
    ("service", "event", "by", "bad"),
    [
        ("ryot", "operation", "module", {"failure"}),
        ("agents", "task", "tier", {"failure", "timeout"}),
        ("sigmavault", "audit", "operation", {"failed"}),
    ],
)
def test_failure_share(known: Known, service: str, event: str, by: str, bad: set[str]) -> None:
    lines = measured(known.of(service), event)
    every = Counter(line.values[by] for line in lines)
    wrong = Counter(line.values[by] for line in lines if line.values["outcome"] in bad)
    expected = {(value,): wrong[value] / n for value, n in every.items()}
    found = known.figures("failure-share", (by,), service=service)
    assert found == pytest.approx(expected)
    assert any(expected.values())


def test_duration_histogram(known: Known) -> None:
    took = [line.values["duration_ms"] for line in measured(known.of("ryot"), "operation")]
    for width in (100, 250):
        bins = Counter(math.floor(value / width) * width for value in took)
        params = {"width": str(width), "top": "500"}
        found = known.figures("duration-histogram", ("bin",), service="ryot", params=params)
        assert found == {(str(low),): n for low, n in bins.items()}
        assert sum(found.values()) == len(took)


def test_slow_operations(known: Known) -> None:
    lines = measured(known.of("ryot"), "operation")
    for bound, params in ((1000.0, {}), (250.0, {"slower_than": "0.25s"})):
        expected = [line for line in lines if line.values["duration_ms"] > bound]
        rows = known.ask("slow-operations", service="ryot", params=params)
        assert shown(rows) == newest_first(expected)
        assert 0 < len(expected) < len(lines)


def test_error_sources(known: Known) -> None:
    errors = [line for line in known.of() if line.level == "error"]
    expected = Counter((line.service.id, line.pod) for line in errors)
    found = known.figures("error-sources", ("service", "pod"), params={"top": "500"})
    assert found == expected
    first = known.ask("error-sources")[0]
    assert (first.labels["service"], first.labels["pod"]) == ("agents", "agents-9")


def test_trace_path(known: Known) -> None:
    rows = known.ask("trace-path", params={"trace_id": FAILING})
    assert [row.line for row in rows] == [
        "service=sigmavault level=error message=step 3 ",
        "service=ryot level=error message=step 4 ",
    ]
    assert all(one.moment < other.moment for one, other in pairwise(rows))


def test_log_patterns(known: Known) -> None:
    def pattern(message: str) -> str:
        return re.sub(r'"[^"]*"|\S*[0-9]\S*|\b[0-9a-fA-F]{8,}\b', "<_>", message)[:100]

    for level, service in (("error", "agents"), ("info", "ryot")):
        lines = [line for line in known.of(service) if line.level == level]
        expected = Counter(pattern(line.values["message"]) for line in lines)
        params = {"level": level, "top": "500"}
        found = known.figures("log-patterns", ("error_pattern",), service=service, params=params)
        assert found == {(text,): n for text, n in expected.items()}
        assert "<_>" in next(iter(expected))


def test_an_evil_value_finds_what_it_says_and_nothing_else(known: Known) -> None:
    """Text that would end a string, and open the query to anything, is searched for as it is."""
    evil = r'"} or {service="agents"} |= "\`'
    line = {"level": "info", "message": evil, "event": "note"}
    place, ryot = known.catalog.default_environment, known.catalog.service("ryot")
    made = world.line_of(
        ryot, "ryot-evil", (known.now - 5) * 10**9, line, place, known.server.release
    )
    world.push(known.url, [made])
    rows = known.ask(
        "pattern-matching", service="ryot", params={"matches": re.escape(json.dumps(evil)[1:-1])}
    )
    assert shown(rows) == [(made.moment, made.text)]
    known.lines.append(made)


def test_the_command_prints_the_same(
    known: Known, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOKI_URL", known.url)
    arguments = ["query", "run", "trace-path", "--param", f"trace_id={TRACE}", "--since", "2h"]
    assert cli.main(arguments) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["time", "service", "level", "line"]
    assert [line.split()[1:3] for line in lines] == [
        ["agents", "info"],
        ["ryot", "warn"],
        ["sigmavault", "info"],
    ]
    assert cli.main([*arguments, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["labels"]["service"] for row in told["rows"]] == ["agents", "ryot", "sigmavault"]


def test_every_query_is_asked_here() -> None:
    tested: list[Callable[..., Any]] = [
        each for key, each in globals().items() if key[:5] == "test_"
    ]
    names_of = {each.__name__.removeprefix("test_").replace("_", "-") for each in tested}
    assert {query.name for query in QUERIES} <= names_of
