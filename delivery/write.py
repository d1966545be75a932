"""The one writer of generated/.

A running Grafana may have the folder mounted, and a build may be killed at any moment, so:

1. everything is first written to ``.staging``; a generator or a check that fails, or a disk
   that is full, leaves the tree as it was;
2. the journal says what is about to change;
3. each changed file is renamed into place: a reader sees the old or the new one, never a
   half. Unchanged files are not touched, so nothing reloads them;
4. what earlier builds wrote and this one does not make is removed;
5. manifest.json is renamed into place, last, and the journal goes.

A build that dies after 2 leaves the journal, and :mod:`delivery.verify` refuses the tree;
the next build takes up from there.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.artifact import Artifact
from catalog.errors import CatalogError, Problem, UserError
from delivery import journal, manifest, tree
from delivery.lock import locked
from delivery.manifest import Entry
from delivery.ownership import refuse_foreign, refuse_unsuitable
from delivery.paths import MANIFEST, STAGING, parents, path_fault, shown
from delivery.places import build_command, display

Check = Callable[[Path], None]

_LOCK_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class WriteReport:
    """How many files a build wrote, found as they should be, and removed."""

    written: int
    unchanged: int
    removed: int

    @property
    def total(self) -> int:
        """How many files there are now, besides the manifest."""
        return self.written + self.unchanged


@dataclass(frozen=True, slots=True)
class _Changes:
    writes: tuple[Entry, ...]
    removals: tuple[str, ...]
    # Those of removals that are files where the new tree has a folder, or the reverse.
    in_the_way: frozenset[str]
    # Every folder of the new tree.
    folders: frozenset[str]


def write_tree(
    out: Path,
    pairs: Iterable[tuple[Artifact, bytes]],
    *,
    check: Check | None = None,
    wait: float = _LOCK_WAIT_SECONDS,
) -> WriteReport:
    """Makes ``out`` hold exactly ``pairs``, besides files that no build wrote.

    ``check`` is given the staged tree, manifest included, and raises to keep the old one.
    ``wait`` is for how many seconds another build is waited for.
    """
    out = out.resolve()
    with _told_plainly(out):
        refuse_unsuitable(out)
        with locked(out, wait):
            refuse_foreign(out)
            staging = out / STAGING
            try:
                tree.remove_folder(staging)
                entries = _stage(staging, pairs)
                if check is not None:
                    check(staging)
                return _replace(out, staging, entries)
            finally:
                tree.remove_folder(staging)


def _stage(staging: Path, pairs: Iterable[tuple[Artifact, bytes]]) -> tuple[Entry, ...]:
    tree.make_folder(staging)
    known: set[str] = set()
    entries = []
    accepting: list[manifest.Accepted] = []
    for artifact, data in pairs:
        if fault := path_fault(artifact.path):
            remedy = "Mend the generator that makes it"
            raise CatalogError(Problem(shown(artifact.path), fault, remedy))
        tree.make_folders(staging, artifact.path, known)
        tree.write_new(staging / artifact.path, data)
        entries.append(manifest.entry(artifact, data))
        accepting += manifest.accepted(artifact)
    tree.write_new(staging / MANIFEST, manifest.encode(entries, accepting))
    return tuple(sorted(entries))


def _replace(out: Path, staging: Path, entries: tuple[Entry, ...]) -> WriteReport:
    changes = _changes(out, entries)
    _refuse_blocked(out, changes)
    new_manifest = tree.read_regular(staging / MANIFEST) != tree.read_regular(out / MANIFEST)
    removed = 0
    if changes.writes or changes.removals or new_manifest or journal.exists(out):
        journal.append(out, ((each.path, each.sha256) for each in changes.writes), changes.removals)
        removed = _commit(out, staging, changes)
    for folder in sorted(changes.folders):
        tree.make_readable(out / folder)
    for each in entries:
        tree.make_readable(out / each.path)
    # The journal outlives the staging folder, so that what a kill leaves is always noticed.
    tree.remove_folder(staging)
    journal.remove(out)
    return WriteReport(len(changes.writes), len(entries) - len(changes.writes), removed)


def _commit(out: Path, staging: Path, changes: _Changes) -> int:
    removed = sum([_remove(out, path) for path in sorted(changes.in_the_way)])
    known: set[str] = set()
    for each in changes.writes:
        tree.make_folders(out, each.path, known)
        tree.remove_empty_folder(out / each.path)
        os.replace(staging / each.path, out / each.path)
    # After the new files: a dashboard that moved is never missing in between.
    later = [path for path in changes.removals if path not in changes.in_the_way]
    removed += sum([_remove(out, path) for path in later])
    os.replace(staging / MANIFEST, out / MANIFEST)
    return removed


def _remove(out: Path, path: str) -> bool:
    gone = tree.remove_file(out, path)
    # Also when a killed build had removed the file already.
    tree.remove_empty_parents(out, path)
    return gone


def _changes(out: Path, entries: tuple[Entry, ...]) -> _Changes:
    files = {each.path for each in entries}
    folders = frozenset(parent for path in files for parent in parents(path))
    removals = tuple(sorted(_left_over(out, files)))
    return _Changes(
        writes=tuple(each for each in entries if _digest(out, each.path) != each.sha256),
        removals=removals,
        in_the_way=frozenset(
            path for path in removals if path in folders or not files.isdisjoint(parents(path))
        ),
        folders=folders,
    )


def _left_over(out: Path, files: set[str]) -> Iterator[str]:
    """What earlier builds wrote, finished or killed, and this one does not make."""
    ours = _earlier_paths(out)
    yield from ours - files
    for path, digests in journal.read(out).items():
        # The file may be gone and only its folder left, which goes as well.
        if path not in files | ours and _digest(out, path) in digests | {None}:
            yield path


def _earlier_paths(out: Path) -> set[str]:
    try:
        return {each.path for each in manifest.decode(tree.read_regular(out / MANIFEST) or b"")}
    except manifest.ManifestError:
        # The first build, or a merge conflict in it: files that nobody makes any more
        # stay, and the drift check names them.
        return set()


def _digest(out: Path, path: str) -> str | None:
    data = None if tree.linked_parent(out, path) else tree.read_regular(out / path)
    return None if data is None else manifest.sha256(data)


def _refuse_blocked(out: Path, changes: _Changes) -> None:
    """Finds what would stop a commit half-way, before it begins."""
    problems = [problem for each in changes.writes for problem in _blocks(out, each.path, changes)]
    if problems:
        raise UserError(*sorted(set(problems)))
    touched = {*changes.removals, *(each.path for each in changes.writes)}
    for folder in sorted({(out / path).parent for path in touched}):
        if folder.is_dir() and not tree.is_writable(folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


def _blocks(out: Path, path: str, changes: _Changes) -> Iterator[Problem]:
    remedy = f"Move it away, then run {build_command(out)}"
    for parent in parents(path):
        place = out / parent
        if parent in changes.in_the_way:
            break
        if place.is_symlink():
            yield Problem(display(place), "a symbolic link is where a folder must be", remedy)
            return
        if os.path.lexists(place) and not place.is_dir():
            yield Problem(display(place), "a file is where a folder must be", remedy)
            return
    if (out / path).is_dir() and not (out / path).is_symlink():
        inside = {f"{path}/{name}" for name in tree.walk_files(out / path)}
        if not inside <= changes.in_the_way:
            yield Problem(display(out / path), "a folder is where a file must be", remedy)


_REMEDIES = {
    errno.ENOSPC: "Free some space on that disk",
    errno.EDQUOT: "Free some of your quota on that disk",
    errno.EACCES: "Give yourself the right to write there, or choose another folder with --out",
    errno.EPERM: "Give yourself the right to write there, or choose another folder with --out",
    errno.EROFS: "Make it writable, or choose another folder with --out",
}


@contextmanager
def _told_plainly(out: Path) -> Iterator[None]:
    """A full disk or a missing right is told with its remedy, not as a traceback."""
    try:
        yield
    except OSError as error:
        name = error.filename2 or error.filename
        place = display(Path(os.fsdecode(name)) if isinstance(name, str | bytes) else out)
        fault = f"cannot write: {os.strerror(error.errno) if error.errno else error}"
        remedy = _REMEDIES.get(error.errno or 0, "Mend that")
        remedy += f", then run {build_command(out)}"
        raise UserError(Problem(shown(place), fault, remedy)) from error
