"""The few file operations that the output folder is read and changed with.

What is in the folder is not trusted: a symbolic link, a pipe or a device where a file
was is never followed, waited on or written through. Modes are set, not left to the
umask: a container reads these files as another user.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from delivery.paths import parents

_FILE_MODE = 0o644
_FOLDER_MODE = 0o755
_NOT_A_REGULAR_FILE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})


def read_regular(path: Path) -> bytes | None:
    """The bytes of a regular file; None where there is none."""
    try:
        # O_NONBLOCK: opening a pipe would wait for a writer.
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in _NOT_A_REGULAR_FILE:
            return None
        raise
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return None
    with os.fdopen(fd, "rb") as file:
        return file.read()


def write_new(path: Path, data: bytes) -> None:
    """``data`` as a file that was not there before."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _FILE_MODE)
    try:
        os.fchmod(fd, _FILE_MODE)
        write_all(fd, data)
    finally:
        os.close(fd)


def write_all(fd: int, data: bytes) -> None:
    """All of ``data``: one call may write less."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def make_folders(root: Path, path: str, known: set[str]) -> None:
    """The folders between ``root`` and ``path``; ``known`` saves asking twice."""
    for parent in parents(path):
        if parent not in known:
            make_folder(root / parent)
            known.add(parent)


def make_folder(path: Path) -> bool:
    """True if ``path`` was made now; False if it is a folder already."""
    try:
        os.mkdir(path, _FOLDER_MODE)
    except FileExistsError:
        if stat.S_ISDIR(os.lstat(path).st_mode):
            return False
        raise
    os.chmod(path, _FOLDER_MODE)
    return True


def make_readable(path: Path) -> None:
    """Lets everybody read ``path``: a checkout under a strict umask does not."""
    mode = os.lstat(path).st_mode
    needed = 0o555 if stat.S_ISDIR(mode) else 0o444
    if not stat.S_ISLNK(mode) and mode & needed != needed:
        os.chmod(path, stat.S_IMODE(mode) | needed)


def is_writable(folder: Path) -> bool:
    """Whether files in ``folder`` may be replaced, by the user that the process acts as."""
    acts_as = os.access in os.supports_effective_ids
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=acts_as)


def linked_parent(root: Path, path: str) -> str | None:
    """The outermost folder of ``path`` that is a symbolic link."""
    for parent in parents(path):
        if (root / parent).is_symlink():
            return parent
    return None


def remove_file(root: Path, path: str) -> bool:
    """Removes what stands at ``path`` if that is a file, never through a linked folder."""
    if linked_parent(root, path):
        return False
    try:
        os.unlink(root / path)
    except OSError as error:
        # A folder: Linux says EISDIR, POSIX EPERM.
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.EISDIR} or (root / path).is_dir():
            return False
        raise
    return True


def remove_empty_parents(root: Path, path: str) -> None:
    """Removes the folders above ``path`` that hold nothing any more."""
    if linked_parent(root, path):
        return
    for parent in reversed(parents(path)):
        try:
            os.rmdir(root / parent)
        except OSError as error:
            if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}:
                return
            if error.errno != errno.ENOENT:
                raise


def remove_empty_folder(path: Path) -> None:
    """Removes ``path`` if it is a folder that holds nothing but empty folders."""
    if path.is_dir() and not path.is_symlink():
        for folder, _, _ in os.walk(path, topdown=False):
            os.rmdir(folder)


def remove_folder(path: Path) -> None:
    """Removes ``path`` with all it holds; a link in its place is removed, not followed."""
    if path.is_symlink() or path.is_file():
        os.unlink(path)
    elif path.exists():
        shutil.rmtree(path)


def walk_files(root: Path, folder: str = "") -> Iterator[str]:
    """Everything under ``root`` that is not a folder, in order, as paths relative to it."""
    with os.scandir(root / folder) as found:
        entries = sorted(found, key=lambda each: each.name)
    for each in entries:
        path = f"{folder}/{each.name}" if folder else each.name
        if each.is_dir(follow_symlinks=False):
            yield from walk_files(root, path)
        else:
            yield path
