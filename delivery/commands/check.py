"""``check``: is every signal that ships a signal that is emitted?"""

from __future__ import annotations

import typer

from delivery.options import (
    CatalogOption,
    CheckFormat,
    CheckFormatOption,
    GeneratedOption,
    catalog_folder,
    generated_folder,
)


def command(
    context: typer.Context,
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    report_format: CheckFormatOption = CheckFormat.TEXT,
) -> int:
    """Check what ships against what is emitted.

    Reads the files under generated/, and needs no server. Each finding has an id that
    docs/checks/ explains; the exit status is 1 if there is any.
    """
    from catalog.load import load_catalog
    from delivery.checks.run import run_checks
    from delivery.console import summarize
    from delivery.places import display, runbooks_of
    from delivery.report import print_findings
    from delivery.verify import verify_tree

    source = catalog_folder(context, catalog)
    folder = generated_folder(context, generated)
    facts = load_catalog(source)
    verify_tree(folder)
    findings = run_checks(folder, facts, source, runbooks_of(source))
    print_findings(findings, report_format, display(folder))
    if report_format is CheckFormat.TEXT and not findings:
        summarize(f"{display(folder)}: nothing to complain about")
    return 1 if findings else 0
