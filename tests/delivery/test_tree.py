from __future__ import annotations

import os

import pytest

from delivery import tree


def test_only_regular_files_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    names = ["file", "folder", "link", "pipe", "missing", "file/below"]
    found = {name: tree.read_regular(tmp_path / name) for name in names}
    assert found == {**dict.fromkeys(names), "file": b"text"}


def test_a_new_file_never_overwrites(tmp_path):
    (tmp_path / "file").write_bytes(b"text")
    with pytest.raises(FileExistsError):
        tree.write_new(tmp_path / "file", b"new")


def test_a_write_that_is_cut_short_goes_on(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, bytes(data)[:3]))
    tree.write_new(tmp_path / "file", b"0123456789")
    assert (tmp_path / "file").read_bytes() == b"0123456789"


def test_a_folder_is_removed_and_a_link_is_not_followed(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("link", "dangling", "missing"):
        tree.remove_folder(tmp_path / name)
    assert sorted(os.listdir(tmp_path)) == ["outside"]
    tree.remove_folder(tmp_path / "outside")
    assert os.listdir(tmp_path) == []


def test_a_file_is_removed_and_nothing_else(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    paths = ["link/file", "a", "missing", "a/file/below", "a/file", "link"]
    removed = [tree.remove_file(tmp_path, path) for path in paths]
    assert removed == [False, False, False, False, True, True]
    assert os.listdir(tmp_path) == ["a"]


def test_only_empty_parents_go(tmp_path):
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "a/file").touch()
    tree.remove_empty_parents(tmp_path, "a/b/c/d/gone")
    assert sorted(os.listdir(tmp_path / "a")) == ["file"]


def test_everything_but_folders_is_walked_in_order(tmp_path):
    (tmp_path / "b/c").mkdir(parents=True)
    (tmp_path / "b/c/2").touch()
    (tmp_path / "b/1").touch()
    (tmp_path / "a").symlink_to(tmp_path / "b")
    assert list(tree.walk_files(tmp_path)) == ["a", "b/1", "b/c/2"]
