"""``backup``: all that is ours in Grafana and the rulers, as files."""

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
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
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
    """Keep all that is ours in Grafana and the rulers.

    ``restore`` puts it back: dashboards, folders, datasources, correlations, rules and their
    like, as the servers have them, edits included; no secrets. Loki's own data is files:
    docs/backup.md.
    """
    from delivery.publish.servers import reach
    from delivery.publish.whole import backup

    how = reach(
        (grafana_url, loki_url, mimir_url, prometheus_url),
        ca_file,
        client_certificate,
        client_key,
        insecure_http=insecure_http,
    )
    folders = (catalog, generated)
    with opened(context, folders, environment, target, how) as found:
        return backup(found, folder)
