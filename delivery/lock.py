"""One writer at a time.

The lock is held on the folder itself, so no lock file is left behind and a killed build
holds nothing: the kernel lets go of it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catalog.errors import Problem, UserError
from delivery.places import display
from delivery.tree import make_folder

_RETRY_SECONDS = 0.05


@contextmanager
def locked(out: Path, wait: float) -> Iterator[None]:
    """Holds ``out``, making it if it is not there; folders made for nothing are removed."""
    deadline = time.monotonic() + wait
    made: list[Path] = []
    while True:
        made += _make(out)
        fd = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if not _acquire(fd):
                _sleep_until(deadline, out, wait)
            elif _still_there(fd, out):
                break
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)
    try:
        yield
    except BaseException:
        for folder in reversed(made):
            with suppress(OSError):
                os.rmdir(folder)
        raise
    finally:
        os.close(fd)


def _make(out: Path) -> list[Path]:
    missing = [out, *out.parents]
    missing = missing[: next(i for i, folder in enumerate(missing) if folder.is_dir())]
    return [folder for folder in reversed(missing) if make_folder(folder)]


def _acquire(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _still_there(fd: int, out: Path) -> bool:
    """False if the build that was waited for removed the folder again."""
    try:
        return os.path.samestat(os.fstat(fd), os.stat(out))
    except FileNotFoundError:
        return False


def _sleep_until(deadline: float, out: Path, wait: float) -> None:
    if time.monotonic() >= deadline:
        raise UserError(
            Problem(
                display(out),
                f"another build has been writing this folder for more than {wait:g} s",
                "Wait until it is done, or end it, and try again",
            )
        )
    time.sleep(_RETRY_SECONDS)
