"""The folder of a run: a new one, or that of an earlier run, which goes on or begins anew.

A mark in it says what it is the folder of. One whose history was told goes on; one that was
killed before that begins anew, since half a history is none; one of another world is refused.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from catalog.errors import Problem, UsageError
from catalog.model import Catalog
from delivery.demo.plan import Plan
from delivery.demo.shipped import nearest
from delivery.places import display

MARK = "demo.json"
#: Raise it when a folder of an earlier release of this program cannot go on.
_FORMAT = 1
_KINDS = {"seed": "--seed", "scale": "--scale", "bad_canaries": "--bad-canary"}


@dataclass(frozen=True)
class Identity:
    """What a world follows from; two of one identity can share a folder.

    ``loki`` is the declared release whose configuration its data was written with.
    """

    system: str
    seed: int
    scale: float
    bad_canaries: tuple[str, ...]
    loki: str


@dataclass(frozen=True)
class Run:
    """What the mark of a folder says: whose it is, when its world began, at which ports it was.

    ``whole`` once its history was told.
    """

    identity: Identity
    start: float
    ports: dict[str, int]
    whole: bool


def identity(plan: Plan, catalog: Catalog) -> Identity:
    """What a world of that plan is known by."""
    releases = catalog.platform.components["loki"].releases
    return Identity(
        system=catalog.prefix,
        seed=plan.seed,
        scale=plan.scale,
        bad_canaries=tuple(sorted(plan.bad_canaries)),
        loki=nearest(releases, plan.loki) if plan.loki else "none",
    )


def chosen(given: Path | None) -> Path:
    """The folder that the user names, or a new one for this run."""
    return given.resolve() if given else Path(tempfile.mkdtemp(prefix="demo-"))


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder is this run's alone.

    :raises UsageError: another demo runs in it, or it is no folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise _refused(folder, "is a file", "Name a folder with --data") from None
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _refused(
                folder, "another demo runs in this folder", "End it, or name another with --data"
            ) from None
        yield
    finally:
        os.close(handle)


def earlier(folder: Path, identity: Identity) -> tuple[Run | None, str]:
    """The run that goes on here, if one does, and what is to be said of it.

    :raises UsageError: what is in the folder is nobody's, or another world's.
    """
    if not any(folder.iterdir()):
        return None, ""
    run = _read(folder)
    if run is None:
        raise _refused(
            folder,
            f"is not empty, and holds no {MARK} of a demo of this release",
            "Name an empty folder with --data",
        )
    if run.identity != identity:
        raise _refused(folder, _difference(run.identity, identity), "Name another folder")
    if run.whole:
        return run, (
            f"{display(folder)}: goes on with the data of an earlier run; of the time between "
            f"there is none. --hours, --line-hours and --weeks change nothing."
        )
    _empty(folder)
    return None, f"{display(folder)}: an earlier run ended before its history was told; begins anew"


def write(folder: Path, run: Run) -> None:
    """Leave the mark; a run that is killed meanwhile leaves the old one."""
    text = json.dumps({"format": _FORMAT, **asdict(run)}, indent=2)
    written = folder / f".{MARK}"
    written.write_text(text + "\n", encoding="utf-8")
    written.replace(folder / MARK)


def _read(folder: Path) -> Run | None:
    try:
        told = json.loads((folder / MARK).read_text(encoding="utf-8"))
        if told.pop("format") != _FORMAT:
            return None
        who = told.pop("identity")
        who["bad_canaries"] = tuple(who["bad_canaries"])
        return Run(identity=Identity(**who), **told)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _difference(before: Identity, now: Identity) -> str:
    told = [
        f"{_KINDS.get(each.name, each.name)} was {_shown(was)} and is {_shown(is_)}"
        for each in fields(Identity)
        if (was := getattr(before, each.name)) != (is_ := getattr(now, each.name))
    ]
    return f"it was made by another demo: {'; '.join(told)}"


def _shown(value: object) -> str:
    return ",".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)


def _empty(folder: Path) -> None:
    """The mark goes last: what is killed here begins anew again."""
    for path in sorted(folder.iterdir(), key=lambda each: each.name == MARK):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _refused(folder: Path, fault: str, remedy: str) -> UsageError:
    return UsageError(Problem(f"--data {display(folder)}", fault, remedy))
