"""From a folder of YAML files to a :class:`~catalog.model.Catalog`, or to all its faults.

Every file is read before anything is refused, so that one run names everything that is
wrong with every file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from catalog.base import Model
from catalog.coherence import incoherences
from catalog.complaints import complaints
from catalog.errors import CatalogError, Problem
from catalog.faults import Fault
from catalog.model import Catalog
from catalog.platform import Platform, Windows
from catalog.service import Service
from catalog.yaml_file import Location, locate, read_yaml

M = TypeVar("M", bound=Model)

SERVICES = "services"
PLATFORM = "platform.yaml"
WINDOWS = "windows.yaml"


def load_catalog(folder: Path) -> Catalog:
    """The catalog in ``folder``: platform.yaml, windows.yaml and every YAML file of services/.

    :raises CatalogError: with every problem of every file, sorted by place.
    """
    if not folder.is_dir():
        raise CatalogError(
            Problem(str(folder), "there is no such folder", "Name the folder of the catalog")
        )
    problems: list[Problem] = []
    platform = _load(folder / PLATFORM, Platform, problems)
    windows = _load(folder / WINDOWS, Windows, problems)
    services: dict[Path, Service] = {}
    for path in _service_files(folder / SERVICES, problems):
        service = _load(path, Service, problems)
        if service is not None:
            services[path] = service
    if platform is not None and windows is not None:
        faults = incoherences(
            platform, windows, tuple(services.values()), all_services=not problems
        )
        problems.extend(_problem(fault, folder, tuple(services)) for fault in faults)
    if problems or platform is None or windows is None:
        raise CatalogError(*sorted(problems, key=_by_place))
    ordered = sorted(services.values(), key=lambda service: service.id)
    return Catalog(platform=platform, windows=windows, services=tuple(ordered))


def _load(path: Path, model: type[M], problems: list[Problem]) -> M | None:
    try:
        return model.model_validate(read_yaml(path))
    except CatalogError as error:
        problems.extend(error.problems)
    except ValidationError as error:
        lines = locate(path)
        for location, fault, remedy in complaints(error, model):
            problems.append(Problem(place(path, lines, location), fault, remedy))
    return None


def _service_files(folder: Path, problems: list[Problem]) -> list[Path]:
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        problems.append(
            Problem(
                str(folder), "there is no such folder", "Create it, and in it <id>.yaml a service"
            )
        )
        return []
    except OSError as error:
        problems.append(
            Problem(
                str(folder),
                f"cannot be read: {error.strerror}",
                "Make it a folder that you may read",
            )
        )
        return []
    files = [path for path in paths if path.suffix == ".yaml" and path.is_file()]
    strays = [path for path in paths if path not in files]
    problems.extend(Problem(str(path), *_stray(path)) for path in strays)
    if not paths:
        problems.append(
            Problem(str(folder), "no service is declared", "Add <id>.yaml for each service")
        )
    return files


def _stray(path: Path) -> tuple[str, str]:
    """Fault and remedy of what stands among the services and is none."""
    if path.is_dir():
        return "a folder among the service files", "Move it away"
    if path.is_symlink() and not path.exists():
        return "a link to a file that is not there", "Mend the link, or delete it"
    if path.suffix == ".yml":
        return "not a service file", f"Rename it to {path.stem}.yaml"
    return "not a service file", "Name it <id>.yaml, or move it away"


def _problem(fault: Fault, folder: Path, order: tuple[Path, ...]) -> Problem:
    path = folder / fault.file if fault.service is None else order[fault.service]
    text = fault.fault
    if fault.rival is not None:
        index, location = fault.rival
        text = f"{text} {place(order[index], locate(order[index]), location)}"
    return Problem(place(path, locate(path), fault.location), text, fault.remedy)


def place(path: Path, lines: dict[Location, int], location: Location) -> str:
    """``file:line`` of the location, or of the nearest thing that encloses it."""
    for length in range(len(location), 0, -1):
        if location[:length] in lines:
            return f"{path}:{lines[location[:length]]}"
    return f"{path}:1"


def _by_place(problem: Problem) -> tuple[str, int]:
    name, _, line = problem.place.rpartition(":")
    return (name, int(line)) if line.isdigit() else (problem.place, 0)
