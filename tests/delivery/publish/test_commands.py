"""The command lines of publishing: which servers are asked, what is refused, what is printed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from delivery.cli import main
from tests.delivery.publish.conftest import CATALOG, Run
from tests.delivery.publish.fake_grafana import FakeGrafana

NAMES = ("GRAFANA", "LOKI", "MIMIR", "PROMETHEUS")
DASHBOARD = "market-platform"


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        for suffix in ("URL", "TOKEN", "TOKEN_FILE"):
            monkeypatch.delenv(f"{name}_{suffix}", raising=False)


def call(tree: Path, command: str, *arguments: str) -> int:
    return main([command, "--catalog", str(CATALOG), "--generated", str(tree), *arguments])


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("command", ["plan", "publish"])
def test_no_server_is_named(tree: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tree, command) == 2
    assert capsys.readouterr().err == (
        "grafana: nothing says where it is. Set GRAFANA_URL, or add --grafana-url.\n"
    )


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--target", "mimir"),
            "mimir: nothing says where it is. Set MIMIR_URL, or add --mimir-url.\n",
        ),
        (
            ("--target", "tempo"),
            (
                "build.py: Invalid value for '--target': Value error, 'tempo' is not one of "
                "'grafana', 'loki', 'mimir', 'prometheus'. See python build.py --help.\n"
            ),
        ),
        (
            ("--environment", "prodution", "--grafana-url", "http://127.0.0.1:1"),
            "--environment: the catalog has no environment 'prodution'. Known are here.\n",
        ),
        (
            ("--grafana-url", "grafana.example"),
            "GRAFANA_URL: is no http or https address. Write it as in https://grafana.example.\n",
        ),
        (
            ("--grafana-url", "https://me:secret@grafana.example"),
            (
                "GRAFANA_URL: holds a user and a password. "
                "Give a token in GRAFANA_TOKEN_FILE instead.\n"
            ),
        ),
        (
            ("--grafana-url", "http://127.0.0.1:1", "--client-key", __file__),
            "--client-certificate: is missing beside the other. Name both files.\n",
        ),
    ],
)
def test_wrong_usage(
    tree: Path, arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(tree, "plan", *arguments) == 2
    assert capsys.readouterr().err == message


@pytest.mark.usefixtures("nowhere")
def test_a_token_does_not_travel_unencrypted(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", "hidden")
    assert call(tree, "plan", "--grafana-url", "http://grafana.example") == 2
    assert capsys.readouterr().err == (
        "http://grafana.example: the token would travel unencrypted. "
        "Use https, or add --insecure-http where the network is trusted.\n"
    )


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize("command", ["plan", "publish", "pull"])
def test_nobody_listens(tree: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tree, command, "--grafana-url", "http://127.0.0.1:1") == 3
    assert capsys.readouterr().err == (
        "http://127.0.0.1:1: cannot be reached: Connection refused. "
        "Start the server, or correct the address.\n"
    )


def test_targets_may_be_repeated(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("plan", "--target", "grafana", "--target", "loki") == 2
    assert capsys.readouterr().err == (
        "loki: nothing says where it is. Set LOKI_URL, or add --loki-url.\n"
    )
    assert run("plan", "--target", "grafana", "--target", "grafana", "--format", "json") == 0
    assert {each["server"] for each in json.loads(capsys.readouterr().out)} == {"grafana"}


def refuse_one(grafana: FakeGrafana) -> None:
    """One dashboard's folder vanishes just before the dashboard is written."""

    def meddle(method: str, path: str) -> None:
        if method in {"POST", "PUT"} and "dashboard" in path:
            grafana.state.folders.pop("market-folder-platform", None)

    grafana.meddle = meddle


def test_a_part_that_failed_is_told_from_what_was_done(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refuse_one(grafana)
    files = [tmp_path / f"out{ending}" for ending in (".json", ".xml", ".md")]
    reports = [word for file in files for word in ("--report", str(file))]
    capsys.readouterr()
    assert run("publish", *reports) == 4
    told = capsys.readouterr().out.splitlines()
    total = len(told) - 1
    assert told[-1] == f"{total - 1} written, 1 not written"
    assert (
        f"grafana: failed + dashboard {DASHBOARD} 'Market: platform health': 400: folder not found"
        in told
    )
    assert sum(line.startswith("grafana: done + ") for line in told) == total - 1
    document = json.loads(files[0].read_text("utf-8"))
    assert [each["server"] for each in document] == ["grafana"]
    assert (document[0]["done"], document[0]["failed"]) == (total - 1, 1)
    assert [each for each in document[0]["objects"] if each["outcome"] == "failed"] == [
        {
            "action": "create",
            "kind": "dashboard",
            "key": DASHBOARD,
            "title": "Market: platform health",
            "outcome": "failed",
            "because": "400: folder not found",
        }
    ]
    suite = ET.fromstring(files[1].read_text("utf-8"))[0]  # noqa: S314 - our own
    assert dict(suite.attrib) == {
        "name": "grafana",
        "tests": str(total),
        "failures": "1",
        "skipped": "0",
    }
    (failed,) = (case for case in suite if len(case))
    assert failed.attrib == {
        "classname": "grafana.dashboard",
        "name": f"dashboard {DASHBOARD} 'Market: platform health'",
    }
    assert failed[0].attrib == {"message": "400: folder not found"}
    markdown = files[2].read_text("utf-8")
    assert markdown.startswith(f"### grafana\n\n**{total - 1} written, 1 not written**\n")
    assert (
        f"| failed | create | dashboard {DASHBOARD} 'Market: platform health' "
        "| 400: folder not found |" in markdown
    )
    grafana.meddle = None
    assert run("publish") == 0
    assert run("plan", "--exit-code") == 0


@pytest.mark.parametrize("shown", ["json", "junit", "markdown"])
def test_the_outcome_in_each_format(
    grafana: FakeGrafana, run: Run, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    capsys.readouterr()
    assert run("publish", "--format", shown) == 0
    told = capsys.readouterr().out
    count = sum(
        len(each)
        for each in (
            grafana.state.folders,
            grafana.state.dashboards,
            grafana.state.datasources,
            grafana.state.correlations,
        )
    )
    if shown == "json":
        (server,) = json.loads(told)
        assert (server["done"], server["failed"]) == (0, 0)
        assert [each["outcome"] for each in server["objects"]] == ["keep"] * count
    elif shown == "junit":
        (suite,) = ET.fromstring(told)  # noqa: S314 - our own
        assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (
            str(count),
            "0",
            "0",
        )
    else:
        assert told == "### grafana\n\n**0 written**\n"


def test_a_refusal_is_reported_too(grafana: FakeGrafana, run: Run, tmp_path: Path) -> None:
    run("publish")
    grafana.edit(DASHBOARD, "alice", "", title="Mine")
    del grafana.state.folders["market-folder-logs"]
    file = tmp_path / "out.json"
    assert run("publish", "--report", str(file)) == 1
    (server,) = json.loads(file.read_text("utf-8"))
    told = {each["key"]: (each["outcome"], each["because"]) for each in server["objects"]}
    assert told[DASHBOARD] == (
        "failed",
        "edited by alice at 2026-01-02T03:04:05Z; needs --overwrite",
    )
    assert told["market-folder-logs"] == ("left", "nothing was written")
    assert server["done"] == 0


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("out.txt", "its ending names no format. End it in .json, .xml (JUnit) or .md."),
        ("nowhere/out.md", "its folder is not there. Make it first."),
    ],
)
def test_a_report_that_could_not_be_written_is_refused_first(
    grafana: FakeGrafana, run: Run, file: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run("publish", "--report", file) == 2
    assert capsys.readouterr().err == f"{file}: {message}\n"
    assert grafana.writes() == []


def leave_over(grafana: FakeGrafana, count: int) -> None:
    """Dashboards of ours that generated/ does not hold."""
    model = grafana.state.dashboards[DASHBOARD]
    for number in range(count):
        uid = f"market-old-{number}"
        dashboard = {**model["dashboard"], "uid": uid, "title": f"Old {number}"}
        grafana.state.dashboards[uid] = {**model, "dashboard": dashboard}


def test_a_large_removal_has_to_be_meant(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    leave_over(grafana, 20)
    before = len(grafana.writes())
    capsys.readouterr()
    assert run("publish") == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "0 written, 20 left over (--prune removes them)"
    )
    assert run("publish", "--prune") == 1
    assert capsys.readouterr().err == (
        "grafana: 20 of the 37 objects that are ours would be removed. "
        "Look at build.py plan, and add --yes if that is meant.\n"
    )
    assert len(grafana.writes()) == before
    assert run("publish", "--prune", "--yes") == 0
    assert not any(uid.startswith("market-old") for uid in grafana.state.dashboards)


def test_a_server_cannot_paint_the_terminal(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    leave_over(grafana, 1)
    grafana.state.dashboards["market-old-0"]["dashboard"]["title"] = "a\x1b[31m\nb"
    capsys.readouterr()
    assert run("plan") == 0
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "grafana: - dashboard market-old-0 'a [31m b' (" in told


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("plan", ("Nothing is written.", "GRAFANA_TOKEN_FILE", "--exit-code")),
        ("publish", ("Only what carries our mark is changed or removed.", "--backup", "--report")),
        ("pull", ("Nothing is written to Grafana", "[UID]...", "[default: pulled]")),
        ("rollback", ("What cannot come back", "--from")),
    ],
)
def test_help_says_what_it_does(
    command: str, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for word in words:
        assert word in told, word
