from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.errors import UsageError
from delivery.demo import folder as folders
from delivery.demo.folder import Identity, Run, chosen, earlier, held, write

IDENTITY = Identity("harbour", 1, 0.2, (), "3.8")
RUN = Run(IDENTITY, 1_790_000_000.5, {"loki": 15_001}, whole=True)


def test_without_a_name_each_run_has_a_folder_of_its_own() -> None:
    first, second = chosen(None), chosen(None)
    try:
        assert first != second
        assert earlier(first, IDENTITY) == (None, "")
    finally:
        first.rmdir()
        second.rmdir()


def test_what_was_told_goes_on_and_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    write(tmp_path / "d", RUN)
    found, told = earlier(tmp_path / "d", IDENTITY)
    assert found == RUN
    assert told == (
        "d: goes on with the data of an earlier run; of the time between there is none. "
        "--hours, --line-hours and --weeks change nothing."
    )


def test_half_a_history_begins_anew_and_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "d"
    (folder / "loki/data").mkdir(parents=True)
    (folder / "urls.json").write_text("{}")
    write(folder, replace(RUN, whole=False))
    found, told = earlier(folder, IDENTITY)
    assert found is None
    assert told == "d: an earlier run ended before its history was told; begins anew"
    assert list(folder.iterdir()) == []


def test_a_link_in_the_folder_is_removed_and_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "file").write_text("precious")
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "loki").symlink_to(other)
    write(folder, replace(RUN, whole=False))
    earlier(folder, IDENTITY)
    assert (other / "file").read_text() == "precious"


@pytest.mark.parametrize(
    "mark", [None, "", "{}", '{"format": 0}', '{"format": 1, "identity": {"seed": 1}}']
)
def test_what_no_demo_has_made_is_refused_and_left_alone(tmp_path: Path, monkeypatch, mark) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "letters.txt").write_text("dear")
    if mark is not None:
        (folder / folders.MARK).write_text(mark)
    with pytest.raises(UsageError) as caught:
        earlier(folder, IDENTITY)
    assert str(caught.value) == (
        "--data d: is not empty, and holds no demo.json of a demo of this release. "
        "Name an empty folder with --data."
    )
    assert (folder / "letters.txt").read_text() == "dear"


def test_another_world_is_refused_with_all_that_differs(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    write(tmp_path / "d", RUN)
    now = Identity("harbour", 2, 0.2, ("tides",), "3.8")
    with pytest.raises(UsageError) as caught:
        earlier(tmp_path / "d", now)
    assert str(caught.value) == (
        "--data d: it was made by another demo: --seed was 1 and is 2; "
        "--bad-canary was none and is tides. Name another folder."
    )


def test_two_demos_do_not_share_a_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "d"
    with held(folder), pytest.raises(UsageError) as caught, held(folder):
        pass
    assert str(caught.value) == (
        "--data d: another demo runs in this folder. End it, or name another with --data."
    )
    with held(folder):
        pass


def test_a_file_is_no_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f").write_text("")
    with pytest.raises(UsageError) as caught, held(tmp_path / "f"):
        pass
    assert str(caught.value) == "--data f: is a file. Name a folder with --data."


def test_the_mark_is_whole_or_the_old_one(tmp_path: Path) -> None:
    write(tmp_path, replace(RUN, whole=False))
    write(tmp_path, RUN)
    assert [path.name for path in tmp_path.iterdir()] == [folders.MARK]
    assert json.loads((tmp_path / folders.MARK).read_text())["whole"] is True
