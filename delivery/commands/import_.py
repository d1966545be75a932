"""``import``: a dashboard that was made elsewhere, as modules of this repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from delivery import places
from delivery.options import CatalogOption, FormatOption, ReportFormat, catalog_folder
from delivery.publish.options import (
    CaOption,
    CertificateOption,
    GrafanaUrl,
    InsecureOption,
    KeyOption,
)

if TYPE_CHECKING:
    from delivery.importing.source import Original
    from delivery.publish.servers import Reach


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    dashboard: Annotated[
        str,
        typer.Argument(
            metavar="FILE|UID", help="A dashboard's JSON, or the uid of one in Grafana."
        ),
    ],
    catalog: CatalogOption = None,
    folder: Annotated[
        str | None,
        typer.Option(
            "--folder",
            metavar="ID",
            help="The catalog's folder that it goes to. [default: where it was, or the overview's]",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            help="What its modules are named after. [default: its title]",
            show_default=False,
        ),
    ] = None,
    into: Annotated[
        Path,
        typer.Option(
            "--into",
            metavar="DIR",
            help="The repository to write into. [default: this one]",
            show_default=False,
        ),
    ] = places.ROOT,
    allow_losses: Annotated[
        bool, typer.Option("--allow-losses", help="Write it although something of it is lost.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite an earlier import of that name.")
    ] = False,
    account: Annotated[
        bool, typer.Option("--account", help="Tell of every panel what became of it.")
    ] = False,
    report_format: FormatOption = ReportFormat.TEXT,
    grafana_url: GrafanaUrl = None,
    ca_file: CaOption = None,
    client_certificate: CertificateOption = None,
    client_key: KeyOption = None,
    insecure_http: InsecureOption = False,
) -> int:
    """Take over a dashboard that was made elsewhere.

    Its queries become functions in queries/, its panels calls of our constructors in dashboards/,
    and metrics that the catalog does not know proposals in catalog/proposals/. What cannot be
    expressed is listed with its place in the JSON; then nothing is written and the exit status is
    1, unless losses are allowed.
    """
    from catalog.load import load_catalog
    from delivery.console import fail, summarize
    from delivery.importing import report
    from delivery.importing.run import Wishes, run
    from delivery.publish.servers import reach

    source = catalog_folder(context, catalog)
    facts = load_catalog(source)
    how = reach(
        (grafana_url, None, None, None),
        ca_file,
        client_certificate,
        client_key,
        insecure_http=insecure_http,
    )
    original = _read(dashboard, how)
    wishes = Wishes(into, folder, name, replace, allow_losses)
    outcome = run(original, facts, source, wishes)
    if report_format is ReportFormat.JSON:
        print(report.as_json(outcome))
    else:
        for line in report.as_text(outcome, every=account):
            print(line)
    if outcome.changed is None:
        fail([report.closing(outcome)])
        return 1
    if report_format is ReportFormat.TEXT:
        summarize(report.closing(outcome))
    return 0


def _read(dashboard: str, how: Reach) -> Original:
    """What ends in .json or is a file is one; anything else is a uid."""
    from catalog.errors import Problem, UsageError
    from delivery.importing.source import from_file, from_server
    from delivery.publish.servers import access
    from delivery.publish.transport import Transport

    file = Path(dashboard)
    if file.exists() or file.suffix == ".json" or len(file.parts) > 1:
        return from_file(file)
    found = access("grafana", how, os.environ)
    if found is None:
        fault = "is no file, and nothing says where Grafana is"
        remedy = "Name a file, or set GRAFANA_URL for a dashboard's uid"
        raise UsageError(Problem(dashboard, fault, remedy))
    server = Transport(found)
    try:
        return from_server(server, dashboard)
    finally:
        server.close()
