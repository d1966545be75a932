"""``plan``: what differs between generated/ and the live servers?"""

from __future__ import annotations

from typing import Annotated

import typer

from delivery.options import CatalogOption, GeneratedOption
from delivery.publish.options import (
    Alerts,
    AlertsOption,
    CaOption,
    CertificateOption,
    EnvironmentOption,
    GrafanaUrl,
    InsecureOption,
    KeyOption,
    LokiUrl,
    MimirUrl,
    PlanFormat,
    PlanFormatOption,
    PrometheusUrl,
    TargetOption,
    opened,
)


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    target: TargetOption = None,
    environment: EnvironmentOption = None,
    alerts: AlertsOption = Alerts.RULER,
    plan_format: PlanFormatOption = PlanFormat.TEXT,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if anything differs.")
    ] = False,
    grafana_url: GrafanaUrl = None,
    loki_url: LokiUrl = None,
    mimir_url: MimirUrl = None,
    prometheus_url: PrometheusUrl = None,
    ca_file: CaOption = None,
    client_certificate: CertificateOption = None,
    client_key: KeyOption = None,
    insecure_http: InsecureOption = False,
) -> int:
    """What differs between generated/ and the live servers.

    Nothing is written. Tokens come from GRAFANA_TOKEN, LOKI_TOKEN and MIMIR_TOKEN, or from the
    files that GRAFANA_TOKEN_FILE and its like name.
    """
    from delivery.publish import report
    from delivery.publish.servers import reach

    how = reach(
        (grafana_url, loki_url, mimir_url, prometheus_url),
        ca_file,
        client_certificate,
        client_key,
        insecure_http=insecure_http,
    )
    folders = (catalog, generated)
    with opened(context, folders, environment, target, how, alerts=alerts) as found:
        plans = [server.plan() for server in found]
    if plan_format is PlanFormat.JSON:
        print(report.data(plans))
    elif plan_format is PlanFormat.MARKDOWN:
        print(report.markdown(plans), end="")
    else:
        for line in report.text(plans):
            print(line)
    return int(exit_code and not all(plan.empty for plan in plans))
