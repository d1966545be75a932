"""``demo``: the whole stack on this machine, fed with the services' telemetry."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from delivery.options import CatalogOption, catalog_folder


class Runtime(StrEnum):
    """What the servers are: containers, or programs of this machine."""

    AUTO = "auto"
    SERVERS = "servers"
    COMPOSE = "compose"


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    catalog: CatalogOption = None,
    data: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Everything is put there; one of an earlier demo goes on. "
            "[default: a new folder for each run]",
            show_default=False,
        ),
    ] = None,
    hours: Annotated[float, typer.Option(min=0, help="Hours of metrics before now.")] = 48,
    line_hours: Annotated[
        float, typer.Option(min=0, help="Hours of log lines and traces before now.")
    ] = 2,
    weeks: Annotated[
        float, typer.Option(min=0, help="Weeks of volumes before now, for the anomalies.")
    ] = 6,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Nothing was before now: ready in a minute.")
    ] = False,
    scale: Annotated[float, typer.Option(min=0.001, help="Share of the declared volume.")] = 0.2,
    seed: Annotated[int, typer.Option(help="Another number, another world.")] = 1,
    bad_canary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVICE", help="Its canary is worse than its stable release. [repeatable]"
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Audit it once there is enough to judge, and end.")
    ] = False,
    check_after: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0, help="Telemetry that has to be there before --check audits."
        ),
    ] = 600,
    for_seconds: Annotated[
        float | None,
        typer.Option("--for", metavar="SECONDS", min=0, help="End by itself after so long."),
    ] = None,
    runtime: Annotated[
        Runtime,
        typer.Option(help="Docker compose where there is a docker, or this machine's servers."),
    ] = Runtime.AUTO,
) -> int:
    """Run everything on this machine, and say where it is.

    The services' telemetry, the log agent, Loki, Prometheus, Jaeger, Alertmanager, Memcached and
    Grafana, with what is generated from the catalog. It lives until it is ended, by Ctrl-C or
    SIGTERM, and takes all of it down then. docs/demo.md tells more.
    """
    from delivery.demo.options import Options
    from delivery.demo.run import run

    options = Options(
        catalog=catalog_folder(context, catalog),
        data=data,
        hours=0 if no_history else hours,
        line_hours=0 if no_history else line_hours,
        weeks=0 if no_history else weeks,
        scale=scale,
        seed=seed,
        bad_canaries=frozenset(bad_canary or ()),
        check_after=check_after if check else None,
        seconds=for_seconds,
    )
    return run(options, runtime.value)
