"""What was backed up comes back to a real Grafana and a real ruler that have lost it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from delivery.cli import main
from tests.delivery.publish.conformance import Client, clear
from tests.live.alone import Alone, alone
from tests.live.bucket import Bucket
from tests.live.servers import Server, find, missing
from tests.live.stack import ROOT
from tests.live.test_publish_rulers import TENANTS, loki

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def _no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRAFANA_URL", "LOKI_URL", "MIMIR_URL", "PROMETHEUS_URL", "GRAFANA_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("backup") / "generated"
    assert main(["build", "--catalog", str(ROOT / "catalog"), "--out", str(out)]) == 0
    return out


def run(generated: Path, command: str, *arguments: str) -> int:
    where = ["--catalog", str(ROOT / "catalog"), "--generated", str(generated)]
    return main([command, *arguments, *where])


def held(grafana: Alone) -> Json:
    """All that matters of what it has, by kind and uid: what the server numbers itself is left."""
    boards = {}
    for hit in grafana.ask("GET", "/api/search?type=dash-db&limit=5000"):
        whole = grafana.ask("GET", f"/api/dashboards/uid/{hit['uid']}")
        board = {
            key: value for key, value in whole["dashboard"].items() if key not in {"id", "version"}
        }
        boards[hit["uid"]] = (whole["meta"]["folderUid"], board)
    sources = {
        each["uid"]: {key: each[key] for key in ("name", "type", "url", "jsonData")}
        for each in grafana.ask("GET", "/api/datasources")
    }
    folders = {each["uid"]: each["title"] for each in grafana.ask("GET", "/api/folders")}
    return {"folders": folders, "datasources": sources, "dashboards": boards}


@pytest.mark.parametrize("server", find("grafana") or [None], ids=str)
def test_grafana_has_all_again(
    server: Server | None, generated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if server is None:
        pytest.skip(missing("grafana"))
    with alone(server, tmp_path / "grafana") as grafana:
        monkeypatch.setenv("GRAFANA_URL", grafana.url)
        monkeypatch.setenv("GRAFANA_TOKEN", grafana.token("Admin", "keeper"))
        assert run(generated, "publish") == 0
        uid = "neurectomy-platform"
        board = grafana.ask("GET", f"/api/dashboards/uid/{uid}")
        sent = {"dashboard": {**board["dashboard"], "description": "An edit of somebody's"}}
        sent["folderUid"] = board["meta"]["folderUid"]
        grafana.ask("POST", "/api/dashboards/db", sent)
        before = held(grafana)
        assert len(before["dashboards"]) > 10
        assert run(generated, "backup", str(tmp_path / "kept")) == 0
        clear(Client(grafana.url, server.version, grafana.admin), keep="")
        assert held(grafana) == {"folders": {}, "datasources": {}, "dashboards": {}}
        assert run(generated, "restore", str(tmp_path / "kept")) == 0
        assert held(grafana) == before
        assert run(generated, "restore", str(tmp_path / "kept")) == 0
        assert held(grafana) == before


@pytest.mark.parametrize("server", find("loki") or [None], ids=str)
def test_the_ruler_has_all_again(
    server: Server | None, generated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if server is None:
        pytest.skip(missing("loki"))
    bucket = Bucket()
    rules = {"type": "s3", "s3": bucket.settings}
    try:
        with loki(server, tmp_path / "loki", rules, {}) as there:
            monkeypatch.setenv("LOKI_URL", there.url)
            assert run(generated, "publish", *TENANTS) == 0
            before = there.rules()
            assert len(before) > 3
            assert run(generated, "backup", str(tmp_path / "kept"), *TENANTS) == 0
            for space, groups in before.items():
                for group in groups:
                    where = f"{there.url}/loki/api/v1/rules/{space}/{group['name']}"
                    tenant = {"X-Scope-OrgID": "neurectomy"}
                    answer = requests.delete(where, headers=tenant, timeout=30)
                    assert answer.ok, answer.text
            assert there.rules() == {}
            assert run(generated, "restore", str(tmp_path / "kept"), *TENANTS) == 0
            assert there.rules() == before
    finally:
        bucket.stop()
