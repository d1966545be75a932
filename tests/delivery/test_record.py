"""The command as a user runs it: what is printed where, and the exit status."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.exporters import load_exporters
from delivery import cli
from tests.delivery.page_server import PageServer, respond

PAGE = """\
# TYPE loki_build_info gauge
loki_build_info{version="9.9.1"} 1
# TYPE loki_lines_total counter
loki_lines_total{outcome="kept"} 3 # {trace_id="a\\"b"} 1
loki_lines_total{outcome="lost"} NaN
# TYPE loki_took_seconds histogram
loki_took_seconds_bucket{le="+Inf"} +Inf
# EOF
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    def main(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(("record", *arguments))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return main


def test_the_declaration_is_printed_and_the_doubts_beside_it(
    server: PageServer, run: Run, tmp_path: Path
) -> None:
    server.show(PAGE)
    status, text, notes = run(server.url)
    assert status == 0
    assert notes == (
        "loki_lines_total: outcome is declared as kept, lost; write null if it has others\n"
    )
    (tmp_path / "exporters").mkdir()
    (tmp_path / "exporters" / "loki-9.9.1.yaml").write_text(text, encoding="utf-8")
    (exporter,) = (each for each in load_exporters(tmp_path) if each.release == "9.9.1")
    assert {name: metric.type for name, metric in exporter.metrics.items()} == {
        "loki_build_info": "info",
        "loki_lines_total": "counter",
        "loki_took_seconds": "histogram",
    }


def test_a_file_is_written_and_summed_up(
    server: PageServer, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server.show(PAGE)
    assert run(server.url, "--out", "loki.yaml")[:2] == (0, "loki.yaml: 3 metrics\n")
    assert run(server.url, "--keep", "loki_took.*", "--out", "one.yaml") == (
        0,
        "one.yaml: 1 metric\n",
        "",
    )
    assert run(server.url, "--merge", "loki.yaml", "--out", "loki.yaml") == (
        0,
        "loki.yaml: 3 metrics\n",
        "",
    )
    assert run(server.url, "--out", "loki.yaml")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "build.py: Missing argument 'URL'. See python build.py --help.\n"),
        (("nowhere",), "URL: it is no http or https address. Name the address of a metrics page"),
        (("{url}", "--keep", "("), "--keep: it is no regular expression: "),
        (("{url}", "--timeout", "0"), "build.py: Invalid value for '--timeout': "),
        (("{url}", "--timeout", "soon"), "build.py: Invalid value for '--timeout': "),
        (("{url}", "--component", "x", "--release", "1"), "--component: 'component' is 'x'. "),
        (("{url}", "--merge", "/nowhere.yaml"), "/nowhere.yaml: there is no such file. "),
    ],
)
def test_wrong_usage(
    server: PageServer, run: Run, arguments: tuple[str, ...], message: str
) -> None:
    server.show(PAGE)
    status, text, error = run(*(each.format(url=server.url) for each in arguments))
    assert (status, text) == (2, "")
    assert error.startswith(message)
    assert error.count("\n") == 1


def test_a_server_that_refuses_or_is_not_there(server: PageServer, run: Run) -> None:
    server.answer = respond("no", 404)
    assert run(server.url)[:2] == (3, "")
    server.answer = respond("", 302, {"Location": "http://elsewhere.example/metrics"})
    assert run(server.url)[:2] == (3, "")
    assert run("http://127.0.0.1:1/metrics")[:2] == (3, "")


def test_a_page_of_something_else_is_a_problem(server: PageServer, run: Run) -> None:
    server.show("<!doctype html>\n")
    assert run(server.url) == (
        1,
        "",
        (
            f"{server.url}: line 1 is of no metrics page: it is no series with a value. "
            "Name the address of a metrics page, mostly /metrics.\n"
        ),
    )


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_no_credentials_show(server: PageServer, run: Run, status: int) -> None:
    server.answer = respond("<html>", status, {"Location": "http://me:hunter2@elsewhere/?hunter2"})
    url = f"http://me:hunter2@{server.authority}/metrics?token=hunter2"
    assert "hunter2" not in "".join(run(url)[1:])
    server.show(PAGE)
    assert not re.search(r"hunter2|127\.0\.0\.1", "".join(run(url)[1:]))
