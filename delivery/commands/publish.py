"""``publish``: make the live servers match generated/, and nothing else."""

from __future__ import annotations

import typer

from delivery.options import CatalogOption, GeneratedOption
from delivery.publish.options import (
    AdoptOption,
    Alerts,
    AlertsOption,
    BackupOption,
    CaOption,
    CertificateOption,
    EnvironmentOption,
    GrafanaUrl,
    InsecureOption,
    KeyOption,
    LokiUrl,
    MimirUrl,
    OutcomeFormat,
    OutcomeFormatOption,
    OverwriteOption,
    PrometheusUrl,
    PruneOption,
    ReportOption,
    TargetOption,
    YesOption,
    opened,
)


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    target: TargetOption = None,
    environment: EnvironmentOption = None,
    alerts: AlertsOption = Alerts.RULER,
    prune: PruneOption = False,
    adopt: AdoptOption = False,
    overwrite: OverwriteOption = False,
    backup: BackupOption = None,
    yes: YesOption = False,
    outcome_format: OutcomeFormatOption = OutcomeFormat.TEXT,
    report: ReportOption = None,
    grafana_url: GrafanaUrl = None,
    loki_url: LokiUrl = None,
    mimir_url: MimirUrl = None,
    prometheus_url: PrometheusUrl = None,
    ca_file: CaOption = None,
    client_certificate: CertificateOption = None,
    client_key: KeyOption = None,
    insecure_http: InsecureOption = False,
) -> int:
    """Make the live servers match generated/, and nothing else.

    Only what carries our mark is changed or removed. What was edited since the last publish, or
    is in the way and not ours, is refused before anything is written.
    """
    from delivery.publish.outcome import format_of
    from delivery.publish.run import Printed, Wishes, publish
    from delivery.publish.servers import reach

    how = reach(
        (grafana_url, loki_url, mimir_url, prometheus_url),
        ca_file,
        client_certificate,
        client_key,
        insecure_http=insecure_http,
    )
    wishes = Wishes(adopt=adopt, overwrite=overwrite, prune=prune, sure=yes, backup=backup)
    for file in report or ():
        format_of(file)
    printed = Printed(outcome_format, report or ())
    folders = (catalog, generated)
    with opened(context, folders, environment, target, how, alerts=alerts) as found:
        return publish(found, wishes, printed)
