"""The catalog with the new service in it, built and checked in a folder that nobody reads.

What comes of a service is seen before it is written: every file under generated/ that is new or
changes, and whatever the checks find.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import CatalogError, Problem
from catalog.load import SERVICES, load_catalog
from catalog.model import Catalog
from delivery import manifest, tree
from delivery.checks import read_runbooks
from delivery.checks.documents import Documents
from delivery.checks.finding import Finding
from delivery.checks.read import read_tree
from delivery.checks.rules import runbook_unfinished
from delivery.checks.run import run_checks
from delivery.newservice import runbook_stub
from delivery.paths import MANIFEST
from delivery.places import display
from delivery.render import rendered
from delivery.write import write_tree


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be: the catalog, its files, what is wrong with them, and how they differ."""

    catalog: Catalog
    documents: Documents
    findings: Sequence[Finding]
    runbooks: dict[str, str]
    created: Sequence[str]
    changed: Sequence[str]
    removed: Sequence[str]


def with_service(source: Path, identifier: str, text: str, work: Path) -> Path:
    """A copy of the catalog that has the service; Python beside it is not copied."""
    folder = work / "catalog"
    ignored = shutil.ignore_patterns("*.py", "__pycache__", ".*")
    shutil.copytree(source, folder, ignore=ignored, dirs_exist_ok=True)
    (folder / SERVICES / f"{identifier}.yaml").write_text(text, encoding="utf-8")
    return folder


def preview(
    source: Path, folder: Path, generated: Path, runbooks: Path | None, out: Path
) -> Preview:
    """Builds the catalog in ``folder`` to ``out`` and holds it against ``generated``.

    :raises CatalogError: the new service does not fit; places are named as they would be.
    """
    facts = loaded(source, folder)
    write_tree(out, rendered(facts))
    entries = manifest.decode(tree.read_regular(out / MANIFEST) or b"")
    documents = read_tree(out, (each.path for each in entries))
    stubs = (
        {
            name: runbook_stub.stub(rule, facts)
            for name, rule in runbook_stub.missing(documents.rules, runbooks).items()
        }
        if runbooks is not None
        else {}
    )
    findings = [
        each
        for each in run_checks(out, facts, folder, _pages(runbooks, stubs, out.parent))
        if not _is_asked_for(each, stubs)
    ]
    before = {each.path: each.sha256 for each in _entries(generated)}
    after = {each.path: each.sha256 for each in entries}
    return Preview(
        facts,
        documents,
        findings,
        stubs,
        sorted(set(after) - set(before)),
        sorted(path for path in after if path in before and after[path] != before[path]),
        sorted(set(before) - set(after)),
    )


def loaded(source: Path, folder: Path) -> Catalog:
    """The catalog in the copy, its faults told as if they were where it was copied from.

    The file that is new is nowhere else yet, and the message says where its lines can be seen.
    """
    try:
        return load_catalog(folder)
    except CatalogError as error:
        raise CatalogError(*(_moved(each, source, folder) for each in error.problems)) from None


def _moved(problem: Problem, source: Path, folder: Path) -> Problem:
    place = problem.place.replace(str(folder), display(source))
    file = Path(place.rpartition(":")[0] or place)
    known = (source / SERVICES / file.name).exists() or file.parent.name != SERVICES
    shown = place if known else f"{place} (not written; --dry-run shows it)"
    return Problem(shown, problem.fault.replace(str(folder), display(source)), problem.remedy)


def _is_asked_for(finding: Finding, stubs: dict[str, str]) -> bool:
    """Whether it is a question of a page that would be written: it is there to be answered."""
    own = {f"{read_runbooks.FOLDER}/{name}.md" for name in stubs}
    return finding.check == runbook_unfinished.CHECK.id and finding.file in own


def _pages(runbooks: Path | None, stubs: dict[str, str], work: Path) -> Path | None:
    """A folder with each runbook, those that would be written among them."""
    if runbooks is None:
        return None
    folder = work / "runbooks"
    folder.mkdir(exist_ok=True)
    for path in runbooks.glob("*.md"):
        shutil.copyfile(path, folder / path.name)
    for name, page in stubs.items():
        (folder / f"{name}.md").write_text(page, encoding="utf-8")
    return folder


def _entries(generated: Path) -> Sequence[manifest.Entry]:
    """What the last build made; nothing where there was none."""
    try:
        return manifest.decode(tree.read_regular(generated / MANIFEST) or b"")
    except manifest.ManifestError:
        return ()
