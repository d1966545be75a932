"""From a file or a uid to modules in the repository: the one way through this package."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog import names
from catalog.errors import Problem, UsageError, UserError
from catalog.model import Catalog
from catalog.signals import one_of
from dashboards.imported import Imported, content
from delivery.checks.finding import Finding
from delivery.importing import confirm, loaded, proposals, repository
from delivery.importing.account import Line, account
from delivery.importing.modern import modernised
from delivery.importing.modules import Module, modules
from delivery.importing.naming import slug
from delivery.importing.notes import Notes
from delivery.importing.read import text
from delivery.importing.references import references
from delivery.importing.source import Original
from delivery.importing.whole import Identity, described, uid_of

Json = dict[str, Any]

#: As the parts of a module end: a name of its own that ends so would be taken for one.
_PART = re.compile(r"_(?:panels|[0-9]+)$")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for, besides the dashboard."""

    root: Path
    folder: str | None = None
    name: str | None = None
    replace: bool = False
    allow_losses: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: the account, what the check finds, and what was written."""

    title: str
    uid: str
    slug: str
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    #: Of these files; none were where losses were not allowed.
    modules: tuple[str, ...]
    changed: int | None

    @property
    def lossy(self) -> bool:
        """Whether anything is lost."""
        return any(line.verdict == "lost" for line in self.lines)


def run(original: Original, catalog: Catalog, facts: Path, wishes: Wishes) -> Outcome:
    """Imports it; without ``allow_losses`` nothing is written where something is lost.

    :raises UserError: it cannot be imported, or something is in the way.
    """
    repository.listed(wishes.root)
    notes = Notes()
    dashboard = original.dashboard
    sources = references(dashboard, catalog.prefix, original.datasources)
    modern = modernised(dashboard, sources, notes)
    who = _identity(original, catalog, wishes, notes)
    imported = described(modern, who, notes)
    called = _slug(text(dashboard, "title"), wishes.name)
    _refuse_another(imported, catalog, called)
    found = confirm.findings(imported, catalog, facts)
    _refuse_faults(found, imported, original.place)
    imported = confirm.accepting(imported, found)
    made = modules(imported, called)
    built = content(loaded.built(made, catalog), catalog.prefix)
    lines = account(dashboard, modern, built, notes.taken)
    _refuse_unfaithful(lines, original.place)
    outcome = Outcome(
        title=imported.head.title,
        uid=who.uid,
        slug=called,
        lines=lines,
        findings=tuple(found),
        modules=tuple(module.path for module in made),
        changed=None,
    )
    if outcome.lossy and not wishes.allow_losses:
        return outcome
    return replace(outcome, changed=_write(wishes, called, made, imported, found))


def _write(
    wishes: Wishes,
    called: str,
    made: Sequence[Module],
    imported: Imported,
    found: Sequence[Finding],
) -> int:
    if not wishes.replace:
        repository.refuse_to_overwrite(wishes.root, called, made)
    return repository.write(
        wishes.root, called, made, proposals.proposed(imported.head.title, found)
    )


def _identity(original: Original, catalog: Catalog, wishes: Wishes, notes: Notes) -> Identity:
    uid = uid_of(original.dashboard, catalog.prefix, notes)
    owner = catalog.platform.owner.team
    return Identity(catalog.prefix, owner, _folder(original, catalog, wishes.folder), uid)


def _folder(original: Original, catalog: Catalog, wanted: str | None) -> str:
    """The folder that is asked for, or the one it was in if that is ours, or the overview's."""
    ids = {folder.id for folder in catalog.platform.folders}
    if wanted is not None:
        if wanted not in ids:
            fault = f"the catalog has no folder '{wanted}'"
            raise UsageError(Problem("--folder", fault, one_of(wanted, ids)))
        return wanted
    by_uid: Mapping[str, str] = {names.folder_uid(catalog.prefix, each): each for each in ids}
    return by_uid.get(original.folder, catalog.platform.folder("overview").id)


def _slug(title: str, wanted: str | None) -> str:
    name = slug(wanted or title, "dashboard")
    return f"{name}_dashboard" if _PART.search(name) else name


def _refuse_another(imported: Imported, catalog: Catalog, called: str) -> None:
    """A dashboard of ours, or of another import, keeps its uid."""
    from dashboards import imports, registry

    mine = f"dashboards.imported_{called}"
    others = (build for build in imports.IMPORTED if build.__module__ != mine)
    uids = {build(catalog).head.uid: build.__module__ for build in others}
    own = {made.uid for made in registry.generate(catalog)} - {
        build(catalog).head.uid for build in imports.IMPORTED
    }
    uid = imported.head.uid
    if uid in uids or uid in own:
        whose = uids.get(uid, "a dashboard that is generated here")
        fault = f"has the uid of {whose}"
        remedy = "Give the one that is imported another uid in its JSON"
        raise UserError(Problem(uid, fault, remedy))


def _refuse_faults(found: Sequence[Finding], imported: Imported, place: str) -> None:
    """What the import brings about in another file would stop every later build."""
    file = f"grafana/dashboards/{imported.head.folder}/{imported.head.uid}.json"
    elsewhere = [each for each in found if each.file != file]
    if elsewhere:
        first = elsewhere[0]
        fault = f"with it, {first.file} fails {first.check}: {first.reason}"
        raise UserError(Problem(place, fault, first.remedy))


def _refuse_unfaithful(lines: Sequence[Line], place: str) -> None:
    """What is built and was not noted to differ must not differ."""
    for line in lines:
        if line.faults:
            fault = f"{line.path} would be built with another {line.faults[0]}"
            raise UserError(Problem(place, fault, "Report it: this is a fault of this program"))
