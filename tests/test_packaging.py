"""What pyproject.toml, the lock file and the Makefile say is what the repository holds."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock(root) -> str:
    return (root / "requirements.lock").read_text(encoding="utf-8")


def test_every_package_is_listed(root, project):
    outside = {"tests", "docs", "examples", "build", "dist", "generated", "node_modules"}
    found = {
        ".".join(path.parent.relative_to(root).parts)
        for path in root.rglob("*.py")
        if path.parent != root
        and not {part for part in path.relative_to(root).parts if part.startswith(".")}
        and path.relative_to(root).parts[0] not in outside
    }
    # simulate/ may still be empty: a listed package needs no module yet.
    assert found - set(project["tool"]["setuptools"]["packages"]) == set()


def test_listed_packages_exist(root, project):
    packages = project["tool"]["setuptools"]["packages"]
    assert [name for name in packages if not (root / name.replace(".", "/")).is_dir()] == []
    assert packages == sorted(packages)


def test_the_lock_pins_and_hashes_everything_that_is_asked_for(project, lock):
    asked = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["dev"],
    ]
    names = {re.split("[<>=]", requirement)[0].lower() for requirement in asked}
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE))
    assert names - pinned == set()
    blocks = re.split(r"^(?=[a-z0-9._-]+==)", lock, flags=re.MULTILINE)[1:]
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_lock_names_no_host_and_how_to_renew_it(lock):
    assert not re.search(r"://|--(extra-)?index|--find-links", lock)
    assert lock.splitlines()[1].endswith("then run make lock.")


def test_every_make_target_is_explained(root):
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) - {"venv"}
    done = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True)
    explained = set(re.findall(r"^make ([a-z]+) +\S", done.stdout, re.MULTILINE))
    assert explained == targets
    assert {"build", "test", "live", "bench", "lint", "format", "lock", "golden"} <= targets


def test_make_refuses_an_old_python_by_name(root, tmp_path):
    old = tmp_path / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.9.2\nexit 1\n')
    old.chmod(0o755)
    (tmp_path / "Makefile").write_text((root / "Makefile").read_text(encoding="utf-8"))
    (tmp_path / "requirements.lock").touch()
    for name, fault in (
        (str(old), f"{old} is Python 3.9.2, and Python 3.11 or newer is needed. Name one"),
        ("no-python", "no-python is not on the PATH. Install Python 3.11 or newer, or name one"),
    ):
        done = subprocess.run(
            ["make", "venv", f"PYTHON={name}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert f"make: {fault}: make PYTHON=/path/to/python3.\n" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_ci_script_is_sound_and_runs_the_tests(root):
    script = root / ".ci/run"
    subprocess.run(["bash", "-n", script], check=True)
    assert script.stat().st_mode & 0o111
    assert script.read_text(encoding="utf-8").rstrip().endswith("\nmake live")
    assert "\nmake test\n" in script.read_text(encoding="utf-8")
