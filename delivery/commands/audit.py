"""``audit``: does each panel, rule and link of the generated files work on the live servers?"""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from delivery.options import CatalogOption, GeneratedOption, catalog_folder, generated_folder
from delivery.publish.options import (
    AlertmanagerUrl,
    CaOption,
    CertificateOption,
    EnvironmentOption,
    GrafanaUrl,
    InsecureOption,
    JaegerUrl,
    KeyOption,
    LokiUrl,
    PrometheusUrl,
)


class AuditFormat(StrEnum):
    """How the report is printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    HTML = "html"


class Part(StrEnum):
    """What can be left out."""

    LINKS = "links"
    COSTS = "costs"
    RULES = "rules"
    LATENCY = "latency"


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    environment: EnvironmentOption = None,
    dashboard: Annotated[
        list[str] | None,
        typer.Option("--dashboard", metavar="UID", help="Only this dashboard; may be repeated."),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option("--service", metavar="ID", help="Only this service; may be repeated."),
    ] = None,
    skip: Annotated[
        list[Part] | None, typer.Option("--skip", help="Leave this out; may be repeated.")
    ] = None,
    concurrency: Annotated[
        int,
        typer.Option("--concurrency", min=1, max=8, help="So many questions at once."),
    ] = 2,
    whole: Annotated[
        bool, typer.Option("--all", help="Print what is well, too (text only).")
    ] = False,
    report_format: Annotated[
        AuditFormat, typer.Option("--format", help="How the report is printed.")
    ] = AuditFormat.TEXT,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Also write it there, by its ending: .txt, .json, .xml (JUnit) or .html.",
        ),
    ] = None,
    grafana_url: GrafanaUrl = None,
    loki_url: LokiUrl = None,
    prometheus_url: PrometheusUrl = None,
    alertmanager_url: AlertmanagerUrl = None,
    jaeger_url: JaegerUrl = None,
    ca_file: CaOption = None,
    client_certificate: CertificateOption = None,
    client_key: KeyOption = None,
    insecure_http: InsecureOption = False,
) -> int:
    """Ask every query, follow every link, on live servers.

    Read-only. Each panel, variable and annotation is asked through Grafana, each rule at its
    source (through Grafana, where a server has no address). What is empty is asked on, until
    the reason is known. Exit status: 0 all well, 1 something is not, 3 a server did not answer.
    """
    from catalog.load import load_catalog
    from delivery import console
    from delivery.audit import output
    from delivery.audit.opening import Wishes
    from delivery.audit.run import audit
    from delivery.places import runbooks_of
    from delivery.publish.servers import Reach
    from delivery.publish.session import Source

    files = output.checked(report or [])
    folder = catalog_folder(context, catalog)
    urls = {
        "grafana": grafana_url,
        "loki": loki_url,
        "prometheus": prometheus_url,
        "alertmanager": alertmanager_url,
        "jaeger": jaeger_url,
    }
    made = audit(
        Source(load_catalog(folder), generated_folder(context, generated), environment),
        Reach(urls, ca_file, client_certificate, client_key, insecure_http),
        os.environ,
        Wishes(
            dashboards=tuple(dashboard or ()),
            services=tuple(service or ()),
            skip=frozenset(each.value for each in skip or ()),
            concurrency=concurrency,
            catalog=folder,
            runbooks=runbooks_of(folder),
        ),
    )
    output.write(made, files)
    if report_format is AuditFormat.TEXT:
        console.write_lines(output.text(made, whole=whole, table=console.is_terminal()))
        console.summarize(output.verdict(made))
    else:
        print(output.rendered(made, report_format.value), end="")
    return made.status
