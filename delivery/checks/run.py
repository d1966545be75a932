"""Runs every check over a generated tree, and leaves out what is suppressed with a reason."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.exporters import load_exporters
from catalog.model import Catalog
from delivery.checks.context import make_context
from delivery.checks.finding import Finding
from delivery.checks.read import read_tree
from delivery.checks.registry import CHECKS
from delivery.paths import MANIFEST

#: A suppression that suppresses nothing, or does not say why.
UNUSED, UNREASONED = "suppression/unused", "suppression/reason"


@dataclass(frozen=True, slots=True)
class Suppression:
    """A finding that is meant, as the manifest ships it: where, and why."""

    check: str
    file: str
    where: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this finding: ``panel 1`` is not about panel 12."""
        return (
            finding.check == self.check
            and finding.file == self.file
            and f"{finding.where},".startswith((f"{self.where},", f"{self.where} "))
        )


def run_checks(
    root: Path, catalog: Catalog, exporters: Path, runbooks: Path | None = None
) -> list[Finding]:
    """What is wrong with the tree, by file and place.

    ``runbooks`` is the folder with a page for each alert; None where it is elsewhere.

    :raises TreeError: the tree cannot be read.
    :raises CatalogError: the exporters' declarations are wrong.
    """
    manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    files = (entry["path"] for entry in manifest["files"])
    with _uncollected():
        documents = read_tree(root, files, runbooks)
        context = make_context(catalog, load_exporters(exporters), documents)
        found = [finding for check in CHECKS for finding in check.run(context)]
    return sorted(set(remaining(found, suppressions(manifest))), key=_by_place)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing here is garbage before the end, and looking for it takes as long as the checks."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def suppressions(manifest: dict[str, Any]) -> list[Suppression]:
    """What a manifest accepts."""
    return [Suppression(**entry) for entry in manifest.get("suppressions", ())]


def remaining(found: Iterable[Finding], accepted: Iterable[Suppression]) -> Iterable[Finding]:
    """The findings that no suppression covers, and one for each that covers none or says no why."""
    unused = dict.fromkeys(accepted)
    known = tuple(unused)
    for finding in found:
        covering = [each for each in known if each.covers(finding)]
        for each in covering:
            unused.pop(each, None)
        if not any(each.reason.strip() for each in covering):
            yield finding
    for each in unused:
        yield _complaint(UNUSED, each, f"nothing to suppress: {each.check} finds nothing here")
    for each in known:
        if not each.reason.strip():
            yield _complaint(UNREASONED, each, f"the suppression of {each.check} gives no reason")


def _complaint(check: str, each: Suppression, reason: str) -> Finding:
    remedy = "Remove the suppression" if check == UNUSED else "Say why it is meant, or remove it"
    return Finding(check, each.file, each.where, reason, remedy)


def _by_place(finding: Finding) -> tuple[str, str, str, int, str]:
    return finding.file, finding.where, finding.check, finding.start, finding.reason
