"""Where things are by default, and the command that mends them there.

A message that says "run python build.py" to somebody who built elsewhere would send
them to the wrong folder, so the command is spelled in one place.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_CATALOG = ROOT / "catalog"
DEFAULT_OUT = ROOT / "generated"
#: One page for each alert of the default catalog.
RUNBOOKS = ROOT / "docs" / "runbooks"


def build_command(out: Path, catalog: Path = DEFAULT_CATALOG) -> str:
    """The command that (re)makes ``out`` from ``catalog``, to be pasted into a shell."""
    words = ["python", "build.py"]
    if catalog.resolve() != DEFAULT_CATALOG:
        words += ["--catalog", str(catalog)]
    if out.resolve() != DEFAULT_OUT:
        words += ["--out", str(out)]
    return shlex.join(words)


def runbooks_of(catalog: Path) -> Path | None:
    """Where the alerts of a catalog are explained; another system's runbooks are not here."""
    return RUNBOOKS if catalog.resolve() == DEFAULT_CATALOG else None


def display(path: Path) -> str:
    """``path`` as a person in the current folder would write it."""
    try:
        # abspath, not resolve: a symbolic link is named where it stands.
        return str(Path(os.path.abspath(path)).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
