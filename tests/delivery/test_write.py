from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.artifact import Artifact
from catalog.errors import CatalogError, UsageError, UserError
from delivery import places
from delivery.verify import verify_tree
from delivery.write import WriteReport, write_tree


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def test_the_first_build_writes_everything(out, pair, snapshot):
    report = write_tree(out, [pair("b/c.txt", "c"), pair("a.txt", "a")])
    assert report == WriteReport(written=2, unchanged=0, removed=0)
    assert report.total == 2
    found = snapshot(out)
    manifest = found.pop("manifest.json")
    assert found == {"a.txt": b"a", "b": None, "b/c.txt": b"c"}
    assert json.loads(manifest) == {
        "version": 1,
        "suppressions": [],
        "files": [
            {
                "path": path,
                "sha256": hashlib.sha256(text).hexdigest(),
                "kind": "provisioning",
                "uid": None,
                "owner": "platform",
            }
            for path, text in (("a.txt", b"a"), ("b/c.txt", b"c"))
        ],
    }


def test_unchanged_files_are_not_touched(out, pair):
    write_tree(out, [pair("a", "a"), pair("b", "b")])
    for name in ("a", "b", "manifest.json"):
        os.utime(out / name, (1, 1))
    before = (out / "a").stat().st_ino, (out / "a").stat().st_ctime_ns
    report = write_tree(out, [pair("a", "a"), pair("b", "new")])
    assert report == WriteReport(written=1, unchanged=1, removed=0)
    assert ((out / "a").stat().st_ino, (out / "a").stat().st_ctime_ns) == before
    assert (out / "a").stat().st_mtime == 1
    assert (out / "b").stat().st_mtime > 1
    assert (out / "b").read_text() == "new"
    assert (out / "manifest.json").stat().st_mtime > 1


def test_a_second_equal_build_touches_nothing(out, pair):
    write_tree(out, [pair("a/b", "a")])
    paths = [out, out / "a", out / "a/b", out / "manifest.json"]
    for path in paths[1:]:
        os.utime(path, (1, 1))
    assert write_tree(out, [pair("a/b", "a")]) == WriteReport(0, 1, 0)
    assert [path.stat().st_mtime for path in paths[1:]] == [1, 1, 1]


def test_leftovers_go_with_their_empty_folders(out, pair, snapshot):
    write_tree(out, [pair("a"), pair("gone/deep/b"), pair("kept/c"), pair("kept/d")])
    report = write_tree(out, [pair("a"), pair("kept/c")])
    assert report == WriteReport(written=0, unchanged=2, removed=2)
    assert set(snapshot(out)) == {"a", "kept", "kept/c", "manifest.json"}


def test_a_file_becomes_a_folder_and_back(out, pair, snapshot):
    write_tree(out, [pair("x", "file"), pair("y/z/1", "1")])
    write_tree(out, [pair("x/a/b", "b"), pair("y", "file")])
    assert set(snapshot(out)) == {"manifest.json", "x", "x/a", "x/a/b", "y"}
    write_tree(out, [pair("x", "file"), pair("y/z/1", "1")])
    assert set(snapshot(out)) == {"manifest.json", "x", "y", "y/z", "y/z/1"}


def test_a_file_that_no_build_wrote_stays(out, pair, snapshot):
    write_tree(out, [pair("a/b")])
    (out / "a/mine.txt").write_text("mine")
    assert write_tree(out, [pair("c")]) == WriteReport(written=1, unchanged=0, removed=1)
    assert set(snapshot(out)) == {"a", "a/mine.txt", "c", "manifest.json"}


def test_an_edited_file_is_written_again(out, pair):
    write_tree(out, [pair("a", "a")])
    (out / "a").write_text("edited")
    assert write_tree(out, [pair("a", "a")]) == WriteReport(written=1, unchanged=0, removed=0)
    assert (out / "a").read_text() == "a"


def test_a_link_or_a_pipe_in_place_of_a_file_is_replaced(out, pair, tmp_path):
    write_tree(out, [pair("link", "a"), pair("pipe", "b")])
    outside = tmp_path / "outside"
    outside.write_text("a")
    for name in ("link", "pipe"):
        (out / name).unlink()
    (out / "link").symlink_to(outside)
    os.mkfifo(out / "pipe")
    assert write_tree(out, [pair("link", "new"), pair("pipe", "b")]).written == 2
    assert outside.read_text() == "a"
    assert (out / "link").read_text() == "new"
    assert not (out / "link").is_symlink()
    verify_tree(out)


def test_a_generator_that_fails_leaves_the_tree_alone(out, pair, snapshot):
    write_tree(out, [pair("a", "old")])
    before = snapshot(out)

    def failing():
        yield pair("a", "new")
        raise CatalogError

    with pytest.raises(CatalogError):
        write_tree(out, failing())
    assert snapshot(out) == before


def test_folders_made_for_a_build_that_fails_go(tmp_path):
    def failing():
        raise CatalogError
        yield

    with pytest.raises(CatalogError):
        write_tree(tmp_path / "made/for/nothing", failing())
    assert list(tmp_path.iterdir()) == []


def test_the_check_sees_the_whole_staged_tree_and_can_refuse_it(out, pair, snapshot):
    write_tree(out, [pair("a", "old")])
    before = snapshot(out)
    seen = {}

    def check(staged):
        seen.update(snapshot(staged))
        assert len(verify_tree(staged)) == 2
        raise UserError

    with pytest.raises(UserError):
        write_tree(out, [pair("a", "new"), pair("b/c", "c")], check=check)
    assert set(seen) == {"a", "b", "b/c", "manifest.json"}
    assert seen["a"] == b"new"
    assert snapshot(out) == before


def test_modes_do_not_depend_on_the_umask(out, pair, modes):
    before = os.umask(0o077)
    try:
        write_tree(out, [pair("a/b")])
    finally:
        os.umask(before)
    assert modes(out) == {".": "0o755", "a": "0o755", "a/b": "0o644", "manifest.json": "0o644"}


def test_a_checkout_that_others_cannot_read_is_opened_to_them(out, pair, modes):
    write_tree(out, [pair("a/b")])
    (out / "a/b").chmod(0o600)
    (out / "a").chmod(0o700)
    os.utime(out / "a/b", (1, 1))
    assert write_tree(out, [pair("a/b")]) == WriteReport(0, 1, 0)
    assert modes(out) == {".": "0o755", "a": "0o755", "a/b": "0o644", "manifest.json": "0o644"}
    assert (out / "a/b").stat().st_mtime == 1


def test_the_writer_refuses_a_path_that_leaves_the_folder(out):
    pair = (Artifact("../a", "", "provisioning", "platform"), b"")
    with pytest.raises(CatalogError) as caught:
        write_tree(out, [pair])
    assert str(caught.value) == (
        "../a: the path contains an empty, '.' or '..' segment. Mend the generator that makes it."
    )
    assert not out.exists()


def remedy(out: Path) -> str:
    return f"Move it away, then run python build.py --out {out}."


def test_nothing_is_written_through_a_linked_folder(out, pair, tmp_path, snapshot):
    write_tree(out, [pair("a/b", "old"), pair("c", "old")])
    outside = tmp_path / "outside"
    (out / "a").rename(outside)
    (out / "a").symlink_to(outside)
    with pytest.raises(UserError) as caught:
        write_tree(out, [pair("a/b", "new"), pair("c", "new")])
    assert str(caught.value) == (
        f"{out}/a: a symbolic link is where a folder must be. {remedy(out)}"
    )
    assert snapshot(outside) == {"b": b"old"}
    assert (out / "c").read_text() == "old"


def test_nothing_is_removed_through_a_linked_folder(out, pair, tmp_path, snapshot):
    write_tree(out, [pair("a/b", "old")])
    outside = tmp_path / "outside"
    (out / "a").rename(outside)
    (out / "a").symlink_to(outside)
    assert write_tree(out, [pair("c")]).removed == 0
    assert snapshot(outside) == {"b": b"old"}


def test_a_foreign_file_or_folder_in_the_way_is_named_before_anything_changes(out, pair, snapshot):
    write_tree(out, [pair("a", "old")])
    (out / "file").write_text("mine")
    (out / "folder").mkdir()
    (out / "folder/mine").write_text("mine")
    before = snapshot(out)
    with pytest.raises(UserError) as caught:
        write_tree(out, [pair("a", "new"), pair("file/x"), pair("file/y"), pair("folder")])
    assert str(caught.value).splitlines() == [
        f"{out}/file: a file is where a folder must be. {remedy(out)}",
        f"{out}/folder: a folder is where a file must be. {remedy(out)}",
    ]
    assert snapshot(out) == before


@pytest.mark.parametrize("name", [".staging", ".journal", "manifest.json"])
def test_a_link_in_place_of_our_own_files_is_not_followed(out, pair, tmp_path, name):
    write_tree(out, [pair("a", "old")])
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("theirs")
    (out / name).unlink(missing_ok=True)
    (out / name).symlink_to(outside if name == ".staging" else outside / "file")
    places_default = places.DEFAULT_OUT
    try:
        places.DEFAULT_OUT = out
        if name == ".journal":
            with pytest.raises(UserError, match=r"\.journal: cannot write: Too many levels"):
                write_tree(out, [pair("a", "new")])
        else:
            write_tree(out, [pair("a", "new")])
    finally:
        places.DEFAULT_OUT = places_default
    assert (outside / "file").read_text() == "theirs"


def test_a_tampered_manifest_or_journal_reaches_nothing_outside(out, pair, tmp_path, monkeypatch):
    victim = tmp_path / "victim"
    victim.write_text("theirs")
    digest = hashlib.sha256(b"theirs").hexdigest()
    write_tree(out, [pair("a")])
    manifest = json.loads((out / "manifest.json").read_text())
    for path in ("../victim", str(victim), "a/../../victim"):
        manifest["files"].append({**manifest["files"][0], "path": path, "sha256": digest})
    (out / "manifest.json").write_text(json.dumps(manifest))
    lines = [{"path": path, "sha256": digest} for path in ("../victim", str(victim))]
    (out / ".journal").write_text("\n".join(json.dumps(line) for line in lines))
    monkeypatch.setattr(places, "DEFAULT_OUT", out)
    write_tree(out, [pair("a")])
    assert victim.read_text() == "theirs"
    assert len(verify_tree(out)) == 1


def test_the_journal_removes_only_what_a_build_wrote(out, pair):
    """A killed build had announced both files and written one; the other is a person's."""
    write_tree(out, [pair("a")])
    (out / "ours").write_text("announced")
    (out / "theirs").write_text("not as announced")
    digest = hashlib.sha256(b"announced").hexdigest()
    lines = [json.dumps({"path": path, "sha256": digest}) for path in ("ours", "theirs")]
    (out / ".journal").write_text("\n".join([*lines, '{"path": "torn', "[" * 9999, "1", "{}"]))
    assert write_tree(out, [pair("a")]) == WriteReport(written=0, unchanged=1, removed=1)
    assert not (out / "ours").exists()
    assert (out / "theirs").exists()
    verify_tree(out)


@pytest.mark.parametrize(
    ("number", "fault", "advice"),
    [
        (errno.ENOSPC, "No space left on device", "Free some space on that disk"),
        (errno.EDQUOT, "Disk quota exceeded", "Free some of your quota on that disk"),
        (errno.EIO, "Input/output error", "Mend that"),
    ],
)
def test_a_full_disk_is_one_problem_and_leaves_the_old_tree(
    out, pair, snapshot, monkeypatch, number, fault, advice
):
    write_tree(out, [pair("a", "old")])
    before = snapshot(out)

    def full(fd, data):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(UserError) as caught:
            write_tree(out, [pair("a", "new"), pair("b", "new")])
    assert str(caught.value) == (
        f"{out}: cannot write: {fault}. {advice}, then run python build.py --out {out}."
    )
    assert snapshot(out) == before


@pytest.mark.parametrize("locked", [".", "sub"])
def test_a_missing_right_is_one_problem_and_leaves_the_old_tree(
    unprivileged, pair, snapshot, locked
):
    out = unprivileged / "out"
    write_tree(out, [pair("a", "old"), pair("sub/b", "old")])
    before = snapshot(out)
    (out / locked).chmod(0o555)
    with pytest.raises(UserError) as caught:
        write_tree(out, [pair("a", "new"), pair("sub/b", "new")])
    (out / locked).chmod(0o755)
    place = out / (".staging" if locked == "." else "sub")
    assert str(caught.value) == (
        f"{place}: cannot write: Permission denied. Give yourself the right to write there, "
        f"or choose another folder with --out, then run python build.py --out {out}."
    )
    assert snapshot(out) == before


def test_a_failure_during_the_commit_is_finished_by_the_next_build(out, pair, monkeypatch):
    write_tree(out, [pair("a", "old"), pair("b", "old")])
    replace = os.replace

    def failing(source, target):
        if Path(target).name == "b":
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(source), None, str(target))
        replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", failing)
        with pytest.raises(UserError) as caught:
            write_tree(out, [pair("a", "new"), pair("b", "new")])
    command = f"python build.py --out {out}"
    assert str(caught.value) == (
        f"{out}/b: cannot write: Input/output error. Mend that, then run {command}."
    )
    assert sorted(os.listdir(out)) == [".journal", "a", "b", "manifest.json"]
    # The first file is there already.
    assert write_tree(out, [pair("a", "new"), pair("b", "new")]) == WriteReport(1, 1, 0)
    verify_tree(out)


def test_a_build_killed_at_any_moment_is_noticed_and_finished(tmp_path, root):
    harness = Path(__file__).parent / "kill_harness.py"
    done = subprocess.run(
        [sys.executable, harness, tmp_path],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["complaints"] == []
    assert report["points"] > 100


BUILD = """
import sys, time
from pathlib import Path
from catalog.artifact import Artifact
from delivery.write import write_tree
name = sys.argv[2]
def pairs():
    for number in range(20):
        time.sleep(0.005)
        text = f"{name} {number}"
        yield Artifact(f"{name}/{number}", text, "provisioning", "platform"), text.encode()
print(write_tree(Path(sys.argv[1]), pairs()))
"""


def test_builds_at_the_same_time_wait_for_each_other(out, root, snapshot):
    builds = [
        subprocess.Popen(
            [sys.executable, "-c", BUILD, out, name],
            env={**os.environ, "PYTHONPATH": str(root)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two", "three")
    ]
    reports = [build.communicate()[0] for build in builds]
    assert [build.returncode for build in builds] == [0, 0, 0]
    removed = sorted(report.split("removed=")[1] for report in reports)
    assert removed == ["0)\n", "20)\n", "20)\n"]
    (last,) = {path.split("/")[0] for path in snapshot(out)} - {"manifest.json"}
    assert len(verify_tree(out)) == 20
    assert set(snapshot(out)) == {"manifest.json", last, *(f"{last}/{n}" for n in range(20))}


SCRIPT = """
import os, sys
os.umask(int(sys.argv[2], 8))
from pathlib import Path
from catalog.artifact import Artifact
from delivery.render import distinct, encode
from delivery.write import write_tree
content = {"b": [1.5, None, True], "ΣLANG": {name: name for name in "xyz"}, "a": "on\\nΣ\\n"}
paths = ["c.json", "a/b.yaml", "a/d.yml"]
made = (Artifact(path, content, "dashboard", "platform") for path in paths)
write_tree(Path(sys.argv[1]), ((each, encode(each)) for each in distinct(made)))
"""


def test_the_tree_is_the_same_bytes_everywhere(tmp_path, root, snapshot):
    """Two processes that differ in all that a machine may differ in."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    trees = []
    for number, (seed, language, zone, umask, folder) in enumerate(
        [("0", "C", "UTC", "022", root), ("4711", "POSIX", "Asia/Tokyo", "077", tmp_path)]
    ):
        out = tmp_path / str(number)
        environment = {"PYTHONHASHSEED": seed, "LC_ALL": language, "TZ": zone}
        subprocess.run(
            [sys.executable, "-X", "utf8=0", script, out, umask],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root), **environment},
            cwd=folder,
            check=True,
        )
        trees.append(snapshot(out))
    assert trees[0] == trees[1]
    assert set(trees[0]) == {"a", "a/b.yaml", "a/d.yml", "c.json", "manifest.json"}


def test_a_locked_folder_is_told_after_the_wait(out, pair):
    def meanwhile():
        with pytest.raises(UserError) as caught:
            write_tree(out, [pair("b")], wait=0)
        assert str(caught.value) == (
            f"{out}: another build has been writing this folder for more than 0 s. "
            "Wait until it is done, or end it, and try again."
        )
        yield pair("a")

    write_tree(out, meanwhile())
    assert [entry.path for entry in verify_tree(out)] == ["a"]


def refused(out: Path, fault: str) -> str:
    return f"{out}: {fault}. Choose a new or an empty folder with --out."


def test_folders_that_are_not_ours_are_refused(tmp_path, pair, monkeypatch, snapshot):
    monkeypatch.setenv("HOME", str(tmp_path))
    never = "this folder is not one to generate files into"
    for out in (Path("/"), tmp_path):
        with pytest.raises(UsageError) as caught:
            write_tree(out, [pair("a")])
        assert str(caught.value) == refused(out, never)
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file/below"):
        with pytest.raises(UsageError) as caught:
            write_tree(out, [pair("a")])
        fault = "a file is where the output folder must be"
        assert str(caught.value) == refused(tmp_path / "file", fault)
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine").write_text("mine")
    with pytest.raises(UsageError) as caught:
        write_tree(other, [pair("a")])
    fault = "the folder is not empty and was not made by build.py (it has no manifest.json)"
    assert str(caught.value) == refused(other, fault)
    (other / "manifest.json").write_text('{"name": "An app", "icons": []}')
    with pytest.raises(UsageError) as caught:
        write_tree(other, [pair("a")])
    fault = "the folder is not empty and its manifest.json is not one of build.py's: "
    assert str(caught.value) == refused(other, fault + "it has no list of files")
    assert set(snapshot(tmp_path)) == {"file", "other", "other/mine", "other/manifest.json"}


def test_the_default_folder_is_ours_even_with_a_merge_conflict_in_it(out, pair, monkeypatch):
    write_tree(out, [pair("a")])
    (out / "manifest.json").write_text("<<<<<<< ours\n")
    monkeypatch.setattr(places, "DEFAULT_OUT", out)
    write_tree(out, [pair("a")])
    verify_tree(out)


def test_an_empty_folder_is_taken(out, pair):
    out.mkdir()
    assert write_tree(out, [pair("a")]).written == 1


def test_a_link_to_the_folder_is_followed(out, pair, tmp_path):
    link = tmp_path / "link"
    out.mkdir()
    link.symlink_to(out)
    write_tree(link, [pair("a")])
    assert (out / "a").exists()
