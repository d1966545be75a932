"""The folder of pictures and its index, snapshot.json.

Every file is renamed into place, and the index last: a run that is killed leaves pictures that
the next one replaces, and an index that was true of what it names. Names follow from the
dashboards, so that a folder of one commit can be laid beside that of another.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from catalog.errors import Problem, UsageError
from delivery import tree
from delivery.paths import path_fault
from delivery.places import display
from delivery.render import json_text
from delivery.snapshot.model import Box, Finding, Panel, Shot, Subject

INDEX = "snapshot.json"
VERSION = 1


def write(folder: Path, name: str, data: bytes) -> None:
    """A file below the folder: all of the old one or all of the new one, at any moment."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        staged.unlink(missing_ok=True)
        tree.write_new(staged, data)
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)


def sha256(data: bytes) -> str:
    """The digest of a picture."""
    return hashlib.sha256(data).hexdigest()


def index(shots: Iterable[Shot], look: Mapping[str, Any]) -> str:
    """The index's text: the pictures in order of their names, and how they were taken."""
    ordered = sorted(shots, key=lambda each: each.subject.name)
    return json_text({"version": VERSION, "look": dict(look), "shots": [*map(_record, ordered)]})


def _record(shot: Shot) -> dict[str, Any]:
    return {
        "uid": shot.subject.uid,
        "folder": shot.subject.folder,
        "service": shot.subject.service,
        "title": shot.title,
        "generated": shot.subject.generated,
        "file": shot.file,
        "sha256": shot.sha256,
        "bytes": shot.size,
        "width": shot.width,
        "height": shot.height,
        "panels": [asdict(each) for each in shot.panels],
        "findings": [{**asdict(each), "fault": each.fault} for each in shot.findings],
    }


def read(folder: Path) -> tuple[dict[str, Shot], dict[str, Any]] | None:
    """A folder's pictures by their names, and how they were taken; None without an index.

    :raises UsageError: its index is not one that this program wrote.
    """
    data = tree.read_regular(folder / INDEX)
    if data is None:
        return None
    try:
        document = json.loads(data)
        if document["version"] != VERSION:
            raise ValueError
        shots, look = [_shot(each) for each in document["shots"]], dict(document["look"])
        for shot in shots:
            # Named by a file that may come from anywhere: nothing outside the folder is read.
            if shot.file and path_fault(shot.file):
                raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        fault = "is not an index of pictures"
        remedy = "Take them again with python build.py snapshot --out"
        raise UsageError(Problem(display(folder / INDEX), fault, remedy)) from None
    return {each.subject.name: each for each in shots}, look


def _shot(record: Mapping[str, Any]) -> Shot:
    return Shot(
        subject=Subject(
            *(str(record[key]) for key in ("uid", "folder", "generated", "service")),
        ),
        title=str(record["title"]),
        file=str(record["file"]),
        sha256=str(record["sha256"]),
        size=int(record["bytes"]),
        width=int(record["width"]),
        height=int(record["height"]),
        panels=tuple(map(_panel, record["panels"])),
        findings=tuple(
            Finding(each["kind"], each["panel"], each["title"], each["text"], each["excuse"])
            for each in record["findings"]
        ),
    )


def _panel(record: Mapping[str, Any]) -> Panel:
    box = record["box"]
    place = None if box is None else Box(*(int(box[k]) for k in ("x", "y", "width", "height")))
    return Panel(
        int(record["id"]), str(record["title"]), str(record["type"]), str(record["digest"]), place
    )
