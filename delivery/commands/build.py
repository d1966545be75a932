"""``build``: the catalog becomes generated/. Also what runs when no command is named."""

from __future__ import annotations

import typer

from delivery.options import CatalogOption, OutOption, catalog_folder, generated_folder


def command(context: typer.Context, catalog: CatalogOption = None, out: OutOption = None) -> int:
    """Make generated/ from the catalog.

    Nothing is written if the catalog is not valid.
    """
    from catalog.load import load_catalog
    from delivery.console import summarize, tracked
    from delivery.places import display
    from delivery.render import rendered
    from delivery.write import write_tree

    folder = generated_folder(context, out)
    facts = load_catalog(catalog_folder(context, catalog))
    report = write_tree(folder, tracked(rendered(facts), "Generating files"))
    files = "1 file" if report.total == 1 else f"{report.total} files"
    summarize(
        f"{display(folder)}: {files}, {report.written} written, "
        f"{report.unchanged} unchanged, {report.removed} removed"
    )
    return 0
