"""Puts the files of a new service in their places: all of them, or none.

They are first written to a folder beside the catalog's own, together with what they replace and a
list of what is about to be done. The service's own file goes last: once it is there, the service
is. Whoever finds the folder later finds a run that was killed, and takes back what that run had
placed, unless it had come to the end. A file that somebody has changed since is left alone.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import Problem, UserError
from delivery import tree
from delivery.places import display

#: Below the catalog's folder; the loader reads no hidden file.
STAGING = ".new-service"
_JOURNAL = "journal.json"


@dataclass(frozen=True, slots=True)
class Files:
    """What is written: new files, files that are replaced, and the one that comes last."""

    last: Path
    text: str
    new: Mapping[Path, str]
    replaced: Mapping[Path, str]


def place(catalog: Path, files: Files) -> None:
    """Writes all files; the caller holds the lock on the catalog's folder.

    :raises UserError: a new file is there already.
    """
    take_back(catalog)
    for path in (files.last, *files.new):
        if os.path.lexists(path):
            fault = "the file is there already"
            raise UserError(Problem(display(path), fault, "Move it away, or choose another --id"))
    texts = {**files.new, **files.replaced, files.last: files.text}
    staging = catalog / STAGING
    tree.make_folder(staging)
    entries: list[dict[str, Any]] = []
    try:
        for index, (path, text) in enumerate(texts.items()):
            old = tree.read_regular(path) if path in files.replaced else None
            if old is not None:
                tree.write_new(staging / f"{index}.old", old)
            tree.write_new(staging / f"{index}.new", text.encode())
            entries.append(
                {
                    "path": str(path.resolve()),
                    "sha256": _sha256(text.encode()),
                    "old": old is not None,
                }
            )
        _write_journal(staging, entries)
        for index, path in enumerate(texts):
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(staging / f"{index}.new", path)
    except BaseException:
        take_back(catalog)
        raise
    tree.remove_folder(staging)


def take_back(catalog: Path) -> bool:
    """Undoes what a killed run had placed; False if there was none, or it was finished."""
    staging = catalog / STAGING
    if not os.path.lexists(staging):
        return False
    entries = _journal(staging)
    finished = bool(entries) and _is_placed(entries[-1])
    for index, entry in enumerate(entries):
        if finished or not _is_placed(entry):
            continue
        path = Path(entry["path"])
        if entry["old"]:
            os.replace(staging / f"{index}.old", path)
        else:
            path.unlink()
    tree.remove_folder(staging)
    return bool(entries) and not finished


def _is_placed(entry: Mapping[str, Any]) -> bool:
    data = tree.read_regular(Path(entry["path"]))
    return data is not None and _sha256(data) == entry["sha256"]


def _write_journal(staging: Path, entries: list[dict[str, Any]]) -> None:
    """In one step, and safely on the disk before anything is placed."""
    draft = staging / "journal.draft"
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        tree.write_all(fd, json.dumps(entries).encode())
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(draft, staging / _JOURNAL)


def _journal(staging: Path) -> list[dict[str, Any]]:
    """What was to be done; nothing where the run was killed before it had said so."""
    data = tree.read_regular(staging / _JOURNAL)
    if data is None:
        return []
    found = json.loads(data)
    return found if isinstance(found, list) else []


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
