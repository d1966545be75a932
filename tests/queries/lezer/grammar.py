"""Asks Grafana's grammar about many queries at once."""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent


def install(folder: Path = HERE) -> None:
    """Install the locked packages, once for a lock file, however many processes ask for it."""
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".installed"
    with (folder / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        _run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", folder=folder)
        stamp.write_text(wanted)


def accepted(queries: Sequence[str]) -> list[bool]:
    """For each query: is the tree that the grammar makes of it without an error?"""
    verdicts: list[bool] = json.loads(_run("node", "verdicts.mjs", told=json.dumps(queries)))
    return verdicts


def _run(*command: str, told: str | None = None, folder: Path = HERE) -> str:
    done = subprocess.run(
        command, cwd=folder, input=told, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = f"{done.stdout}{done.stderr}".strip()
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {said}")
    return done.stdout
