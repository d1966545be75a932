"""The options that the commands share which speak to servers, and what they open."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from delivery.options import catalog_folder, generated_folder

if TYPE_CHECKING:
    from delivery.publish.servers import Reach
    from delivery.publish.session import Server


class Target(StrEnum):
    """A server that can be made to match."""

    GRAFANA = "grafana"
    LOKI = "loki"
    MIMIR = "mimir"
    PROMETHEUS = "prometheus"


class PlanFormat(StrEnum):
    """How a plan is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class Alerts(StrEnum):
    """Who evaluates the alerts."""

    RULER = "ruler"
    GRAFANA = "grafana"


class OutcomeFormat(StrEnum):
    """How the outcome of a publish is printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"


TargetOption = Annotated[
    list[Target] | None,
    typer.Option(
        "--target", help="Only this server; may be repeated. [default: all that have an address]"
    ),
]
EnvironmentOption = Annotated[
    str | None,
    typer.Option(
        "--environment",
        metavar="NAME",
        help="Whose addresses and tenant. [default: the catalog's first]",
    ),
]
PlanFormatOption = Annotated[PlanFormat, typer.Option("--format", help="How the plan is printed.")]
OutcomeFormatOption = Annotated[
    OutcomeFormat, typer.Option("--format", help="How what was done is printed.")
]
ReportOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--report",
        metavar="FILE",
        help="Also write what was done to this file, as its ending says: .json, .xml (JUnit) or "
        ".md; may be repeated.",
    ),
]
PruneOption = Annotated[bool, typer.Option("--prune", help="Remove what is ours and left over.")]
AdoptOption = Annotated[
    bool, typer.Option("--adopt", help="Take over what is in the way and not ours.")
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Lose what was edited since the last publish.")
]
YesOption = Annotated[
    bool, typer.Option("--yes", help="Remove even more than a third of what is ours.")
]
BackupOption = Annotated[
    Path | None,
    typer.Option(
        "--backup", metavar="DIR", help="Keep what is overwritten or removed in this new folder."
    ),
]
AlertsOption = Annotated[
    Alerts,
    typer.Option(
        "--alerts", help="Who evaluates the alerts: the rulers and Prometheus, or Grafana itself."
    ),
]
GrafanaUrl = Annotated[
    str | None, typer.Option("--grafana-url", metavar="URL", help="[default: $GRAFANA_URL]")
]
LokiUrl = Annotated[
    str | None, typer.Option("--loki-url", metavar="URL", help="[default: $LOKI_URL]")
]
MimirUrl = Annotated[
    str | None, typer.Option("--mimir-url", metavar="URL", help="[default: $MIMIR_URL]")
]
PrometheusUrl = Annotated[
    str | None, typer.Option("--prometheus-url", metavar="URL", help="[default: $PROMETHEUS_URL]")
]
AlertmanagerUrl = Annotated[
    str | None,
    typer.Option("--alertmanager-url", metavar="URL", help="[default: $ALERTMANAGER_URL]"),
]
JaegerUrl = Annotated[
    str | None, typer.Option("--jaeger-url", metavar="URL", help="[default: $JAEGER_URL]")
]
CaOption = Annotated[
    Path | None, typer.Option("--ca-file", metavar="FILE", help="Whose certificates to trust.")
]
CertificateOption = Annotated[
    Path | None, typer.Option("--client-certificate", metavar="FILE", help="Shown to the servers.")
]
KeyOption = Annotated[
    Path | None, typer.Option("--client-key", metavar="FILE", help="Of that certificate.")
]
InsecureOption = Annotated[
    bool, typer.Option("--insecure-http", help="Send a token over plain http.")
]


@contextmanager
def opened(
    context: typer.Context,
    folders: tuple[Path | None, Path | None],
    environment: str | None,
    targets: Sequence[str] | None,
    reach: Reach,
    *,
    alerts: Alerts = Alerts.RULER,
) -> Iterator[Sequence[Server]]:
    """The servers of a command; ``folders`` are the catalog's and the generated one, as given.

    :raises CatalogError: the catalog is invalid.
    :raises UsageError: a server has no address, or cannot be reached as the options say.
    """
    # Not above: ``--help`` and the commands that ask no server need none of it.
    from catalog.load import load_catalog
    from delivery.publish.session import Source, servers

    catalog, generated = folders
    facts = load_catalog(catalog_folder(context, catalog))
    source = Source(facts, generated_folder(context, generated), environment, alerts.value)
    with servers(source, targets or (), reach, os.environ) as found:
        yield found
