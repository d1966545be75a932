"""One run of the TypeScript compiler over many dashboards, its answer read back as problems."""

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.schema.problem import Problem
from tests.schema.typescript import Json, Module, module

HERE: Final = Path(__file__).parent
MODULES: Final = HERE / "node_modules"
LINE: Final = re.compile(r"(?P<file>.+)\((?P<line>\d+),\d+\): error (?P<code>TS\d+): (?P<text>.*)")
"""The head of an error as `tsc --pretty false` prints it; what explains it follows indented."""


class CompilerError(Exception):
    """The compiler could not be run, or said something that is about no dashboard."""


def missing_programs() -> list[str]:
    """The programs the check needs and that are not on the PATH."""
    return [name for name in ("node", "npm") if shutil.which(name) is None]


def install() -> None:
    """Install the locked packages, once for a lock file, however many processes ask for it."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".installed"
    with (HERE / ".install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        run("npm", "ci", "--no-audit", "--no-fund", check=True)
        stamp.write_text(wanted)


def check(dashboards: Mapping[str, Json], scratch: Path) -> list[Problem]:
    """The problems of dashboards by file name, in the order of their files and places."""
    made = {
        (scratch / f"dashboard{number}.ts").resolve(): (file, module(dashboard, "dashboard-types"))
        for number, (file, dashboard) in enumerate(dashboards.items())
    }
    for path, (_, source) in made.items():
        path.write_text(source.text, encoding="utf-8")
    project = scratch / "tsconfig.json"
    project.write_text(
        json.dumps(
            {
                "extends": str(HERE / "tsconfig.json"),
                "compilerOptions": {"paths": {"dashboard-types": [str(HERE / "types/index.ts")]}},
                "files": [str(path) for path in made],
            }
        ),
        encoding="utf-8",
    )
    answer = run(str(MODULES / ".bin" / "tsc"), "--pretty", "false", "-p", str(project))
    problems = list(read(answer.stdout, made))
    if answer.returncode != 0 and not problems:
        raise CompilerError(f"tsc: exit {answer.returncode}: {answer.stdout}{answer.stderr}")
    untyped = [
        Problem(file, place, fault)
        for file, source in made.values()
        for place, fault in source.untyped
    ]
    return untyped + problems


def read(output: str, made: Mapping[Path, tuple[str, Module]]) -> Iterator[Problem]:
    """The problems that the compiler's output tells of."""
    for entry in re.split(r"\n(?=\S)", output.strip()):
        found = LINE.match(entry)
        known = made.get((HERE / found["file"]).resolve()) if found else None
        if entry and (found is None or known is None):
            raise CompilerError(f"tsc: {entry}")
        if found and known:
            file, source = known
            explained = [found["text"], *(line.strip() for line in entry.splitlines()[1:])]
            fault = f"{' '.join(explained)} ({found['code']})"
            yield Problem(file, source.places[int(found["line"]) - 1], fault)


def run(*command: str, check: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a program in this folder, its output kept."""
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        said = f"{done.stdout}{done.stderr}".strip()
        raise CompilerError(f"{' '.join(command)}: exit {done.returncode}: {said}")
    return done
