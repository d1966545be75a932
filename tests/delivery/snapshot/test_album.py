"""The folder of pictures: its names, its index, and what a killed run leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import UsageError
from delivery.snapshot import album
from delivery.snapshot.wish import Film, Look, Wish
from delivery.snapshot.written import finish
from tests.delivery.snapshot.made import fault, seen, shot

WISH = Wish(Look(1600, "dark"), Film("png", 1.0, 0), None, None, 90)
LIGHT = Wish(Look(1600, "light"), Film("png", 1.0, 0), None, None, 90)


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def taken(folder: Path, *uids: str) -> list:
    for uid in uids:
        album.write(folder, f"logs/{uid}.png", uid.encode())
    return [shot(uid) for uid in uids]


def test_what_is_written_is_read_again():
    made = shot("a", seen(1), seen(2), findings=(fault(excuse="why"), fault()), service="x")
    assert made.subject.name == "logs/a-x"
    index = json.loads(album.index([made], {"width": 1600}))
    assert [each["fault"] for each in index["shots"][0]["findings"]] == [False, True]


def test_the_index_is_the_same_whatever_the_order(tmp_path):
    one, two = shot("a", seen(1)), shot("b", service="x")
    assert album.index([one, two], {}) == album.index([two, one], {})
    album.write(tmp_path, album.INDEX, album.index([one, two], {"width": 1}).encode())
    assert album.read(tmp_path) == ({"logs/a": one, "logs/b-x": two}, {"width": 1})


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path):
    album.write(tmp_path, "a/b.png", b"old")
    # What a run that was killed has left under this process' number.
    import os

    (tmp_path / "a" / f".b.png.{os.getpid()}").write_bytes(b"half")
    album.write(tmp_path, "a/b.png", b"new")
    assert files(tmp_path) == ["a/b.png"]
    assert (tmp_path / "a/b.png").read_bytes() == b"new"


def test_a_whole_run_removes_what_is_gone_and_nothing_of_others(tmp_path):
    finish(tmp_path, taken(tmp_path, "a", "b"), WISH, whole=True)
    album.write(tmp_path, "logs/mine.png", b"")
    finish(tmp_path, taken(tmp_path, "a"), WISH, whole=True)
    assert files(tmp_path) == ["logs/a.png", "logs/mine.png", "snapshot.json"]


def test_a_run_for_one_dashboard_keeps_the_others(tmp_path):
    finish(tmp_path, taken(tmp_path, "a", "b"), WISH, whole=True)
    finish(tmp_path, taken(tmp_path, "a"), WISH, whole=False)
    found = album.read(tmp_path)
    assert found is not None
    assert sorted(found[0]) == ["logs/a", "logs/b"]


def test_pictures_of_another_look_are_not_mixed(tmp_path):
    finish(tmp_path, taken(tmp_path, "a", "b"), WISH, whole=True)
    finish(tmp_path, taken(tmp_path, "a"), LIGHT, whole=False)
    assert files(tmp_path) == ["logs/a.png", "snapshot.json"]


def test_how_long_was_waited_is_no_look(tmp_path):
    finish(tmp_path, taken(tmp_path, "a", "b"), WISH, whole=True)
    patient = Wish(WISH.look, WISH.film, None, None, 600)
    finish(tmp_path, taken(tmp_path, "a"), patient, whole=False)
    assert files(tmp_path) == ["logs/a.png", "logs/b.png", "snapshot.json"]


def test_a_folder_without_an_index_has_no_pictures(tmp_path):
    assert album.read(tmp_path / "none") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda index: "{",
        lambda index: json.dumps({**index, "version": 2}),
        lambda index: json.dumps({"version": 1, "look": {}}),
        lambda index: json.dumps({**index, "shots": [{**index["shots"][0], "file": "../x"}]}),
        lambda index: json.dumps({**index, "shots": [{**index["shots"][0], "panels": [1]}]}),
    ],
)
def test_an_index_that_is_none_is_refused(tmp_path, monkeypatch, damage):
    monkeypatch.chdir(tmp_path)
    text = damage(json.loads(album.index([shot("a", seen(1))], {})))
    album.write(tmp_path, album.INDEX, text.encode())
    with pytest.raises(UsageError) as error:
        album.read(tmp_path)
    said = "is not an index of pictures. Take them again with python build.py snapshot --out."
    assert str(error.value) == f"snapshot.json: {said}"
