from __future__ import annotations

import os
from pathlib import Path

import pytest

from delivery.drift import find_drift
from delivery.write import write_tree

COMMAND = "python build.py"


@pytest.fixture
def out(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "out"


def lines(out: Path, pairs) -> list[str]:
    return [str(problem) for problem in find_drift(out, pairs, COMMAND)]


def test_a_fresh_tree_has_no_drift(out, pair):
    write_tree(out, [pair("a"), pair("b/c")])
    assert lines(out, [pair("a"), pair("b/c")]) == []


def test_each_kind_of_drift_is_one_line_with_its_remedy(out, pair, snapshot):
    write_tree(out, [pair("differs", "old"), pair("missing"), pair("left/over"), pair("same")])
    (out / "missing").unlink()
    (out / "un known").touch()
    before = snapshot(out)
    assert lines(out, [pair("differs", "new"), pair("missing"), pair("same"), pair("new")]) == [
        "out/differs: the file differs from what the sources produce. Run python build.py.",
        "out/left/over: the file is left over: the sources do not produce it. Run python build.py.",
        "out/manifest.json: the file differs from what the sources produce. Run python build.py.",
        "out/missing: the file is missing. Run python build.py.",
        "out/new: the file is missing. Run python build.py.",
        (
            "out/un known: the file is unknown: no build wrote it. "
            "Move it elsewhere, or run rm 'out/un known'."
        ),
    ]
    assert snapshot(out) == before


def test_an_edited_file_is_drift(out, pair):
    write_tree(out, [pair("a", "a")])
    (out / "a").write_text("edited")
    assert lines(out, [pair("a", "a")]) == [
        "out/a: the file differs from what the sources produce. Run python build.py."
    ]


def test_an_owner_that_changed_is_drift(out, pair):
    write_tree(out, [pair("a", owner="one")])
    assert lines(out, [pair("a", owner="two")]) == [
        "out/manifest.json: the file differs from what the sources produce. Run python build.py."
    ]


def test_an_unfinished_build_is_one_finding(out, pair):
    write_tree(out, [pair("a")])
    (out / ".staging").mkdir()
    (out / ".staging/a").touch()
    (out / ".journal").touch()
    assert lines(out, [pair("a")]) == [
        "out: a build of this folder is unfinished (killed, or still running). Run python build.py."
    ]


def test_a_folder_that_is_missing_is_one_finding(out, pair):
    assert lines(out, [pair("a")]) == ["out: the folder is missing. Run python build.py."]
    out.write_text("a file")
    assert lines(out, [pair("a")]) == ["out: the folder is missing. Run python build.py."]


def test_a_linked_folder_is_not_followed(out, pair, tmp_path):
    write_tree(out, [pair("a/b")])
    (out / "a").rename(tmp_path / "a")
    (out / "a").symlink_to(tmp_path / "a")
    assert lines(out, [pair("a/b")]) == [
        "out/a: the file is unknown: no build wrote it. Move it elsewhere, or run rm out/a.",
        "out/a/b: a is a symbolic link, not a folder. Run python build.py.",
    ]


def test_any_name_is_one_line(out, pair):
    write_tree(out, [])
    Path(os.fsdecode(os.fsencode(out) + b"/a\n\xff")).touch()
    (finding,) = lines(out, [])
    assert finding == (
        "out/a\\n\\udcff: the file is unknown: no build wrote it. "
        "Move it elsewhere, or run rm 'out/a\\n\\udcff'."
    )
