"""``pull``: what was edited in Grafana, as something to put into the sources."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from delivery.options import CatalogOption, GeneratedOption, catalog_folder, generated_folder
from delivery.publish.options import (
    CaOption,
    CertificateOption,
    EnvironmentOption,
    GrafanaUrl,
    InsecureOption,
    KeyOption,
)


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    uids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[UID]...",
            help="Dashboards. [default: all that were edited]",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the pages are written.")
    ] = Path("pulled"),
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    environment: EnvironmentOption = None,
    grafana_url: GrafanaUrl = None,
    ca_file: CaOption = None,
    client_certificate: CertificateOption = None,
    client_key: KeyOption = None,
    insecure_http: InsecureOption = False,
) -> int:
    """Show what was edited in Grafana beside its sources.

    For each dashboard that was edited since the last publish: a page that names each changed
    setting and the line that makes it, the dashboard as it is, and a patch of what can be
    changed directly. Nothing is written to Grafana; the exit status is 1 if anything was edited.
    """
    from catalog.load import load_catalog
    from delivery.publish.pull.run import pull
    from delivery.publish.servers import reach
    from delivery.publish.session import Source, servers

    facts = load_catalog(catalog_folder(context, catalog))
    how = reach(
        (grafana_url, None, None, None),
        ca_file,
        client_certificate,
        client_key,
        insecure_http=insecure_http,
    )
    source = Source(facts, generated_folder(context, generated), environment)
    with servers(source, ["grafana"], how, os.environ) as found:
        return pull(found[0], facts, uids or (), out)
