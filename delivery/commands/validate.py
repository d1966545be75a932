"""``validate``: may the system go live? Seven phases of checks, each with how to repeat it."""

from __future__ import annotations

import os
from enum import StrEnum
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


class ValidateFormat(StrEnum):
    """How the report is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    environment: EnvironmentOption = None,
    phase: Annotated[
        list[int] | None,
        typer.Option(
            "--phase", min=1, max=7, help="Only this phase, 1 to 7; may be repeated. [default: all]"
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Push one line to Loki, and read it back.")
    ] = False,
    kubectl: Annotated[
        bool, typer.Option("--kubectl", help="Also ask the cluster; nothing is changed there.")
    ] = False,
    kube_context: Annotated[
        str | None,
        typer.Option("--context", metavar="NAME", help="kubectl's. [default: its current one]"),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option("--namespace", metavar="NAME", help="[default: that of the manifests]"),
    ] = None,
    tree: Annotated[
        str, typer.Option("--tree", metavar="NAME", help="Which manifests were applied.")
    ] = "k8s-current",
    report_format: Annotated[
        ValidateFormat, typer.Option("--format", help="How the report is printed.")
    ] = ValidateFormat.TEXT,
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
    """May the system go live? Seven phases of checks.

    Each names the command that repeats it. Read-only but for --write. A check that cannot be
    made is skipped, says why, and counts for nothing; a phase of which nothing could be checked
    is no go. Exit status: 0 go, 1 no go, 3 a server did not answer.
    """
    from catalog.load import load_catalog
    from delivery import console
    from delivery.places import runbooks_of
    from delivery.publish.servers import Reach
    from delivery.publish.session import Source
    from delivery.validate import report
    from delivery.validate.kubectl import Kubectl
    from delivery.validate.run import Wishes, validate

    folder = catalog_folder(context, catalog)
    urls = {
        "grafana": grafana_url,
        "loki": loki_url,
        "prometheus": prometheus_url,
        "alertmanager": alertmanager_url,
        "jaeger": jaeger_url,
    }
    made = validate(
        Source(load_catalog(folder), generated_folder(context, generated), environment),
        Reach(urls, ca_file, client_certificate, client_key, insecure_http),
        os.environ,
        Wishes(
            phases=sorted(set(phase or range(1, 8))),
            write=write,
            kubectl=Kubectl("kubectl", tree, kube_context, namespace) if kubectl else None,
            runbooks=runbooks_of(folder),
        ),
    )
    if report_format is ValidateFormat.JSON:
        print(report.data(made))
    elif report_format is ValidateFormat.MARKDOWN:
        print(report.markdown(made))
    else:
        console.write_lines(report.text(made))
        console.summarize(report.verdict(made))
    return made.status
