"""All files or none, wherever the run is killed; a second run is as if there had been no first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog.errors import UserError
from delivery.newservice.place_files import STAGING, Files, place, take_back
from tests.delivery.kill_harness import arm

OLD = "what was confirmed before\n"


def files_in(root: Path) -> Files:
    return Files(
        root / "catalog/services/billing.yaml",
        "id: billing\n",
        {root / "tests/test_billing.py": "test\n", root / "docs/runbooks/New.md": "# New\n"},
        {root / "docs/confirm.md": "confirm more\n"},
    )


def make(root: Path) -> Path:
    for folder in ("catalog/services", "tests", "docs/runbooks"):
        (root / folder).mkdir(parents=True)
    (root / "docs/confirm.md").write_text(OLD)
    return root / "catalog"


def contents(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file()
    }


def killed(root: Path, point: int) -> bool:
    """Places the files in a child that is killed before its call number ``point``."""
    child = os.fork()
    if child == 0:
        arm(point)
        place(root / "catalog", files_in(root))
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_killed_run_is_taken_back_or_was_finished(tmp_path: Path) -> None:
    point, unfinished = 0, 0
    while True:
        point += 1
        root = tmp_path / str(point)
        make(root)
        before = contents(root)
        if not killed(root, point):
            break
        after = {**before, **{str(k.relative_to(root)): v for k, v in everything(root).items()}}
        unfinished += take_back(root / "catalog")
        assert contents(root) in (before, after), f"killed before call {point}"
        if contents(root) == before:
            place(root / "catalog", files_in(root))
        assert contents(root) == after
    assert point > 10
    assert unfinished > 3


def everything(root: Path) -> dict[Path, str]:
    files = files_in(root)
    return {files.last: files.text, **files.new, **files.replaced}


def test_what_somebody_changed_since_is_left_alone(tmp_path: Path) -> None:
    make(tmp_path)
    point = 1
    while not (tmp_path / "docs/runbooks/New.md").exists():
        take_back(tmp_path / "catalog")
        killed(tmp_path, point)
        point += 1
    (tmp_path / "docs/runbooks/New.md").write_text("mine now\n")
    assert take_back(tmp_path / "catalog")
    assert contents(tmp_path) == {"docs/confirm.md": OLD, "docs/runbooks/New.md": "mine now\n"}


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "tests/test_billing.py").write_text("mine\n")
    before = contents(tmp_path)
    with pytest.raises(UserError) as caught:
        place(tmp_path / "catalog", files_in(tmp_path))
    assert str(caught.value) == (
        f"{tmp_path}/tests/test_billing.py: the file is there already. "
        "Move it away, or choose another --id."
    )
    assert contents(tmp_path) == before


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    before = contents(tmp_path)
    real, calls = os.replace, []

    def failing(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="No space left"):
        place(tmp_path / "catalog", files_in(tmp_path))
    assert contents(tmp_path) == before
    assert not (tmp_path / "catalog" / STAGING).exists()
