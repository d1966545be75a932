"""From YAML files to models, or to the problems a user can act on.

Whoever reads a folder of facts goes on after a bad file, so that one run names everything
that is wrong with every file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from catalog.base import Model
from catalog.complaints import complaints
from catalog.errors import CatalogError, Problem
from catalog.unfinished import REMEDY, named, unfinished
from catalog.yaml_file import Location, locate, read_yaml

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Kind:
    """What the files of a folder hold, in the words of a message."""

    noun: str
    file_name: str


def load_model(path: Path, model: type[M], problems: list[Problem]) -> M | None:
    """The model in the file; None, and what is wrong with it among the problems."""
    try:
        facts = read_yaml(path)
        if still_open := _unfinished(path, facts):
            problems.extend(still_open)
            return None
        return model.model_validate(facts)
    except CatalogError as error:
        problems.extend(error.problems)
    except ValidationError as error:
        lines = locate(path)
        for location, fault, remedy in complaints(error, model):
            problems.append(Problem(place(path, lines, location), fault, remedy))
    return None


def _unfinished(path: Path, facts: dict[str, object]) -> list[Problem]:
    """What a draft still asks for; the rest of it is looked at once that is answered."""
    found = list(unfinished(facts))
    lines = locate(path) if found else {}
    return [
        Problem(
            place(path, lines, location),
            f"'{named(location)}' is still to be filled in" + (f": {asked}" if asked else ""),
            REMEDY,
        )
        for location, asked in found
    ]


def yaml_files(folder: Path, kind: Kind, problems: list[Problem]) -> list[Path]:
    """The YAML files of a folder, by name; whatever else stands in it is a problem."""
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        fault = "there is no such folder"
        remedy = f"Create it, and in it {kind.file_name} a {kind.noun}"
        problems.append(Problem(str(folder), fault, remedy))
        return []
    except OSError as error:
        fault = f"cannot be read: {error.strerror}"
        problems.append(Problem(str(folder), fault, "Make it a folder that you may read"))
        return []
    files = [path for path in paths if path.suffix == ".yaml" and path.is_file()]
    strays = [path for path in paths if path not in files]
    problems.extend(Problem(str(path), *_stray(path, kind)) for path in strays)
    if not paths:
        fault, remedy = f"no {kind.noun} is declared", f"Add {kind.file_name} for each {kind.noun}"
        problems.append(Problem(str(folder), fault, remedy))
    return files


def _stray(path: Path, kind: Kind) -> tuple[str, str]:
    """Fault and remedy of what stands among the files and is none of them."""
    if path.is_dir():
        return f"a folder among the {kind.noun} files", "Move it away"
    if path.is_symlink() and not path.exists():
        return "a link to a file that is not there", "Mend the link, or delete it"
    if path.suffix == ".yml":
        return f"not a {kind.noun} file", f"Rename it to {path.stem}.yaml"
    return f"not a {kind.noun} file", f"Name it {kind.file_name}, or move it away"


def place(path: Path, lines: dict[Location, int], location: Location) -> str:
    """``file:line`` of the location, or of the nearest thing that encloses it."""
    for length in range(len(location), 0, -1):
        if location[:length] in lines:
            return f"{path}:{lines[location[:length]]}"
    return f"{path}:1"


def by_place(problem: Problem) -> tuple[str, int]:
    """Sorts problems by file, and within a file by the number of the line."""
    name, _, line = problem.place.rpartition(":")
    return (name, int(line)) if line.isdigit() else (problem.place, 0)
