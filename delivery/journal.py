"""The journal: what a build is about to touch, written down before it touches it.

While it exists the tree may be half one build's and half another's. The next build reads
it to remove what only the killed build wrote. A file is removed on the journal's word only
if its content is what the journal says was to be written: a file that somebody else put
there is left alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from delivery.paths import JOURNAL, path_fault
from delivery.tree import read_regular, write_all


def append(root: Path, writes: Iterable[tuple[str, str]], removals: Iterable[str]) -> None:
    """Adds what is about to be written (path and sha256) or removed, safely on the disk.

    It adds to a journal that a killed build left: until this build is done, that one's
    files are still to be dealt with.
    """
    lines = [json.dumps({"path": path, "sha256": digest}) for path, digest in writes]
    lines += [json.dumps({"path": path, "sha256": None}) for path in removals]
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    fd = os.open(root / JOURNAL, flags, 0o644)
    try:
        # The line break first: the last line may have been cut short by the kill.
        write_all(fd, "".join(f"\n{line}" for line in lines).encode() + b"\n")
        os.fsync(fd)
    finally:
        os.close(fd)
    _sync_folder(root)


def read(root: Path) -> dict[str, set[str]]:
    """For each path that killed builds were to write, the digests they were to write there."""
    planned: dict[str, set[str]] = {}
    for line in (read_regular(root / JOURNAL) or b"").splitlines():
        try:
            record = json.loads(line)
        # RecursionError: brackets without end, in a journal that is not ours.
        except (ValueError, RecursionError):
            # Cut short: nothing on this line or after it had been touched.
            continue
        if not isinstance(record, dict):
            continue
        path, digest = record.get("path"), record.get("sha256")
        if isinstance(path, str) and isinstance(digest, str) and path_fault(path) is None:
            planned.setdefault(path, set()).add(digest)
    return planned


def exists(root: Path) -> bool:
    """Whether a build is unfinished."""
    return os.path.lexists(root / JOURNAL)


def remove(root: Path) -> None:
    """The build is finished."""
    if exists(root):
        os.unlink(root / JOURNAL)


def _sync_folder(root: Path) -> None:
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
