"""Which folders a build may write to.

A build removes what an earlier build left over. Pointed at a folder of something else it
must not begin: ``--out`` is one typing error away from a home folder.
"""

from __future__ import annotations

import os
from pathlib import Path

from catalog.errors import Problem, UsageError
from delivery import journal, manifest, places
from delivery.paths import JOURNAL, MANIFEST, STAGING
from delivery.tree import read_regular

_REMEDY = "Choose a new or an empty folder with --out"


def refuse_unsuitable(out: Path) -> None:
    """Refuses what can never be an output folder, whatever it holds."""
    place = places.display(out)
    if out in {Path("/"), _home()}:
        raise UsageError(Problem(place, "this folder is not one to generate files into", _REMEDY))
    nearest = next(folder for folder in (out, *out.parents) if os.path.lexists(folder))
    if not nearest.is_dir():
        place = places.display(nearest)
        raise UsageError(Problem(place, "a file is where the output folder must be", _REMEDY))


def refuse_foreign(out: Path) -> None:
    """Refuses a folder that holds something and was not made by a build."""
    if out == places.DEFAULT_OUT or set(os.listdir(out)) <= {STAGING, JOURNAL} or journal.read(out):
        return
    place = places.display(out)
    data = read_regular(out / MANIFEST)
    if data is None:
        fault = "the folder is not empty and was not made by build.py (it has no manifest.json)"
        raise UsageError(Problem(place, fault, _REMEDY))
    try:
        manifest.decode(data)
    except manifest.ManifestError as error:
        fault = f"the folder is not empty and its manifest.json is not one of build.py's: {error}"
        raise UsageError(Problem(place, fault, _REMEDY)) from error


def _home() -> Path | None:
    try:
        return Path.home().resolve()
    except RuntimeError:
        return None
