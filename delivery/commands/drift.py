"""``drift``: is generated/ what the sources produce?"""

from __future__ import annotations

import typer

from delivery.options import (
    CatalogOption,
    FormatOption,
    GeneratedOption,
    ReportFormat,
    catalog_folder,
    generated_folder,
)


def command(
    context: typer.Context,
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    report_format: FormatOption = ReportFormat.TEXT,
) -> int:
    """Is generated/ what the sources produce?

    Names each file that differs, is missing or is left over, and the command that mends it.
    Changes nothing; the exit status is 1 if there is any.
    """
    from catalog.load import load_catalog
    from delivery.console import tracked
    from delivery.drift import find_drift
    from delivery.places import build_command
    from delivery.render import rendered
    from delivery.report import print_problems

    source = catalog_folder(context, catalog)
    folder = generated_folder(context, generated)
    pairs = tracked(rendered(load_catalog(source)), "Comparing files")
    problems = find_drift(folder, pairs, build_command(folder, source))
    print_problems(problems, report_format)
    return 1 if problems else 0
