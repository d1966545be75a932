"""What a publish is about to overwrite or remove, kept as files, without any secret.

Grafana never hands out a secret, and what it shows of a datasource is put here as it is; a
header or a password that somebody wrote into plain settings is blanked.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from catalog.errors import Problem, UsageError
from delivery.places import display
from delivery.publish.model import Change, Found
from delivery.render import json_text

INDEX = "backup.json"
VERSION = 1
#: Settings in which people put a secret although Grafana has a safe place for it.
_SECRET_WORDS = ("password", "secret", "token", "httpheadervalue", "apikey", "authorization")
BLANK = "(not kept)"


def keep(
    folder: Path,
    changes: Iterable[tuple[str, Change]],
    remedy: str = "Name a new folder with --backup",
) -> None:
    """Write the bundle of each server's changes; the index last: half a bundle is none.

    :raises UsageError: the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fault = "is not empty, and an older backup would be lost in it"
        raise UsageError(Problem(display(folder), fault, remedy))
    folder.mkdir(parents=True, exist_ok=True)
    objects: list[str] = []
    for server, change in changes:
        found = change.found or _made(change)
        file = f"{len(objects):04}-{change.kind.replace(' ', '-')}.json"
        document = {
            "kind": found.kind,
            "key": found.key,
            "title": found.title,
            "parent": found.parent,
            "action": change.action,
            "successor": change.key,
            "server": server,
            "body": blanked(found.body),
        }
        _write(folder / file, json_text(document))
        objects.append(file)
    _write(folder / INDEX, json_text({"version": VERSION, "objects": objects}))


def _made(change: Change) -> Found:
    """What a creation leaves behind: something that was not there before."""
    return Found(change.kind, change.key, change.title, {}, None, ours=True)


def blanked(value: Any) -> Any:
    """The value without what looks like a secret."""
    if isinstance(value, dict):
        return {
            key: BLANK if _is_secret(str(key)) and isinstance(item, str) else blanked(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [blanked(item) for item in value]
    return value


def _is_secret(key: str) -> bool:
    name = key.lower()
    return any(word in name for word in _SECRET_WORDS) and not name.endswith(("_file", "file"))


def _write(path: Path, text: str) -> None:
    data = text.encode()
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
