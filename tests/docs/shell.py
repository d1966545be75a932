"""Runs the shell blocks of a page, one after the other, as a reader would."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.docs.pages import Block

#: The markers, each on the line right above its block.
RUN, LIVE, CLUSTER = "<!-- run -->", "<!-- run: live -->", "<!-- run: cluster -->"
_SECONDS = 300


def programs(folder: Path) -> Path:
    """A folder where ``python`` is the interpreter of the tests."""
    folder.mkdir(parents=True, exist_ok=True)
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return folder


def environment(home: Path, told: Mapping[str, str]) -> dict[str, str]:
    """Nothing of the machine's own servers and accounts, and what the test tells."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.endswith(("_URL", "_TOKEN", "_TOKEN_FILE", "_USER", "_PASSWORD"))
    }
    path = f"{programs(home / 'programs')}:{kept['PATH']}"
    return {**kept, "PATH": path, "HOME": str(home), **told}


def run(block: Block, repository: Path, home: Path, told: Mapping[str, str]) -> None:
    """Fails with what the block printed.

    :raises AssertionError: a command of the block failed.
    """
    done = subprocess.run(
        ["bash", "-c", f"set -eu\n{block.text}"],
        cwd=repository,
        env=environment(home, told),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    said = f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    assert done.returncode == 0, f"{block}: exit {done.returncode}\n{block.text}\n{said}"
