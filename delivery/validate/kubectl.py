"""kubectl, which is only ever asked, and the manifests that say what to ask for."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import yaml

from catalog.errors import Problem, ServerError, UsageError
from delivery.tree import read_regular
from delivery.validate.system import System

Json = dict[str, Any]

#: Longer than the API server takes to answer for a hundred objects over a slow line.
_SECONDS = 60
#: What the API server answers before it is asked for any object.
_UNREACHABLE = re.compile(
    r"connection refused|no such host|i/o timeout|was refused|Unauthorized|must be logged in|"
    r"no configuration has been provided|context .* does not exist|certificate|TLS handshake",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(r"\(NotFound\)|not found", re.IGNORECASE)


@dataclass
class Kubectl:
    """kubectl with its context. ``namespace`` takes the place of that of the manifests."""

    program: str
    tree: str
    context: str | None = None
    namespace: str | None = None
    unreachable: list[str] = field(default_factory=list)

    def words(self, *arguments: str) -> list[str]:
        """The command, word by word."""
        context = [f"--context={self.context}"] if self.context else []
        return [self.program, *context, *arguments]

    def line(self, *arguments: str) -> str:
        """The command as a person types it."""
        return shlex.join(self.words(*arguments))

    def ask(self, *arguments: str) -> str | None:
        """What it prints; None where there is no such object.

        :raises ServerError: the cluster cannot be reached, or refuses us.
        :raises UsageError: there is no kubectl.
        """
        if self.unreachable:
            raise ServerError(Problem("kubectl", self.unreachable[0], "See to that first"))
        try:
            run = subprocess.run(  # noqa: S603 - words, and no shell
                self.words(*arguments),
                check=False,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            self.unreachable.append(f"no answer within {_SECONDS} s")
            return self.ask()
        except OSError as error:
            fault = f"cannot be run: {error.strerror}"
            raise UsageError(
                Problem(self.program, fault, "Install it, or leave --kubectl out")
            ) from None
        if run.returncode == 0:
            return run.stdout
        told = " ".join(run.stderr.split())
        if _NOT_FOUND.search(told) and not _UNREACHABLE.search(told):
            return None
        if _UNREACHABLE.search(told):
            self.unreachable.append(told)
        raise ServerError(Problem("kubectl", told or "says nothing", "Try it by hand"))

    def json(self, *arguments: str) -> Json | None:
        """The object or list that it prints; raises as :meth:`ask` does."""
        told = self.ask(*arguments, "-o", "json")
        if told is None:
            return None
        try:
            found = json.loads(told)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ServerError(Problem("kubectl", "prints no JSON object", "Is it kubectl?"))
        return found


@dataclass(frozen=True, slots=True)
class Manifest:
    """One file that ships, and the objects in it."""

    path: str
    objects: tuple[Json, ...]


def manifests(system: System, tree: str) -> list[Manifest]:
    """The numbered files of a tree, which are the whole of the pipeline.

    :raises UsageError: there is no such tree.
    """
    folder = PurePosixPath("deploy", tree)
    found = []
    for entry in system.shipped.entries:
        path = PurePosixPath(entry.path)
        if path.parent == folder and re.fullmatch(r"\d+-.*\.yaml", path.name):
            data = read_regular(system.shipped.root / entry.path) or b""
            objects = tuple(each for each in yaml.safe_load_all(data) if isinstance(each, dict))
            found.append(Manifest(entry.path, objects))
    if not found:
        raise UsageError(
            Problem(f"deploy/{tree}", "no manifests ship there", "Correct --tree, or build again")
        )
    return found
