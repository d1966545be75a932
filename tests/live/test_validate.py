"""``validate`` against a whole system: go while it is well, no go once a part is broken."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from delivery.cli import main
from delivery.validate.system import SERVERS
from tests.live.servers import find, missing
from tests.live.stack import ROOT, Runner, Stack, found

Json = dict[str, Any]
Validate = Callable[..., tuple[int, Json]]

#: The machine that tests may be ten times slower than the one that the targets are meant for.
_SLOWER = (
    ("query_p99_seconds: 1\n", "query_p99_seconds: 10\n"),
    ("simple: {p50_seconds: 0.05, p99_seconds: 0.2}", "simple: {p50_seconds: 0.5, p99_seconds: 2}"),
    ("json: {p50_seconds: 0.15, p99_seconds: 0.5}", "json: {p50_seconds: 1.5, p99_seconds: 5}"),
    (
        "{p50_seconds: 0.5, p99_seconds: 2}\n    complex",
        "{p50_seconds: 5, p99_seconds: 20}\n    complex",
    ),
    ("complex: {p50_seconds: 1, p99_seconds: 5}", "complex: {p50_seconds: 10, p99_seconds: 50}"),
)


@pytest.fixture(scope="module", params=find("loki") or [None], ids=str)
def own(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A stack that may be broken."""
    plan = found(loki=request.param, hours=1, line_hours=1, weeks=0)
    for kind in ("grafana", "loki", "jaeger", "prometheus", "promtool", "alertmanager"):
        if getattr(plan, kind) is None:
            pytest.skip(missing(kind))
    folder = tmp_path_factory.mktemp("validate")
    slower = folder / "slower"
    shutil.copytree(ROOT / "catalog", slower, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (slower / "platform.yaml").read_text()
    for old, new in _SLOWER:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (slower / "platform.yaml").write_text(text)
    plan = found(loki=request.param, catalog=slower, hours=1, line_hours=1, weeks=0)
    with Runner(plan, folder) as running:
        out = ["--out", str(folder / "shipped")]
        assert main(["build", "--catalog", str(folder / "catalog"), *out]) == 0
        yield running


@pytest.fixture
def validate(
    own: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Validate:
    """``build.py validate`` with that stack's addresses: status and report."""
    for name in SERVERS:
        monkeypatch.setenv(f"{name.upper()}_URL", own.urls[name])
    monkeypatch.delenv("MIMIR_URL", raising=False)

    def run(*arguments: str) -> tuple[int, Json]:
        capsys.readouterr()
        status = main(["validate", *where(own), "--format", "json", *arguments])
        return status, json.loads(capsys.readouterr().out)

    return run


def where(own: Stack) -> list[str]:
    folder = own.folder
    return ["--catalog", str(folder / "catalog"), "--generated", str(folder / "shipped")]


def titles(report: Json, verdict: str) -> list[str]:
    checks = [check for phase in report["phases"] for check in phase["checks"]]
    return [check["title"] for check in checks if check["verdict"] == verdict]


def test_what_was_mounted_and_not_published_is_no_go_and_then_go(
    own: Stack, validate: Validate
) -> None:
    status, report = validate("--phase", "2")
    assert (status, titles(report, "failed")) == (1, ["What ships is what Grafana has"])
    # Files cannot say who may see a folder.
    assert main(["publish", "--target", "grafana", *where(own)]) == 0
    status, report = validate("--write")
    assert titles(report, "failed") == [], report["against"]
    assert (status, report["go"]) == (0, True)
    # The telemetry has few errors within half an hour; all else can be judged.
    assert all(each.startswith("Error lines of") for each in titles(report, "skipped"))
    measured = {each["title"]: each for each in report["figures"]}
    assert measured["Services that log"]["met"] is True
    assert measured["Cache hit rate"]["met"] is True
    assert measured["Objectives that are tracked"]["met"] is True
    # A fifth of the real volume is simulated.
    assert measured["Lines taken in"]["met"] is False


def test_a_rule_file_that_is_missing_is_no_go(own: Stack, validate: Validate) -> None:
    rules = own.generated / "prometheus/rules"
    file = sorted(rules.glob("slo-*.yaml"))[0]
    away = own.folder / file.name
    reload = f"{own.urls['prometheus']}/-/reload"
    shutil.move(file, away)
    try:
        assert requests.post(reload, timeout=60).ok
        status, report = validate("--phase", "2", "--phase", "4")
        assert status == 1
        assert titles(report, "failed") == ["What ships is what Prometheus has"]
        assert report["against"] == ["2. What ships is what Prometheus has"]
    finally:
        shutil.move(away, file)
        assert requests.post(reload, timeout=60).ok
    assert validate("--phase", "2")[0] == 0


def test_a_loki_that_is_stopped_is_no_go_and_all_else_is_told(
    own: Stack, validate: Validate
) -> None:
    own.processes["loki"].stop()
    status, report = validate()
    assert (status, report["go"]) == (3, False)
    assert len(report["unreachable"]) == 1
    assert own.urls["loki"] in report["unreachable"][0]
    failed, good = titles(report, "failed"), titles(report, "ok")
    assert {"Loki is ready", "Grafana reaches NEURECTOMY Loki"} <= set(failed)
    assert {"Prometheus is ready", "Grafana reaches NEURECTOMY Prometheus"} <= set(good)
    assert {phase["phase"] for phase in report["phases"]} == set(range(1, 8))
