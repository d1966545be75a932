"""Folders in folders, and who may look into them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.cli import main
from tests.delivery.publish.fake_grafana import FakeGrafana

SECOND = Path(__file__).resolve().parents[2] / "fixtures" / "second"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The harbour, with its logbooks on the bridge."""
    folder = tmp_path_factory.mktemp("harbour") / "catalog"
    shutil.copytree(SECOND, folder)
    platform = folder / "platform.yaml"
    text = platform.read_text(encoding="utf-8")
    nested = text.replace(
        "title: Logbooks, use: logs}", "title: Logbooks, use: logs, parent: bridge}"
    )
    assert nested != text
    platform.write_text(nested, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def generated(catalog: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("harbour-out") / "generated"
    assert main(["build", "--catalog", str(catalog), "--out", str(out)]) == 0
    return out


@pytest.fixture
def grafana(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGrafana]:
    fake = FakeGrafana(1)
    monkeypatch.setenv("GRAFANA_URL", fake.url)
    monkeypatch.setenv("GRAFANA_TOKEN", fake.token)
    yield fake
    fake.stop()


def run(catalog: Path, generated: Path, command: str, *arguments: str) -> int:
    where = ["--catalog", str(catalog), "--generated", str(generated), "--target", "grafana"]
    return main([command, *where, *arguments])


def test_a_restricted_folder_is_closed_and_stays_so(
    grafana: FakeGrafana, catalog: Path, generated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = next(iter(_uids(generated))).split("-folder-")[0]
    sealed = f"{prefix}-folder-sealed"
    assert run(catalog, generated, "publish") == 0
    assert grafana.state.alerting.permissions[sealed] == []
    assert run(catalog, generated, "plan", "--exit-code") == 0
    grafana.state.alerting.permissions[sealed] = [
        {"role": "Viewer", "permission": 1, "inherited": False},
        {"userId": 7, "permission": 1, "inherited": False},
    ]
    capsys.readouterr()
    assert run(catalog, generated, "plan", "--exit-code") == 1
    assert 'Viewer: "view" -> "none"' in capsys.readouterr().out
    assert run(catalog, generated, "publish") == 0
    kept = grafana.state.alerting.permissions[sealed]
    assert [each.get("userId") for each in kept] == [7]


def test_a_folder_is_made_in_its_parent_and_comes_back_to_it(
    grafana: FakeGrafana, catalog: Path, generated: Path
) -> None:
    uids = _uids(generated)
    child = next(uid for uid in uids if uid.endswith("-logbooks"))
    parent = next(uid for uid in uids if uid.endswith("-bridge"))
    grafana.release = (11, 0, 0)
    assert run(catalog, generated, "publish") == 0
    assert grafana.state.folders[child]["parentUid"] == parent
    assert run(catalog, generated, "plan", "--exit-code") == 0
    grafana.state.folders[child]["parentUid"] = ""
    assert run(catalog, generated, "publish") == 0
    assert grafana.state.folders[child]["parentUid"] == parent
    assert run(catalog, generated, "plan", "--exit-code") == 0


def test_an_older_grafana_has_them_side_by_side(
    grafana: FakeGrafana, catalog: Path, generated: Path
) -> None:
    grafana.release = (10, 4, 3)
    assert run(catalog, generated, "publish") == 0
    assert not any(each.get("parentUid") for each in grafana.state.folders.values())
    assert run(catalog, generated, "plan", "--exit-code") == 0


def _uids(generated: Path) -> list[str]:
    import json

    text = (generated / "grafana/folders.json").read_text(encoding="utf-8")
    return [each["uid"] for each in json.loads(text)["folders"]]
