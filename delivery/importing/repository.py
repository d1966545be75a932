"""The modules' place in a repository: which are there, and all of the new ones or none.

Each file is written beside its place and renamed into it, and the list of imported dashboards
comes last: a run that is killed leaves at most modules that nothing uses, and the next one
finishes them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from catalog.errors import Problem, UsageError, UserError
from delivery import tree
from delivery.importing.modules import Module
from delivery.importing.python_text import WIDTH
from delivery.places import display

REGISTRY = "dashboards/imports.py"
PROPOSALS = "catalog/proposals"
_LISTED = re.compile(r"\bimported_(\w+)\.build\b")


def listed(root: Path) -> tuple[str, ...]:
    """The slugs of the dashboards that were imported.

    :raises UsageError: the folder is no repository of ours.
    """
    try:
        text = (root / REGISTRY).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        fault = f"has no {REGISTRY}"
        remedy = "Name the folder of this repository, or of a copy"
        raise UsageError(Problem(display(root), fault, remedy)) from None
    return tuple(_LISTED.findall(text))


def write(root: Path, slug: str, modules: Sequence[Module], proposals: str) -> int:
    """Makes the repository hold the modules, and none left over; how many files changed."""
    slugs = sorted({*listed(root), slug})
    files = {module.path: module.text for module in modules}
    place = f"{PROPOSALS}/imported_{slug}.yaml"
    old = {path for path in _present(root, slug) if path not in files}
    if proposals:
        files[place] = proposals
    elif (root / place).exists():
        old.add(place)
    changed = sum(_replace(root / path, text) for path, text in files.items())
    changed += _replace(root / REGISTRY, registry(slugs))
    for path in sorted(old):
        (root / path).unlink(missing_ok=True)
    return changed + len(old)


def refuse_to_overwrite(root: Path, slug: str, modules: Sequence[Module]) -> None:
    """Raises UserError if people's work on an earlier import would be lost."""
    if slug not in listed(root):
        return
    for module in modules:
        path = root / module.path
        if path.exists() and path.read_text(encoding="utf-8") != module.text:
            fault = "is there already, and what was changed in it would be lost"
            remedy = "Add --replace, or choose another name with --name"
            raise UserError(Problem(display(path), fault, remedy))


def registry(slugs: Sequence[str]) -> str:
    """The text of the list of imported dashboards."""
    names = [f"imported_{slug}" for slug in slugs]
    imports = "".join(_import(names))
    line = ", ".join(f"{name}.build" for name in names)
    whole = (
        f"IMPORTED: tuple[Callable[[Catalog], Imported], ...] = ({line}{',' * (len(names) == 1)})"
    )
    if len(whole) > WIDTH:
        held = "".join(f"    {name}.build,\n" for name in names)
        whole = f"IMPORTED: tuple[Callable[[Catalog], Imported], ...] = (\n{held})"
    return (
        '"""Every dashboard that was imported, in order; `build.py import` adds a line for each."""'
        "\n\nfrom __future__ import annotations\n\nfrom collections.abc import Callable\n\n"
        f"from catalog.model import Catalog\n{imports}from dashboards.imported import Imported\n\n"
        f"{whole}\n"
    )


def _import(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    line = f"from dashboards import {', '.join(names)}\n"
    if len(line) <= WIDTH + 1:
        return [line]
    return ["from dashboards import (\n", *(f"    {name},\n" for name in names), ")\n"]


def _present(root: Path, slug: str) -> list[str]:
    ours = re.compile(rf"imported_{re.escape(slug)}(?:_panels)?(?:_[0-9]+)?\.py")
    return [
        f"{package}/{path.name}"
        for package in ("dashboards", "queries")
        for path in sorted((root / package).iterdir())
        if ours.fullmatch(path.name)
    ]


def _replace(path: Path, text: str) -> bool:
    """Whether the file was not so already."""
    if path.is_file() and path.read_bytes() == text.encode():
        return False
    path.parent.mkdir(exist_ok=True)
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        tree.write_new(staged, text.encode())
        os.replace(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    return True
