"""What a publish overwrote, replaced, removed and made is as before after a rollback."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tests.delivery.publish.conftest import Run
from tests.delivery.publish.fake_grafana import FakeGrafana
from tests.delivery.publish.test_failures import essence


def test_everything_comes_back(grafana: FakeGrafana, run: Run, tmp_path: Path) -> None:
    run("publish")
    state = grafana.state
    first, second = list(state.dashboards)[:2]
    grafana.edit(first, "alice", "", description="of alice")
    state.dashboards[second]["folderUid"] = ""
    leftover = copy.deepcopy(state.dashboards[second])
    leftover["dashboard"].update(title="Old", uid=f"{second}-old")
    state.dashboards[f"{second}-old"] = leftover
    source = next(iter(state.datasources))
    state.datasources["theirs"] = {
        **state.datasources.pop(source),
        "uid": "theirs",
        "isDefault": False,
        "jsonData": {"httpHeaderValue1": "plain secret"},
    }
    before = copy.deepcopy(state)
    backup = tmp_path / "backup"
    assert run("publish", "--adopt", "--overwrite", "--prune", "--backup", str(backup)) == 0
    assert f"{second}-old" not in state.dashboards
    assert "theirs" not in state.datasources
    written = "".join(path.read_text("utf-8") for path in backup.iterdir())
    assert "plain secret" not in written
    assert grafana.token not in written
    assert run("rollback", "--from", str(backup)) == 0

    def shown(state: object) -> object:
        folders, dashboards, datasources, _ = essence(state)  # type: ignore[arg-type]
        boards = {uid: (each[0], each[1]) for uid, each in dashboards.items()}
        for each in datasources.values():
            each["jsonData"].pop("httpHeaderValue1", None)
        return folders, boards, datasources

    assert shown(grafana.state) == shown(before)


def test_a_backup_never_goes_over_another(
    grafana: FakeGrafana, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = tmp_path / "backup"
    assert run("publish", "--backup", str(backup)) == 0
    capsys.readouterr()
    assert run("publish", "--backup", str(backup)) == 2
    assert capsys.readouterr().err == (
        f"{backup}: is not empty, and an older backup would be lost in it. "
        "Name a new folder with --backup.\n"
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "there is no backup in it"),
        ('{"version": 7, "objects": []}', "is not one of ours"),
        ('{"version": 1, "objects": ["../a.json"]}', "names a file elsewhere"),
        ('{"version": 1, "objects": [".."]}', "names a file elsewhere"),
        ('{"version": 1, "objects": [7]}', "names a file elsewhere"),
        ('{"version": 1, "objects": "a"}', "is not one of ours"),
        ('{"version": 1}', "is not one of ours"),
        ('{"version": 1, "objects": ["a.json"]}', "is missing or broken"),
        ('{"version": 1, "objects": ["backup.json"]}', "is missing or broken"),
    ],
)
def test_what_is_no_backup_is_refused(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, fault: str
) -> None:
    (tmp_path / "backup.json").write_text(content, "utf-8")
    capsys.readouterr()
    assert run("rollback", "--from", str(tmp_path)) == 2
    told = capsys.readouterr().err
    assert fault in told
    assert "Name a folder that build.py publish --backup has written." in told
