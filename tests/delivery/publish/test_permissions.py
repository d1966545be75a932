"""What an account may not do is said before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery.publish.model import Change, Found, Wanted
from delivery.publish.permissions import Need, needs
from tests.delivery.publish.conftest import Run
from tests.delivery.publish.fake_grafana import FakeGrafana


def test_a_viewers_token_is_refused_before_anything_is_written(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    grafana.role = "Viewer"
    assert run("publish") == 3
    assert capsys.readouterr().err == (
        f"{grafana.url}: the token's account may not create folders (folders:create), create "
        "datasources (datasources:create); nothing was written. Give its service account the "
        "role or the permissions of docs/publishing.md.\n"
    )
    assert grafana.writes() == []


def test_a_viewers_token_changes_and_removes_nothing(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    uid = next(iter(grafana.state.dashboards))
    grafana.edit(uid, "alice", "", description="of alice")
    before = grafana.writes()
    grafana.role = "Viewer"
    capsys.readouterr()
    assert run("publish", "--overwrite") == 3
    assert "may not change dashboards (dashboards:write); nothing" in capsys.readouterr().err
    assert grafana.writes() == before


def test_an_editors_token_suffices_where_the_datasources_are_as_wanted(
    grafana: FakeGrafana, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish")
    grafana.state.folders.clear()
    grafana.state.dashboards.clear()
    grafana.role = "Editor"
    assert run("publish") == 0
    source = next(iter(grafana.state.datasources.values()))
    source["url"] = "http://elsewhere"
    capsys.readouterr()
    assert run("publish", "--overwrite") == 3
    assert "may not change datasources (datasources:write); nothing" in capsys.readouterr().err


def test_a_viewers_token_rolls_nothing_back(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("publish", "--backup", str(tmp_path / "backup"))
    before = grafana.writes()
    grafana.role = "Viewer"
    capsys.readouterr()
    assert run("rollback", "--from", str(tmp_path / "backup")) == 3
    assert "may not remove dashboards (dashboards:delete), " in capsys.readouterr().err
    assert grafana.writes() == before


def test_nothing_to_write_takes_no_permission(grafana: FakeGrafana, run: Run) -> None:
    run("publish")
    grafana.role = "Viewer"
    assert run("publish") == 0


def test_a_server_that_does_not_say_refuses_itself(grafana: FakeGrafana, run: Run) -> None:
    grafana.role = "unsaid"
    assert run("publish") == 0


@pytest.mark.parametrize(
    ("scopes", "met"),
    [
        ([""], True),
        (["*"], True),
        (["folders:*"], True),
        (["folders:uid:*"], True),
        (["folders:uid:a"], True),
        (["dashboards:uid:d"], True),
        (["folders:uid:b"], False),
        (["folders:uid:"], False),
        ([], False),
    ],
)
def test_a_scope_covers_what_it_names(scopes: list[str], met: bool) -> None:
    need = Need("dashboards:write", "dashboards", ("dashboards:uid:d", "folders:uid:a"))
    assert need.met({"dashboards:write": scopes, "dashboards:read": ["*"]}) is met


def change(action: str, kind: str, key: str, old: str | None, new: str | None) -> Change:
    found = None if old is None else Found(kind, key, "", {}, {}, ours=True, parent=old)
    wanted = None if new is None else Wanted(kind, key, "", {}, {}, "", parent=new)
    return Change(action, kind, key, "", wanted, found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "actions"),
    [
        ([change("create", "folder", "f", None, "")], ["folders:create"]),
        ([change("update", "folder", "f", "", "")], ["folders:write"]),
        ([change("replace", "folder", "f", "", "")], ["folders:delete", "folders:create"]),
        ([change("delete", "folder", "f", "", None)], ["folders:delete"]),
        ([change("create", "datasource", "s", None, "")], ["datasources:create"]),
        ([change("replace", "datasource", "s", "", "")], ["datasources:write"]),
        ([change("delete", "datasource", "s", "", None)], ["datasources:delete"]),
        ([change("create", "correlation", "s/l", None, "s")], ["datasources:write"]),
        (
            [
                change("create", "datasource", "s", None, ""),
                change("create", "correlation", "s/l", None, "s"),
            ],
            ["datasources:create"],
        ),
        ([change("create", "dashboard", "d", None, "f")], ["dashboards:create"]),
        (
            [
                change("create", "folder", "f", None, ""),
                change("create", "dashboard", "d", None, "f"),
            ],
            ["folders:create"],
        ),
        ([change("update", "dashboard", "d", "f", "f")], ["dashboards:write"]),
        ([change("move", "dashboard", "d", "g", "f")], ["dashboards:write", "dashboards:create"]),
        ([change("delete", "dashboard", "d", "f", None)], ["dashboards:delete"]),
        ([change("update", "alert rules", "r", "f", "f")], ["alert.provisioning:write"]),
        ([change("update", "contact point", "c", "", "")], ["alert.provisioning:write"]),
        ([change("update", "folder permissions", "f", "", "")], ["folders.permissions:write"]),
        (
            [
                change("create", "folder", "f", None, ""),
                change("create", "folder permissions", "f", None, ""),
            ],
            ["folders:create", "folders.permissions:write"],
        ),
        ([change("create", "mute timing", "m", None, "")], ["alert.provisioning:write"]),
        ([change("update", "log rules", "n/g", "n", "n")], []),
    ],
)
def test_a_change_takes_these_actions(changes: list[Change], actions: list[str]) -> None:
    assert [need.action for need in needs(changes, changes)] == actions


def test_what_is_granted_on_a_folder_holds_for_those_in_it() -> None:
    nested = [
        change("keep", "folder", "inner", "outer", "outer"),
        change("update", "dashboard", "d", "inner", "inner"),
    ]
    (need,) = needs(nested[1:], nested)
    assert need.met({"dashboards:write": ["folders:uid:outer"]})
    assert not need.met({"dashboards:write": ["folders:uid:other"]})
