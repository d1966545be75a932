"""Go or no go, how it is told, and what the command ends with."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from delivery.cli import main
from delivery.validate import report
from delivery.validate.figures import Evidence, figures
from delivery.validate.model import Check, Figure, Report, Verdict
from delivery.validate.performance import Timing
from tests.delivery.validate.fake_system import LOKI, fake, good, one, vector, when


def check(phase: int, verdict: Verdict, title: str = "A check") -> Check:
    return Check(phase, title, "curl it", "1", "2", verdict)


@pytest.mark.parametrize(
    ("verdicts", "reasons"),
    [
        (["ok"], []),
        (["ok", "skipped"], []),
        (["ok", "failed"], ["1. A check"]),
        (["skipped", "skipped"], ["1. Prerequisites: nothing could be checked"]),
        ([], ["1. Prerequisites: nothing could be checked"]),
        (["failed", "skipped"], ["1. A check"]),
    ],
)
def test_it_is_go_if_something_speaks_for_it_and_nothing_against(
    verdicts: list[Verdict], reasons: list[str]
) -> None:
    made = Report((1,), [check(1, each) for each in verdicts], ())
    assert list(made.reasons()) == reasons
    assert made.go == (not reasons)
    assert made.status == (1 if reasons else 0)


def test_a_lost_server_is_another_status_and_no_go_is_still_told() -> None:
    made = Report((1,), [check(1, "failed")], (), ["http://loki: cannot be reached."])
    assert made.status == 3
    told = [*report.text(made), report.verdict(made)]
    assert "Not reached: http://loki: cannot be reached." in told
    assert told[-1] == "NO-GO: 0 ok, 1 failed, 0 skipped"


MADE = Report(
    (1, 2),
    [check(1, "ok"), check(2, "failed", "Another | <one>"), check(2, "skipped")],
    [Figure("System health", "Lines", "10", "9", False), Figure("Rollout", "All", "1", "1", True)],
)


def test_the_text_names_the_command_of_what_failed() -> None:
    assert list(report.text(MADE)) == [
        "1. Prerequisites: 1 ok, 0 failed, 0 skipped",
        "  ok      A check: 2 (expected: 1)",
        "2. Configuration: 0 ok, 1 failed, 1 skipped",
        "  FAILED  Another | <one>: 2 (expected: 1)",
        "          curl it",
        "  skipped A check: 2",
        "Rollout:",
        "  met     All: 1 (asked for: 1)",
        "System health:",
        "  NOT MET Lines: 9 (asked for: 10)",
        "Against it: 2. Another | <one>",
    ]


def test_the_document_holds_all_of_it() -> None:
    document = json.loads(report.data(MADE))
    assert (document["go"], document["status"]) == (False, 1)
    assert document["against"] == ["2. Another | <one>"]
    assert [phase["title"] for phase in document["phases"]] == ["Prerequisites", "Configuration"]
    assert document["phases"][1]["checks"][0] == {
        "title": "Another | <one>",
        "command": "curl it",
        "expected": "1",
        "actual": "2",
        "verdict": "failed",
    }
    assert document["figures"][0]["met"] is False


def test_the_tables_hold_what_would_break_them() -> None:
    told = report.markdown(MADE)
    assert "| failed | Another \\| &lt;one&gt; | 1 | 2 | `curl it` |" in told
    assert "| not met | System health | Lines | 9 | 10 |" in told


def _figures(replies: object, checks: list[Check] | None = None) -> dict[str, Figure]:
    timings = {"simple": Timing("simple", [0.1])}
    evidence = Evidence(fake(replies), checks or [], timings, None)  # type: ignore[arg-type]
    return {each.title: each for each in figures(evidence)}


def test_figures_are_measured() -> None:
    found = _figures(good())
    # Four services of 1000 lines in a quarter of an hour.
    assert found["Lines taken in"].measured == "267 lines/min (4.4 lines/s), 6%"
    assert found["Lines taken in"].target == "4300 lines/min"
    assert found["Lines taken in"].met is False
    assert found["Query latency, p99"].measured == "simple 100 ms, 0.20 s by Loki's own count"
    assert found["Query latency, p99"].met is True
    assert found["Services that log"].measured == "4 of 4"
    assert found["Error lines that name a trace"].measured == "99.90% of 4000 lines"
    assert found["Objectives that are tracked"].met is True
    assert found["The team knows LogQL"].met is None


@pytest.mark.parametrize(
    ("part", "reply", "title"),
    [
        (r"^sum\(count_over_time", vector(), "Services that log"),
        (r"by \(level\)", vector(({"level": "oops"}, 5)), "Lines with a level of the catalog"),
        (r'trace_id=""', one(900), "Error lines that name a trace"),
        (r'__error__!=""', one(900), "Lines that can be parsed"),
    ],
)
def test_a_bad_figure_is_not_met(part: str, reply: object, title: str) -> None:
    found = _figures({**good(), ("loki", "/loki/api/v1/query"): when(part, reply, LOKI)})
    assert found[title].met is False


def test_a_phase_with_something_skipped_is_not_said_to_be_met() -> None:
    found = _figures(good(), [check(4, "ok"), check(4, "skipped"), check(3, "ok")])
    assert (found["Every endpoint answers"].met, found["All that runs, runs"].met) == (None, True)
    assert found["Every endpoint answers"].measured == "1 of 2 ok, 1 skipped"
    assert _figures(good(), [check(4, "failed")])["Every endpoint answers"].met is False


class _Loki(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        reply = good().get(("loki", path), (404, {}))
        if callable(reply):
            reply = reply(parse_qs(query).get("query", [""])[0])
        status, body = reply if isinstance(reply, tuple) else (200, reply)
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        kind = "text/plain" if isinstance(body, str) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def loki(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("GRAFANA", "LOKI", "PROMETHEUS", "ALERTMANAGER", "JAEGER"):
        monkeypatch.delenv(f"{name}_URL", raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Loki)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_go(loki: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--phase", "3", "--loki-url", loki]) == 0
    told = capsys.readouterr().out
    assert "  ok      Every part of Loki runs: 2 parts run (expected: all Running)\n" in told
    assert re.search(
        r"^GO as far as was checked: 1 ok, 0 failed, \d+ skipped\n\Z", told, re.MULTILINE
    )


def test_no_go(loki: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--phase", "4", "--phase", "2", "--loki-url", loki]) == 1
    told = capsys.readouterr().out
    assert told.startswith("2. Configuration: 5 ok, 1 failed, ")
    # It tells no rules, so that nobody knows whether they are those that ship.
    assert "Against it: 2. What ships is what Loki has\n" in told
    assert told.splitlines()[-1].startswith("NO-GO: 9 ok, 1 failed, ")


def test_a_lost_server_is_status_3_and_the_token_is_never_shown(
    loki: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = "http://127.0.0.1:1"
    monkeypatch.setenv("GRAFANA_URL", lost)
    monkeypatch.setenv("GRAFANA_TOKEN", "glsa_secret")
    monkeypatch.setattr("delivery.validate.system.time.sleep", lambda _: None)
    where = ["--loki-url", loki, "--format", "json"]
    assert main(["validate", "--phase", "3", "--phase", "4", *where]) == 3
    printed = capsys.readouterr()
    assert "glsa_secret" not in printed.out + printed.err
    document = json.loads(printed.out)
    assert document["unreachable"] == [
        f"{lost}: cannot be reached: Connection refused. Start the server, or correct the address."
    ]
    health = next(each for each in document["phases"][1]["checks"] if "database" in each["title"])
    assert health["command"] == (
        'curl -sS -H "Authorization: Bearer $GRAFANA_TOKEN" "$GRAFANA_URL/api/health"'
    )
    assert health["verdict"] == "failed"


def test_nothing_to_ask_is_wrong_usage(loki: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 2
    assert capsys.readouterr().err == (
        "validate: nothing says what to ask. Set GRAFANA_URL, LOKI_URL, PROMETHEUS_URL, "
        "ALERTMANAGER_URL, JAEGER_URL, or add --kubectl.\n"
    )


def test_a_phase_that_is_none_is_wrong_usage(loki: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--phase", "8", "--loki-url", loki]) == 2
    assert "--phase" in capsys.readouterr().err
