"""``discover``: drafts of services from a live stack, and what differs from the catalog."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from delivery.options import (
    CatalogOption,
    FormatOption,
    ReportFormat,
    catalog_folder,
)
from delivery.publish.options import (
    CaOption,
    CertificateOption,
    EnvironmentOption,
    InsecureOption,
    JaegerUrl,
    KeyOption,
    LokiUrl,
    PrometheusUrl,
)


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    catalog: CatalogOption = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The folder to write drafts into.")
    ] = Path("drafts"),
    environment: EnvironmentOption = None,
    service: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this one, as the servers call it.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL",
            help="The label that tells services apart. [default: service, or the first usual one]",
        ),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="DURATION", help="How far to look back, as in 6h.")
    ] = "1h",
    report_format: FormatOption = ReportFormat.TEXT,
    loki_url: LokiUrl = None,
    prometheus_url: PrometheusUrl = None,
    jaeger_url: JaegerUrl = None,
    ca_file: CaOption = None,
    client_certificate: CertificateOption = None,
    client_key: KeyOption = None,
    insecure_http: InsecureOption = False,
) -> int:
    """Drafts of services that run and are in no catalog.

    Reads Loki's streams and lines, Prometheus' targets and metadata, and Jaeger's services; one
    of them is enough. What it could not know is marked TODO, and new-service --from asks for it.
    Of services that the catalog knows it says what differs, and changes nothing.
    """
    from catalog.load import load_catalog
    from delivery.console import say, summarize
    from delivery.discover import run
    from delivery.discover.loki import Span
    from delivery.discover.servers import opened
    from delivery.discover.wishes import seconds
    from delivery.publish.servers import Reach
    from delivery.publish.session import chosen

    length = seconds(since)
    facts = load_catalog(catalog_folder(context, catalog))
    urls = {"loki": loki_url, "prometheus": prometheus_url, "jaeger": jaeger_url}
    how = Reach(urls, ca_file, client_certificate, client_key, insecure_http)
    now = time.time()
    with opened(chosen(facts, environment), how, os.environ) as links:
        found = run.discover(facts, links, Span(now - length, now), by=by, only=service)
    run.write(out, found.drafts)
    if report_format is ReportFormat.JSON:
        print(run.data(out, found))
        return 0
    say(run.text(out, found))
    drafts = "1 draft" if len(found.drafts) == 1 else f"{len(found.drafts)} drafts"
    differ = len(found.differences)
    summarize(f"{found.seen} services seen, {drafts}, {differ} differences to the catalog")
    return 0
