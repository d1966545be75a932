"""Is generated/ what the sources produce?

Nothing is written: everything is generated again, one artifact at a time, and compared.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

from catalog.artifact import Artifact
from catalog.errors import Problem
from delivery import journal, manifest, tree
from delivery.manifest import Entry
from delivery.paths import JOURNAL, MANIFEST, STAGING, shown
from delivery.places import display


def find_drift(
    out: Path, pairs: Iterable[tuple[Artifact, bytes]], command: str
) -> tuple[Problem, ...]:
    """Each file of ``out`` that is not as in ``pairs``, in order; ``command`` makes it so."""
    if not out.is_dir():
        return (Problem(display(out), "the folder is missing", f"Run {command}"),)
    return tuple(sorted(_findings(out, pairs, f"Run {command}")))


def _findings(out: Path, pairs: Iterable[tuple[Artifact, bytes]], remedy: str) -> Iterator[Problem]:
    if journal.exists(out) or os.path.lexists(out / STAGING):
        unfinished = "a build of this folder is unfinished (killed, or still running)"
        yield Problem(display(out), unfinished, remedy)
    entries: list[Entry] = []
    accepting: list[manifest.Accepted] = []
    for artifact, data in pairs:
        entries.append(manifest.entry(artifact, data))
        accepting += manifest.accepted(artifact)
        if fault := _compare(out, artifact.path, data):
            yield Problem(display(out / artifact.path), fault, remedy)
    if fault := _compare(out, MANIFEST, manifest.encode(entries, accepting)):
        yield Problem(display(out / MANIFEST), fault, remedy)
    yield from _extra(out, {MANIFEST, *(entry.path for entry in entries)}, remedy)


def _compare(out: Path, path: str, expected: bytes) -> str | None:
    if linked := tree.linked_parent(out, path):
        return f"{linked} is a symbolic link, not a folder"
    data = tree.read_regular(out / path)
    if data is None:
        return "the file is missing"
    return None if data == expected else "the file differs from what the sources produce"


def _extra(out: Path, expected: set[str], remedy: str) -> Iterator[Problem]:
    ours = _listed(out)
    for path in tree.walk_files(out):
        if path in expected or path.split("/")[0] in {STAGING, JOURNAL}:
            continue
        place = shown(display(out) + "/" + path)
        if path in ours:
            yield Problem(place, "the file is left over: the sources do not produce it", remedy)
        else:
            # shlex: the finding is one line, and the command works as it stands.
            command = f"rm {shlex.quote(place)}"
            unknown = "the file is unknown: no build wrote it"
            yield Problem(place, unknown, f"Move it elsewhere, or run {command}")


def _listed(out: Path) -> set[str]:
    try:
        entries = manifest.decode(tree.read_regular(out / MANIFEST) or b"")
    except manifest.ManifestError:
        return set()
    return {entry.path for entry in entries}
