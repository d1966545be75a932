"""``build``: the catalog becomes generated/. Also what runs when no command is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from delivery.options import (
    CatalogOption,
    CheckFormat,
    OutOption,
    catalog_folder,
    generated_folder,
)

if TYPE_CHECKING:
    from catalog.model import Catalog
    from delivery.checks.finding import Finding


class _Unsound(Exception):
    """What was made, and is not written, has faults."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings)
        self.findings = findings


def command(context: typer.Context, catalog: CatalogOption = None, out: OutOption = None) -> int:
    """Make generated/ from the catalog.

    Nothing is written if the catalog is not valid, or if a check finds a fault in what it
    makes: the same checks as those of the command check, and reported alike.
    """
    from catalog.load import load_catalog
    from delivery.console import summarize, tracked
    from delivery.places import display
    from delivery.render import rendered
    from delivery.report import print_findings
    from delivery.write import write_tree

    folder, source = generated_folder(context, out), catalog_folder(context, catalog)
    facts = load_catalog(source)
    pairs = tracked(rendered(facts), "Generating files")
    try:
        report = write_tree(folder, pairs, check=lambda staged: _check(staged, facts, source))
    except _Unsound as unsound:
        print_findings(unsound.findings, CheckFormat.TEXT, display(folder))
        return 1
    files = "1 file" if report.total == 1 else f"{report.total} files"
    summarize(
        f"{display(folder)}: {files}, {report.written} written, "
        f"{report.unchanged} unchanged, {report.removed} removed"
    )
    return 0


def _check(staged: Path, facts: Catalog, source: Path) -> None:
    from delivery.checks.run import run_checks
    from delivery.places import runbooks_of

    findings = run_checks(staged, facts, source, runbooks_of(source))
    if findings:
        raise _Unsound(findings)
