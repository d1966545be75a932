"""generated/ is committed, and it is what the sources produce, on any machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from delivery.verify import verify_tree


def build(root: Path, *arguments: str | Path, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, root / "build.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_the_committed_tree_is_what_the_sources_produce(root):
    done = build(root, "drift", cwd=root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def trees(root, tmp_path_factory) -> list[Path]:
    """Two builds that differ in all that two machines may differ in."""
    work = tmp_path_factory.mktemp("trees")
    built = []
    for seed, language, zone, umask, folder in (
        ("0", "C", "UTC", 0o022, root),
        ("4711", "POSIX", "Asia/Tokyo", 0o077, work),
    ):
        out = work / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": language, "TZ": zone}
        # No UTF-8 mode: a file that is opened without saying its encoding must not go unseen.
        environment |= {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        done = build(root, "--out", out, cwd=folder, env=environment, umask=umask)
        assert done.returncode == 0, done.stderr
        built.append(out)
    return built


def test_two_machines_make_the_same_bytes(trees):
    first, second = (
        {
            path.relative_to(tree).as_posix(): (path.stat().st_mode, path.read_bytes())
            for path in tree.rglob("*")
            if path.is_file()
        }
        for tree in trees
    )
    assert first == second
    assert len(first) == len(verify_tree(trees[0])) + 1


def test_every_file_is_utf8_with_unix_line_ends(trees):
    for entry in verify_tree(trees[0]):
        data = (trees[0] / entry.path).read_bytes()
        assert data.decode().endswith("\n"), entry.path
        assert b"\r" not in data, entry.path
