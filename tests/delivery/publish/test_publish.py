"""Publishing against a Grafana of either generation: what changes, what is refused, what stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from delivery.cli import main
from tests.delivery.publish.conftest import CATALOG, Run
from tests.delivery.publish.fake_grafana import FakeGrafana


def test_the_first_publish_writes_all_and_the_second_nothing(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("plan", "--exit-code") == 1
    assert grafana.writes() == []
    assert run("publish") == 0
    written = len(grafana.writes())
    state = grafana.state
    assert written == len(state.folders) + len(state.dashboards) + len(state.datasources) + len(
        state.correlations
    )
    capsys.readouterr()
    assert run("plan", "--exit-code") == 0
    assert capsys.readouterr().out == f"grafana: {written} as wanted\n"
    assert run("publish") == 0
    assert len(grafana.writes()) == written


def test_an_edit_is_named_and_refused_until_it_may_be_lost(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    uid = next(iter(grafana.state.dashboards))
    grafana.edit(uid, "alice", "tried something", title="Mine")
    before = len(grafana.writes())
    capsys.readouterr()
    assert run("publish") == 1
    told = capsys.readouterr()
    assert len(grafana.writes()) == before
    assert f"grafana: dashboard {uid}" in told.err
    assert "edited by alice at 2026-01-02T03:04:05Z, 'tried something'" in told.err
    assert run("publish", "--overwrite") == 0
    assert grafana.state.dashboards[uid]["dashboard"]["title"] != "Mine"
    assert run("plan", "--exit-code") == 0


def test_what_is_left_over_stays_until_it_is_pruned(grafana: FakeGrafana, run: Run) -> None:
    run("publish")
    uid = next(iter(grafana.state.dashboards))
    ours = json.loads(json.dumps(grafana.state.dashboards[uid]))
    ours["dashboard"]["title"] = "Old"
    grafana.state.dashboards["shop-old"] = ours
    grafana.state.dashboards["theirs"] = {**ours, "dashboard": {**ours["dashboard"], "tags": []}}
    prefix = uid.split("-")[0]
    grafana.state.dashboards[f"{prefix}-old"] = grafana.state.dashboards.pop("shop-old")
    assert run("publish") == 0
    assert f"{prefix}-old" in grafana.state.dashboards
    assert run("publish", "--prune") == 0
    assert f"{prefix}-old" not in grafana.state.dashboards
    assert "theirs" in grafana.state.dashboards


def test_an_object_in_the_way_is_not_adopted_unasked(grafana: FakeGrafana, run: Run) -> None:
    run("publish")
    uid = next(iter(grafana.state.datasources))
    source = grafana.state.datasources.pop(uid)
    for key in [key for key in grafana.state.correlations if uid in key]:
        del grafana.state.correlations[key]
    grafana.state.datasources["theirs"] = {
        **source,
        "uid": "theirs",
        "url": "http://theirs",
        "isDefault": False,
        "jsonData": {},
    }
    before = len(grafana.writes())
    assert run("publish") == 1
    assert len(grafana.writes()) == before
    assert run("publish", "--adopt") == 0
    assert "theirs" not in grafana.state.datasources
    assert run("plan", "--exit-code") == 0


def test_a_provisioned_dashboard_is_left_alone_and_named(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    uid = next(iter(grafana.state.dashboards))
    grafana.state.dashboards[uid]["provisioned"] = True
    grafana.state.dashboards[uid]["dashboard"]["description"] = "older"
    capsys.readouterr()
    assert run("plan", "--exit-code") == 0
    assert f". dashboard {uid}" in capsys.readouterr().out


def test_what_an_old_release_drops_is_no_difference(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = FakeGrafana(1, (9, 4, 0))
    monkeypatch.setenv("GRAFANA_URL", old.url)
    monkeypatch.setenv("GRAFANA_TOKEN", old.token)
    arguments = ["--target", "grafana", "--catalog", str(CATALOG), "--generated", str(tree)]
    try:
        assert main(["publish", *arguments]) == 0
        assert main(["plan", "--exit-code", *arguments]) == 0
    finally:
        old.stop()


def test_a_deleted_folder_comes_back_with_its_dashboards(grafana: FakeGrafana, run: Run) -> None:
    run("publish")
    folder = next(iter(grafana.state.folders))
    del grafana.state.folders[folder]
    gone = [uid for uid, each in grafana.state.dashboards.items() if each["folderUid"] == folder]
    for uid in gone:
        del grafana.state.dashboards[uid]
    assert run("publish") == 0
    assert folder in grafana.state.folders
    assert set(gone) <= set(grafana.state.dashboards)


def test_a_dashboard_that_was_moved_goes_home(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    uid, each = next(iter(grafana.state.dashboards.items()))
    home, each["folderUid"] = each["folderUid"], ""
    capsys.readouterr()
    assert run("plan", "--exit-code") == 1
    assert f"> dashboard {uid}" in capsys.readouterr().out
    assert run("publish") == 0
    assert grafana.state.dashboards[uid]["folderUid"] == home


def test_no_token_reaches_any_output(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    real, grafana.token = grafana.token, "another"
    assert run("publish") == 3
    told = capsys.readouterr()
    assert real not in told.out + told.err
    assert "does not know our token (401)" in told.err
