"""Generated trees that were changed by hand, with a manifest that says so."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from delivery import manifest
from delivery.paths import MANIFEST
from delivery.publish.shipped import Shipped

Json = dict[str, Any]
BOARDS = "grafana/dashboards"


def changed(
    tree: Path,
    target: Path,
    edits: Mapping[str, Callable[[Json], object]] | None = None,
    gone: tuple[str, ...] = (),
) -> Path:
    """A copy in which some JSON files differ and some are gone."""

    def edited(edit: Callable[[Json], object]) -> Callable[[str], str]:
        def rewrite(text: str) -> str:
            document = json.loads(text)
            edit(document)
            return json.dumps(document)

        return rewrite

    return rewritten(
        tree, target, {path: edited(edit) for path, edit in (edits or {}).items()}, gone
    )


def rewritten(
    tree: Path, target: Path, edits: Mapping[str, Callable[[str], str]], gone: tuple[str, ...] = ()
) -> Path:
    """The same for the text of any file."""
    shutil.copytree(tree, target)
    entries = [each for each in _entries(target) if each.path not in gone]
    for path in gone:
        (target / path).unlink()
    for path, rewrite in edits.items():
        (target / path).write_text(
            rewrite((target / path).read_text(encoding="utf-8")), encoding="utf-8"
        )
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


@contextmanager
def read_once(tree: Path) -> Iterator[None]:
    """Within it the tree's files are parsed once: what is broken is the server, not the files."""
    shipped, read = Shipped.read(tree), Shipped.load
    loaded: dict[str, Any] = {}

    def load(_: Shipped, path: str) -> Any:
        if path not in loaded:
            loaded[path] = read(shipped, path)
        return copy.deepcopy(loaded[path])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shipped, "load", load)
        patch.setattr(Shipped, "read", lambda _: shipped)
        yield


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
