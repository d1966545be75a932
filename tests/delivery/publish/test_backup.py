"""A backup holds all that is ours, as the server has it, and a restore brings all of it back."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from tests.delivery.publish.conftest import Run
from tests.delivery.publish.fake_grafana import FakeGrafana
from tests.delivery.publish.test_failures import essence


def test_all_comes_back_to_an_empty_server(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    state = grafana.state
    grafana.edit(next(iter(state.dashboards)), "alice", "", description="of alice")
    before = copy.deepcopy(state)
    writes = len(grafana.writes())
    capsys.readouterr()
    assert run("backup", str(tmp_path / "kept")) == 0
    assert len(grafana.writes()) == writes, "a backup writes nothing"
    told = capsys.readouterr().out
    assert f"dashboard: {len(before.dashboards)}" in told
    kept = "".join(path.read_text("utf-8") for path in (tmp_path / "kept").iterdir())
    assert "of alice" in kept
    assert grafana.token not in kept
    state.dashboards.clear()
    state.folders.clear()
    state.datasources.clear()
    state.correlations.clear()
    assert run("restore", str(tmp_path / "kept")) == 0

    def shown(there: object) -> object:
        folders, dashboards, datasources, _ = essence(there)  # type: ignore[arg-type]
        return folders, {uid: each[:2] for uid, each in dashboards.items()}, datasources

    assert shown(grafana.state) == shown(before)


def test_what_was_made_since_stays(grafana: FakeGrafana, run: Run, tmp_path: Path) -> None:
    run("publish")
    assert run("backup", str(tmp_path / "kept")) == 0
    uid, other = next(iter(grafana.state.dashboards.items()))
    later = copy.deepcopy(other)
    later["dashboard"].update(title="Later", uid=f"{uid}-later")
    grafana.state.dashboards[f"{uid}-later"] = later
    grafana.edit(uid, "bob", "", description="of bob")
    assert run("restore", str(tmp_path / "kept")) == 0
    assert f"{uid}-later" in grafana.state.dashboards
    assert "of bob" not in json.dumps(grafana.state.dashboards[uid]["dashboard"])


def test_nothing_to_keep_is_said(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("backup", str(tmp_path / "kept")) == 2
    assert capsys.readouterr().err == (
        "backup: the servers have nothing of ours that could be kept. "
        "Publish first, or name another server.\n"
    )
    assert not (tmp_path / "kept").exists()


def test_a_backup_never_goes_over_another(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    assert run("backup", str(tmp_path / "kept")) == 0
    capsys.readouterr()
    assert run("backup", str(tmp_path / "kept")) == 2
    assert capsys.readouterr().err == (
        f"{tmp_path / 'kept'}: is not empty, and an older backup would be lost in it. "
        "Name a new folder.\n"
    )
