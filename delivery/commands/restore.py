"""``restore``: put back what a backup has kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from delivery.options import CatalogOption, GeneratedOption
from delivery.publish.options import (
    CaOption,
    CertificateOption,
    EnvironmentOption,
    GrafanaUrl,
    InsecureOption,
    KeyOption,
    LokiUrl,
    MimirUrl,
    PrometheusUrl,
    TargetOption,
    opened,
)


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="What backup, or publish --backup, has written.")
    ],
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    target: TargetOption = None,
    environment: EnvironmentOption = None,
    grafana_url: GrafanaUrl = None,
    loki_url: LokiUrl = None,
    mimir_url: MimirUrl = None,
    prometheus_url: PrometheusUrl = None,
    ca_file: CaOption = None,
    client_certificate: CertificateOption = None,
    client_key: KeyOption = None,
    insecure_http: InsecureOption = False,
) -> int:
    """Put back what a backup has kept; what was made since stays.

    What cannot come back (secrets, a deleted dashboard's versions) is said.
    """
    from delivery.publish.rollback import rollback
    from delivery.publish.servers import reach

    how = reach(
        (grafana_url, loki_url, mimir_url, prometheus_url),
        ca_file,
        client_certificate,
        client_key,
        insecure_http=insecure_http,
    )
    folders = (catalog, generated)
    with opened(context, folders, environment, target, how) as found:
        return rollback(found, folder)
