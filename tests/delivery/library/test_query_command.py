"""``query list|show|run`` without a server, and with one that answers what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from delivery import cli
from queries.library.registry import QUERIES
from queries.logql_parser.parse import parse

ROOT = Path(__file__).parents[3]
Json = dict[str, Any]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOKI", "GRAFANA"):
        for suffix in ("URL", "TOKEN", "TOKEN_FILE"):
            monkeypatch.delenv(f"{name}_{suffix}", raising=False)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("list")`` is its exit status, standard output and standard error."""

    def main(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(("query", *arguments))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return main


class Fake:
    """A Loki, or a Grafana before one: keeps what it was asked, and answers from a list."""

    def __init__(self, result: list[Json], status: int = 200) -> None:
        self.asked: list[tuple[str, dict[str, list[str]], str | None]] = []
        self.result, self.status = result, status

    @contextmanager
    def serving(self) -> Iterator[str]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                tenant = self.headers.get("X-Scope-OrgID")
                fake.asked.append((parts.path, parse_qs(parts.query), tenant))
                body = json.dumps({"data": {"result": fake.result}}).encode()
                if fake.status != 200:
                    body = b"parse error : syntax error"
                self.send_response(fake.status)
                kind = "application/json" if fake.status == 200 else "text/plain"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def test_list_is_an_array_of_one_object_a_query(run: Run) -> None:
    status, out, err = run("list", "--format", "json")
    assert (status, err) == (0, "")
    listed = json.loads(out)
    assert [each["name"] for each in listed] == [query.name for query in QUERIES]
    for each in listed:
        parse(each["query"])
        assert each["services"] or each["subject"] == "loki"
        assert each["releases"] == ["2.9.4", "3.7.6"]
    status, out, _ = run("list")
    assert status == 0
    assert len(out.splitlines()) == len(QUERIES) + 1


@pytest.mark.parametrize("folder", ["tests/fixtures/second", "tests/fixtures/minimal"])
def test_another_system_has_a_library_of_its_own(run: Run, folder: str) -> None:
    status, out, _ = run("list", "--format", "json", "--catalog", str(ROOT / folder))
    assert status == 0
    listed = json.loads(out)
    assert len(listed) == 16
    for each in listed:
        assert run("show", each["name"], "--catalog", str(ROOT / folder))[0] == 0


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_show_tells_everything_of_a_query(run: Run, query: Any) -> None:
    status, out, err = run("show", query.name)
    assert (status, err) == (0, "")
    for parameter in query.parameters:
        assert f"--param {parameter.name}=" in out
    status, out, _ = run("show", query.name, "--format", "json")
    told = json.loads(out)
    parse(told["query"])
    assert told["meaning"] == query.meaning
    for text in told["faster"].values():
        parse(text)


def test_show_fills_in_what_it_is_given(run: Run) -> None:
    arguments = ("--service", "agents", "--param", "slower_than=2s", "--environment", "cluster")
    _, out, _ = run("show", "slow-operations", "--format", "json", *arguments)
    assert json.loads(out)["query"] == (
        '{cluster="neurectomy",environment="production",service="agents"} | json | event="task"'
        ' | duration_ms>2000 | __error__=""'
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("run",),
            "query run: no query is named. Name one that python build.py query list shows.",
        ),
        (
            ("run", "eror-rate"),
            "query eror-rate: the library has no such query. Did you mean 'error-rate'?",
        ),
        (
            ("run", "volume-trend"),
            (
                "volume-trend: it is asked of one service, and none is named. "
                "Add --service with one of agents, ryot, sigmalang, sigmavault."
            ),
        ),
        (
            ("run", "volume-trend", "--service", "agent"),
            "--service: the catalog has no service 'agent'. Did you mean 'agents'?",
        ),
        (
            ("run", "query-performance", "--service", "ryot"),
            "query-performance: it reads Loki's own lines, and no service's. Leave out --service.",
        ),
        (
            ("run", "trace-logs"),
            (
                "trace-logs: the parameter 'trace_id' is missing. "
                "Add --param trace_id=VALUE: The trace, by its id."
            ),
        ),
        (
            ("run", "trace-logs", "--param", "trace_id"),
            "--param: 'trace_id' has no '='. Write NAME=VALUE.",
        ),
        (
            ("run", "error-sources", "--param", "top=1", "--param", "top=2"),
            "--param: 'top' is there twice. Keep one of them.",
        ),
        (
            ("run", "error-spikes", "--since", "2h"),
            (
                "error-spikes: it looks at a range of its own. "
                "Leave out --since, and give --param window=DURATION."
            ),
        ),
        (
            ("run", "trace-logs", "--param", "trace_id=0af7651916cd43dd", "--step", "1m"),
            "trace-logs: it answers no figures over time. Leave out --step.",
        ),
        (
            ("run", "error-rate", "--since", "5m", "--step", "1h"),
            "--step: is 1h, and the range is 5m. Write a shorter one, or a longer --since.",
        ),
        (
            ("run", "error-rate", "--since", "an hour"),
            (
                "--since: is 'an hour', not a duration. "
                "Write a whole number and one of s, m, h, d, w, y, as in 30d."
            ),
        ),
        (
            ("run", "error-rate", "--release", "3"),
            "error-rate: there is no form of it for Loki 3 alone. Leave out --release.",
        ),
        (
            ("run", "error-rate"),
            (
                "query run: nothing says where Loki is. Set LOKI_URL or add --loki-url; or "
                "GRAFANA_URL, to ask through Grafana."
            ),
        ),
        (
            ("run", "error-rate", "--environment", "moon"),
            (
                "--environment: the catalog has no environment 'moon'. "
                "Known are cluster, compose, host."
            ),
        ),
    ],
)
def test_a_wrong_question_is_told_in_one_line(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    assert run(*arguments) == (2, "", f"{message}\n")


def test_a_service_without_what_is_read_is_told_what_it_lacks(run: Run) -> None:
    folder = str(ROOT / "tests/fixtures/second")
    arguments = ("show", "failure-share", "--service", "pilotage", "--catalog", folder)
    assert run(*arguments) == (
        2,
        "",
        (
            "failure-share: the lines of 'pilotage' do not have what it reads: an event of which "
            "some outcomes are bad. Add --service with one of customs.\n"
        ),
    )


def test_the_link_opens_the_query_in_explore(run: Run) -> None:
    status, out, _ = run(
        *("run", "error-sources", "--since", "2h", "--link"),
        *("--grafana-url", "https://grafana.example/"),
    )
    assert status == 0
    address, _, left = out.strip().partition("?left=")
    assert address == "https://grafana.example/explore"
    state = json.loads(unquote(left))
    assert state["range"] == {"from": "now-7200s", "to": "now"}
    assert state["datasource"] == "neurectomy-loki"
    (query,) = state["queries"]
    assert query["queryType"] == "instant"
    parse(query["expr"])


FIGURES = [
    {"metric": {"service": "ryot", "pod": "a"}, "value": [1000.0, "2"]},
    {"metric": {"service": "agents", "pod": "b"}, "value": [1000.0, "30"]},
]


def test_rows_are_printed_the_highest_first(run: Run) -> None:
    fake = Fake(FIGURES)
    with fake.serving() as url:
        status, out, err = run("run", "error-sources", "--loki-url", url, "--since", "2h")
        assert (status, err) == (0, "")
        assert out == "service  pod  value\nagents   b    30\nryot     a    2\n"
        _, out, _ = run("run", "error-sources", "--loki-url", url, "--format", "json")
    assert json.loads(out)["rows"] == [
        {"labels": {"service": "agents", "pod": "b"}, "value": 30.0},
        {"labels": {"service": "ryot", "pod": "a"}, "value": 2.0},
    ]
    path, asked, tenant = fake.asked[0]
    assert path == "/loki/api/v1/query"
    assert "[2h]" in asked["query"][0]
    assert tenant is None


def test_lines_are_printed_one_a_row_and_a_full_answer_is_told(run: Run) -> None:
    stream = {"service": "ryot", "level": "error", "pod": "a"}
    fake = Fake([{"stream": stream, "values": [["1000000000", "one\ntwo"], ["2500000000", "b"]]}])
    with fake.serving() as url:
        arguments = ("run", "pattern-matching", "--service", "ryot", "--loki-url", url)
        status, out, err = run(*arguments, "--limit", "2")
    assert status == 0
    assert out.splitlines() == [
        "time                      service  level  line",
        "1970-01-01T00:00:02.500Z  ryot     error  b",
        "1970-01-01T00:00:01.000Z  ryot     error  one\\ntwo",
    ]
    assert err == "These are 2 lines, and there may be more: see --limit.\n"
    assert fake.asked[0][1]["limit"] == ["2"]
    assert fake.asked[0][1]["direction"] == ["backward"]


def test_a_trend_is_told_in_intervals_that_touch(run: Run) -> None:
    points = [[600.0, "3"], [1200.0, "4"]]
    fake = Fake([{"metric": {"level": "info"}, "values": points}])
    with fake.serving() as url:
        arguments = ("run", "volume-trend", "--service", "ryot", "--loki-url", url)
        _, out, _ = run(*arguments, "--since", "2h")
    assert out.splitlines()[1:] == [
        "1970-01-01T00:10:00.000Z  info   3",
        "1970-01-01T00:20:00.000Z  info   4",
    ]
    _, asked, _ = fake.asked[0]
    start, end = int(asked["start"][0]), int(asked["end"][0])
    assert asked["step"] == ["600s"]
    assert end % (600 * 10**9) == 0
    assert end - start == 11 * 600 * 10**9  # twelve points, each of the ten minutes before it
    assert "[10m]" in asked["query"][0]


def test_nothing_is_an_answer(run: Run) -> None:
    with Fake([]).serving() as url:
        status, out, err = run("run", "error-rate", "--loki-url", url)
    assert (status, out) == (0, "")
    assert err == "Nothing. Is it the right --environment, and long enough a --since?\n"


def test_a_tenant_is_named_to_loki_and_not_to_grafana(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = Fake([])
    with fake.serving() as url:
        run("run", "error-rate", "--environment", "cluster", "--loki-url", url)
        run("run", "error-rate", "--environment", "cluster", "--grafana-url", url)
    assert [(path, tenant) for path, _, tenant in fake.asked] == [
        ("/loki/api/v1/query", "neurectomy"),
        ("/api/datasources/proxy/uid/neurectomy-loki/loki/api/v1/query", None),
    ]


def test_a_refusal_is_the_server_s_words(run: Run) -> None:
    with Fake([], 400).serving() as url:
        status, out, err = run("run", "error-rate", "--loki-url", url)
    assert (status, out) == (3, "")
    place = f"{url}/loki/api/v1/query"
    assert err == f"{place}: answers 400: parse error : syntax error. Look into its log.\n"
