"""Kills the writer before each of its system calls, and looks at what it leaves.

Run by test_write.py in a process of its own, which forks once a kill point: the child
counts the calls of ``os`` that the writer makes and dies by SIGKILL before the n-th. The
parent then asks whether the damage is noticed and lets the next build finish.

Prints one JSON object: how many kill points there were, and every complaint.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from catalog.artifact import Artifact
from catalog.errors import TreeError
from delivery.drift import find_drift
from delivery.verify import verify_tree
from delivery.write import write_tree

# Every call that changes something on the disk. What a kill leaves is decided by which of
# these were made: one between two reads leaves what one before the first of them leaves.
CALLS = (
    "chmod fchmod fsync ftruncate link mkdir open rename replace rmdir symlink unlink write".split()
)

Files = dict[str, str]

OLD: Files = {"a.txt": "old", "same.txt": "same", "gone/deep/b.txt": "b", "x": "file", "y/z": "z"}
# b.txt goes, x becomes a folder, y becomes a file, new/ is new.
NEW: Files = {"a.txt": "new", "same.txt": "same", "new/c.txt": "c", "x/w": "w", "y": "file"}
NEXT: Files = {"a.txt": "next", "d/e.txt": "e"}
STRAY = "new/stray.txt"


def pairs(files: Files) -> list[tuple[Artifact, bytes]]:
    return [
        (Artifact(path, text, "provisioning", "platform"), text.encode())
        for path, text in files.items()
    ]


def build_and_die(out: Path, files: Files, point: int) -> bool:
    """Builds in a child that is killed before call number ``point``; False if it was not."""
    child = os.fork()
    if child == 0:
        arm(point)
        write_tree(out, pairs(files))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if status != 0:
        raise SystemExit(f"the build failed by itself at point {point}")
    return False


def arm(point: int) -> None:
    count = 0

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*arguments: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return wrapper

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))


def contents(root: Path) -> dict[str, str | None]:
    return {
        path.relative_to(root).as_posix(): None if path.is_dir() else path.read_text()
        for path in root.rglob("*")
    }


def reference(folder: Path, files: Files, stray: bool) -> dict[str, str | None]:
    write_tree(folder, pairs(files))
    if stray:
        (folder / STRAY).parent.mkdir(exist_ok=True)
        (folder / STRAY).write_text("not ours")
    return contents(folder)


def complaints_after_kill(out: Path, states: list[dict[str, str | None]]) -> list[str]:
    """Either nothing has happened yet, or all has, or it is noticed."""
    complaints = []
    finished = contents(out) in states
    try:
        verify_tree(out)
        noticed = False
    except TreeError as error:
        noticed = True
        if "Run python build.py --out " not in str(error):
            complaints.append(f"no remedy in: {error}")
    if not finished and not noticed:
        complaints.append("half a tree was not noticed by verify_tree")
    if contents(out) != states[-1] and not find_drift(out, pairs(NEW), "python build.py"):
        complaints.append("a tree that is not the new one was not noticed by find_drift")
    return complaints


def main(work: Path) -> None:
    complaints: list[str] = []
    points = 0
    for begin in (OLD, None):
        stray = begin is not None
        old = {} if begin is None else reference(work / f"old-{stray}", begin, stray)
        new = reference(work / f"new-{stray}", NEW, stray)
        after = reference(work / f"next-{stray}", NEXT, stray)
        killed, point = True, 0
        while killed:
            point += 1
            for follow, expected in ((NEW, new), (NEXT, after)):
                out = work / "out"
                shutil.rmtree(out, ignore_errors=True)
                if begin is not None:
                    shutil.copytree(work / f"old-{stray}", out)
                killed = build_and_die(out, NEW, point)
                told = complaints_after_kill(out, [old, new]) if out.exists() else []
                write_tree(out, pairs(follow))
                if contents(out) != expected:
                    told.append(f"the next build left {contents(out)}, not {expected}")
                verify_tree(out)
                if find_drift(out, pairs(follow), "") and not stray:
                    told.append("the next build left drift")
                complaints += [f"killed before call {point}: {each}" for each in told]
        points += point - 1
    print(json.dumps({"points": points, "complaints": complaints}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
