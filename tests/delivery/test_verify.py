from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import TreeError
from delivery.verify import verify_tree
from delivery.write import write_tree


@pytest.fixture
def out(tmp_path, pair) -> Path:
    write_tree(tmp_path / "out", [pair("a", "a"), pair("b/c", "c")])
    return tmp_path / "out"


def complaint(out: Path) -> list[str]:
    with pytest.raises(TreeError) as caught:
        verify_tree(out)
    assert caught.value.exit_status == 1
    return str(caught.value).splitlines()


def test_a_finished_tree_is_believed(out):
    assert [entry.path for entry in verify_tree(out)] == ["a", "b/c"]


def test_every_file_that_is_not_as_listed_is_named(out):
    (out / "a").write_text("edited")
    (out / "b/c").unlink()
    remedy = f"Run python build.py --out {out}."
    assert complaint(out) == [
        f"{out}/a: the file is not what the manifest says. {remedy}",
        f"{out}/b/c: the manifest lists this file, and it is missing. {remedy}",
    ]


@pytest.mark.parametrize("name", [".journal", ".staging"])
def test_an_unfinished_build_is_told(out, name):
    (out / name).touch()
    assert complaint(out) == [
        (
            f"{out}: a build of this folder is unfinished (killed, or still running). "
            f"Run python build.py --out {out}."
        )
    ]


@pytest.mark.parametrize("folder", ["out", "nowhere"])
def test_a_folder_without_a_manifest_is_no_tree(out, folder):
    (out / "manifest.json").unlink()
    out = out.parent / folder
    assert complaint(out) == [
        (
            f"{out}/manifest.json: there is no manifest: no build made this folder. "
            f"Run python build.py --out {out}."
        )
    ]


def test_a_tampered_manifest_is_not_followed(out):
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"][0]["path"] = "/etc/passwd"
    (out / "manifest.json").write_text(json.dumps(manifest))
    assert complaint(out) == [
        (
            f"{out}/manifest.json: the manifest cannot be used: it lists '/etc/passwd': "
            f"the path is absolute. Run python build.py --out {out}."
        )
    ]


def test_a_linked_folder_is_not_followed(out):
    (out / "b").rename(out.parent / "b")
    (out / "b").symlink_to(out.parent / "b")
    assert complaint(out) == [
        (
            f"{out}/b/c: the manifest lists this file under b, which is a symbolic link. "
            f"Remove the link. Run python build.py --out {out}."
        )
    ]


def test_a_file_nobody_lists_is_the_drift_checks_business(out):
    (out / "mine").touch()
    assert len(verify_tree(out)) == 2


def test_the_default_folder_is_named_shortly(out, monkeypatch):
    monkeypatch.setattr("delivery.places.DEFAULT_OUT", out)
    monkeypatch.chdir(out.parent)
    (out / "a").unlink()
    assert complaint(out) == [
        "out/a: the manifest lists this file, and it is missing. Run python build.py."
    ]
