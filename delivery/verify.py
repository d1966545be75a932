"""Is generated/ one finished build's work, unedited?

Asked by everything that reads the files that ship (check, plan, publish, audit) before it
believes them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from catalog.errors import Problem, TreeError
from delivery import journal, manifest, tree
from delivery.manifest import Entry
from delivery.paths import MANIFEST, STAGING
from delivery.places import build_command, display


def verify_tree(out: Path) -> tuple[Entry, ...]:
    """The manifest's entries, if every file is what they say; raises TreeError if not."""
    remedy = f"Run {build_command(out)}"
    if journal.exists(out) or os.path.lexists(out / STAGING):
        fault = "a build of this folder is unfinished (killed, or still running)"
        raise TreeError(Problem(display(out), fault, remedy))
    place = display(out / MANIFEST)
    data = tree.read_regular(out / MANIFEST)
    if data is None:
        raise TreeError(Problem(place, "there is no manifest: no build made this folder", remedy))
    try:
        entries = manifest.decode(data)
    except manifest.ManifestError as error:
        raise TreeError(Problem(place, f"the manifest cannot be used: {error}", remedy)) from error
    if problems := tuple(_problems(out, entries, remedy)):
        raise TreeError(*problems)
    return entries


def _problems(out: Path, entries: tuple[Entry, ...], remedy: str) -> Iterator[Problem]:
    for entry in entries:
        place = display(out / entry.path)
        if linked := tree.linked_parent(out, entry.path):
            fault = f"the manifest lists this file under {linked}, which is a symbolic link"
            yield Problem(place, fault, f"Remove the link. {remedy}")
            continue
        data = tree.read_regular(out / entry.path)
        if data is None:
            yield Problem(place, "the manifest lists this file, and it is missing", remedy)
        elif manifest.sha256(data) != entry.sha256:
            yield Problem(place, "the file is not what the manifest says", remedy)
