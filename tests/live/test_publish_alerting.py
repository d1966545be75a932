"""Grafana's own alerting and the closed folder, on each Grafana that is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from delivery.cli import main
from tests.live.alone import Alone, alone
from tests.live.servers import find, missing
from tests.live.stack import ROOT

ON = ("--alerts", "grafana")
SECRET = "https://hooks.example/T0/very-secret"  # noqa: S105 - it opens nothing
RULES = "/api/v1/provisioning/alert-rules"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("alerting") / "generated"
    assert main(["build", "--catalog", str(ROOT / "catalog"), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module", params=find("grafana") or [None], ids=str)
def grafana(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Alone]:
    if request.param is None:
        pytest.skip(missing("grafana"))
    with alone(request.param, tmp_path_factory.mktemp("grafana")) as running:
        yield running


@pytest.fixture
def account(grafana: Alone, generated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAFANA_URL", grafana.url)
    points = generated / "grafana/alerting-managed/contact-points.yaml"
    secrets = set(re.findall(r"__file\{.*/(\w+)\}", points.read_text(encoding="utf-8")))
    assert secrets
    for name in secrets:
        monkeypatch.setenv(name.upper(), SECRET)
    for name in ("LOKI_URL", "MIMIR_URL", "PROMETHEUS_URL", "GRAFANA_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


def run(generated: Path, command: str, *arguments: str) -> int:
    where = ["--catalog", str(ROOT / "catalog"), "--generated", str(generated)]
    return main([command, *where, *arguments])


@pytest.mark.usefixtures("account")
def test_alerting_is_published_edited_and_taken_back(
    grafana: Alone,
    generated: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", grafana.token("Admin", "alerting"))
    assert run(generated, "publish", *ON) == 0
    assert run(generated, "plan", *ON, "--exit-code") == 0
    rules = grafana.ask("GET", RULES)
    assert {each["labels"]["managed_by"] for each in rules} == {"neurectomy"}

    rule = {**rules[0], "annotations": {**rules[0]["annotations"], "summary": "Mine"}}
    grafana.ask("PUT", f"{RULES}/{rule['uid']}", rule)
    capsys.readouterr()
    assert run(generated, "publish", *ON) == 1
    assert "edited by somebody at 20" in capsys.readouterr().err
    assert run(generated, "publish", *ON, "--overwrite") == 0
    assert run(generated, "plan", *ON, "--exit-code") == 0

    tree = grafana.ask("GET", "/api/v1/provisioning/policies")
    grafana.ask("PUT", "/api/v1/provisioning/policies", {**tree, "group_by": ["alertname"]})
    assert run(generated, "publish", *ON) == 1
    assert run(generated, "publish", *ON, "--adopt") == 0
    assert run(generated, "plan", *ON, "--exit-code") == 0

    assert run(generated, "publish") == 1
    assert "everyone would be told twice" in capsys.readouterr().err
    assert run(generated, "publish", "--prune", "--yes") == 0
    assert grafana.ask("GET", RULES) == []
    assert grafana.ask("GET", "/api/v1/provisioning/policies")["receiver"] == (
        "grafana-default-email"
    )
    assert run(generated, "plan", "--exit-code") == 0


@pytest.mark.usefixtures("account")
def test_a_viewer_sees_nothing_of_the_closed_folder(
    grafana: Alone, generated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", grafana.token("Admin", "closing"))
    assert run(generated, "publish") == 0
    folder = "neurectomy-folder-audit"
    inside = [
        each["uid"]
        for each in grafana.ask("GET", "/api/search?type=dash-db")
        if each.get("folderUid") == folder
    ]
    assert inside
    for role, seen in (("Viewer", False), ("Editor", True), ("Admin", True)):
        token = grafana.token(role, f"looking-{role.lower()}")
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        hits = session.get(f"{grafana.url}/api/search?type=dash-db", timeout=30).json()
        assert hits, f"{role} sees no dashboard at all"
        assert (set(inside) <= {each["uid"] for each in hits}) is seen, role
        for uid in inside:
            answer = session.get(f"{grafana.url}/api/dashboards/uid/{uid}", timeout=30)
            assert answer.status_code == (200 if seen else 403), (role, uid, answer.text)
