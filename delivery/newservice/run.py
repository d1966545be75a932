"""From wishes to a service of the catalog: the one way through the parts of this package."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog.errors import Problem, UsageError
from catalog.load import SERVICES, load_catalog
from catalog.model import Catalog
from catalog.unfinished import is_open
from catalog.yaml_file import read_yaml
from delivery import confirm, places
from delivery.checks.finding import Finding
from delivery.lock import locked
from delivery.newservice import compose, metrics_page, promises, text
from delivery.newservice.asking import asked
from delivery.newservice.compose import Choices
from delivery.newservice.interview import Ask, Interview, apply, settle
from delivery.newservice.place_files import Files, place, take_back
from delivery.newservice.preview import Preview, preview, with_service
from delivery.newservice.questions import BY_NAME
from delivery.places import display

_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says. ``flags`` are answers by the name of their question."""

    flags: Mapping[str, Any]
    choices: Choices
    draft: Path | None = None
    settings: tuple[str, ...] = ()
    metrics: str | None = None
    keep: str | None = None
    bad: tuple[str, ...] = ()
    requests: bool | None = None
    timeout: float = 10.0


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the catalog and what comes of it are; None for what is not ours to write."""

    catalog: Path
    generated: Path
    runbooks: Path | None
    tests: Path | None
    confirm: Path | None


class UnsoundError(Exception):
    """What would be built has faults."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(findings)
        self.findings = findings


def folders_of(catalog: Path, generated: Path) -> Folders:
    """What is written beside a catalog: of another than ours, only the service's file."""
    if catalog.resolve() != places.DEFAULT_CATALOG:
        return Folders(catalog, generated, None, None, None)
    return Folders(
        catalog,
        generated,
        places.RUNBOOKS,
        places.ROOT / "tests" / "services",
        places.ROOT / "docs" / "confirm.md",
    )


def text_of(
    folders: Folders, wishes: Wishes, ask: Ask | None, *, assume: bool
) -> tuple[str, str, tuple[str, ...]]:
    """The id, the file's text, and what a person should know of it.

    :raises UserError: an answer is missing or cannot be, or the id is taken.
    """
    catalog = load_catalog(folders.catalog)
    draft = _draft(wishes)
    interview = Interview(catalog, _typed(wishes.flags), draft, ask, assume)
    _refuse_taken(catalog, folders, wishes.flags.get("id") or draft.get("id"))
    answers = interview.answers()
    _refuse_taken(catalog, folders, answers["id"])
    metrics, notes = _metrics(catalog, wishes)
    choices = replace(wishes.choices, requests=wishes.requests is True)
    if ask is not None and not assume:
        drafted = [*metrics, *draft.get("metrics", ())]
        told = wishes.requests is not None or wishes.metrics is not None or "metrics" in draft
        promised = "objectives" in draft
        choices = asked(catalog, choices, drafted, ask, told=told, promised=promised)
    known = compose.Known(answers, interview.assumed, draft, metrics, wishes.bad)
    document = compose.compose(catalog, known, choices)
    settle(document, ask)
    written = text.to_yaml(document, compose.comments(document, interview.assumed))
    return answers["id"], written, tuple(notes)


def make(folders: Folders, identifier: str, written: str, work: Path) -> tuple[Files, Preview]:
    """What would be written and what would come of it; ``work`` is thrown away in the end.

    :raises UserError: it does not fit into the catalog.
    :raises UnsoundError: what would be built has faults.
    """
    copy = with_service(folders.catalog, identifier, written, work)
    seen = preview(folders.catalog, copy, folders.generated, folders.runbooks, work / "generated")
    if seen.findings:
        raise UnsoundError(tuple(seen.findings))
    new: dict[Path, str] = {}
    replaced: dict[Path, str] = {}
    if folders.runbooks is not None:
        new |= {folders.runbooks / f"{name}.md": page for name, page in seen.runbooks.items()}
    if folders.tests is not None:
        name = f"test_{identifier.replace('-', '_')}.py"
        service = seen.catalog.service(identifier)
        new[folders.tests / name] = promises.test_file(seen.catalog, service, seen.documents)
    if folders.confirm is not None and folders.confirm.is_file():
        replaced[folders.confirm] = confirm.page(seen.catalog)
    path = folders.catalog / SERVICES / f"{identifier}.yaml"
    return Files(path, written, new, replaced), seen


def write(folders: Folders, files: Files) -> None:
    """Puts everything in its place, at once."""
    with locked(folders.catalog, _WAIT_SECONDS):
        place(folders.catalog, files)


def recover(folders: Folders) -> bool:
    """Takes back what a killed run has left; True if there was something."""
    if not (folders.catalog / SERVICES).is_dir():
        return False
    with locked(folders.catalog, _WAIT_SECONDS):
        return take_back(folders.catalog)


def work_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for one run, gone when it ends."""
    return tempfile.TemporaryDirectory(prefix="new-service-")


def _typed(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Flags that are text and mean something else, as the depends-on list."""
    return {
        name: BY_NAME[name].read(value) if isinstance(value, str) else value
        for name, value in flags.items()
        if value is not None
    }


def _draft(wishes: Wishes) -> dict[str, Any]:
    draft: dict[str, Any] = {}
    if wishes.draft is not None:
        draft = compose.plain(read_yaml(wishes.draft))
    apply(draft, wishes.settings)
    return draft


def _refuse_taken(catalog: Catalog, folders: Folders, identifier: Any) -> None:
    path = folders.catalog / SERVICES / f"{identifier}.yaml"
    taken = any(each.id == identifier for each in catalog.services)
    if isinstance(identifier, str) and not is_open(identifier) and (taken or path.exists()):
        fault = f"the catalog has a service '{identifier}' already"
        raise UsageError(Problem(display(path), fault, "Edit that file, or choose another --id"))


def _metrics(catalog: Catalog, wishes: Wishes) -> tuple[list[dict[str, Any]], list[str]]:
    if wishes.metrics is None:
        return [], []
    try:
        keep = None if wishes.keep is None else re.compile(wishes.keep)
    except re.error as error:
        fault = f"it is no regular expression: {error}"
        raise UsageError(Problem("--keep", fault, "Write one for whole names")) from None
    page = metrics_page.read(wishes.metrics, wishes.timeout)
    return metrics_page.declarations(page, catalog, keep)


def report(folders: Folders, files: Files, seen: Preview) -> Iterator[str]:
    """The plan, a line each: what is written, and what comes of it under generated/."""
    yield f"+ {display(files.last)}"
    yield from (f"+ {display(path)}" for path in files.new)
    for path in files.replaced:
        yield f"~ {display(path)}"
    root = display(folders.generated)
    yield from (f"+ {os.path.join(root, path)}" for path in seen.created)
    yield from (f"~ {os.path.join(root, path)}" for path in seen.changed)
    yield from (f"- {os.path.join(root, path)}" for path in seen.removed)


def summary(seen: Preview) -> str:
    """What the next build does, in one line."""
    return (
        f"The next build makes {len(seen.created)} new files, changes {len(seen.changed)} and "
        f"removes {len(seen.removed)}"
    )
