"""Generated trees that were changed by hand, with a manifest that says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from delivery import manifest
from delivery.paths import MANIFEST

Json = dict[str, Any]
BOARDS = "grafana/dashboards"


def changed(
    tree: Path,
    target: Path,
    edits: Mapping[str, Callable[[Json], object]] | None = None,
    gone: tuple[str, ...] = (),
) -> Path:
    """A copy in which some JSON files differ and some are gone."""
    shutil.copytree(tree, target)
    entries = [each for each in _entries(target) if each.path not in gone]
    for path in gone:
        (target / path).unlink()
    for path, edit in (edits or {}).items():
        document = json.loads((target / path).read_text(encoding="utf-8"))
        edit(document)
        (target / path).write_text(json.dumps(document), encoding="utf-8")
    _finish(target, entries)
    return target


def with_boards(tree: Path, target: Path, count: int, panels: int = 6) -> Path:
    """A copy whose dashboards are so many small ones, all in the folder of the first."""
    shutil.copytree(tree, target)
    entries = _entries(target)
    first, *_ = [each for each in entries if each.kind == "dashboard"]
    model = json.loads((target / first.path).read_text(encoding="utf-8"))
    kept = [each for each in entries if each.kind != "dashboard"]
    for number in range(count):
        uid = f"{model['uid'].split('-')[0]}-many-{number:05}"
        board = {**model, "uid": uid, "title": f"Many {number:05}"}
        board["panels"] = model["panels"][:panels]
        path = f"{first.path.rpartition('/')[0]}/{uid}.json"
        (target / path).write_text(json.dumps(board), encoding="utf-8")
        kept.append(replace(first, path=path, uid=uid))
    for each in entries:
        if each.kind == "dashboard":
            (target / each.path).unlink()
    _finish(target, kept)
    return target


def board_files(tree: Path) -> dict[str, str]:
    """The path of each dashboard by its uid."""
    return {
        json.loads((tree / each.path).read_text(encoding="utf-8"))["uid"]: each.path
        for each in _entries(tree)
        if each.kind == "dashboard"
    }


def _entries(tree: Path) -> list[manifest.Entry]:
    return list(manifest.decode((tree / MANIFEST).read_bytes()))


def _finish(tree: Path, entries: list[manifest.Entry]) -> None:
    fresh = [
        replace(each, sha256=manifest.sha256((tree / each.path).read_bytes())) for each in entries
    ]
    (tree / MANIFEST).write_bytes(manifest.encode(fresh))
