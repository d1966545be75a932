"""``snapshot``: a picture of every dashboard, and what is wrong in it."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from delivery.options import (
    CatalogOption,
    FormatOption,
    GeneratedOption,
    ReportFormat,
    catalog_folder,
    generated_folder,
)
from delivery.publish.options import EnvironmentOption, GrafanaUrl, InsecureOption


class Theme(StrEnum):
    """Grafana's two."""

    DARK = "dark"
    LIGHT = "light"


class Image(StrEnum):
    """How a picture is kept."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    environment: EnvironmentOption = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the pictures and their index go.")
    ] = Path("snapshots"),
    dashboard: Annotated[
        list[str] | None,
        typer.Option(metavar="UID", help="Only this dashboard; may be repeated. [default: all]"),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Show this service where one can be chosen; may be repeated. [default: the "
            "dashboard's own]",
        ),
    ] = None,
    width: Annotated[
        int, typer.Option(metavar="PIXELS", min=320, max=4000, help="Of the browser's window.")
    ] = 1600,
    theme: Annotated[Theme, typer.Option(help="Grafana's.")] = Theme.DARK,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="Such as now-6h. [default: the dashboard's]"),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="[default: the dashboard's]")
    ] = None,
    image: Annotated[Image, typer.Option(help="How the pictures are kept.")] = Image.PNG,
    scale: Annotated[
        float, typer.Option(min=0.1, max=2.0, help="Pixels of a picture for each of the window.")
    ] = 1.0,
    max_bytes: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="Of a picture: JPEG and WebP lose quality until they fit, a PNG that does not is "
            "a remark. [default: no limit]",
            show_default=False,
        ),
    ] = 0,
    seconds: Annotated[
        float,
        typer.Option(
            "--timeout", metavar="SECONDS", min=1, max=3600, help="For one dashboard to be drawn."
        ),
    ] = 90.0,
    audit: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="What python build.py audit --format json has found: panels that it calls LAZY "
            "may be empty. [default: ask the servers]",
            show_default=False,
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail for remarks as well.")] = False,
    before: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Earlier pictures: write before-after.html and .md beside the new ones.",
        ),
    ] = None,
    take: Annotated[
        bool,
        typer.Option("--take/--no-take", help="Or only compare what is in both folders already."),
    ] = True,
    report_format: FormatOption = ReportFormat.TEXT,
    grafana_url: GrafanaUrl = None,
    insecure_http: InsecureOption = False,
) -> int:
    """A picture of every dashboard, and what is wrong in it.

    A Chromium must be installed: on the PATH, or named by CHROMIUM_BIN. A panel with an error,
    without data and without an excuse of the audit, or that still loads is a fault: exit status 1.
    Cut-off titles and text, and series without names of their own, are remarks. The token comes
    from GRAFANA_TOKEN or GRAFANA_TOKEN_FILE. docs/snapshot.md says more.
    """
    from catalog.errors import Problem, UsageError
    from delivery import console
    from delivery.publish.servers import Reach
    from delivery.snapshot import report
    from delivery.snapshot.asked import Grounds, asking
    from delivery.snapshot.browser import chromium
    from delivery.snapshot.excuses import excuses
    from delivery.snapshot.run import Studio, grafana, run, subjects
    from delivery.snapshot.wish import Film, Look, Wish
    from delivery.snapshot.written import compared, finish

    if before is None and not take:
        remedy = "Name the earlier pictures"
        raise UsageError(Problem("--no-take", "needs --before", remedy))
    status = 0
    if take:
        program = chromium(os.environ)
        reach = Reach({"grafana": grafana_url}, insecure_http=insecure_http)
        access = grafana(reach, os.environ)
        files = generated_folder(context, generated)
        wanted = subjects(files, dashboard or (), service or ())
        grounds = Grounds(catalog_folder(context, catalog), files, environment, reach, os.environ)
        known = excuses(audit, asking(grounds, lambda line: console.note([line])))
        film = Film(image.value, scale, max_bytes)
        wish = Wish(Look(width, theme.value), film, since, until, seconds)
        taken = run(access, program, wanted, Studio(wish, known, out))
        shots = []
        for shot in console.tracked(taken, f"Taking {len(wanted)} pictures"):
            shots.append(shot)
            if report_format is ReportFormat.TEXT:
                console.write_lines(report.lines(shot))
        index = finish(out, shots, wish, whole=not (dashboard or service))
        status = int(report.failed(shots, strict=strict))
        if report_format is ReportFormat.JSON:
            print(report.data(shots, index))
        else:
            console.summarize(report.verdict(shots))
    if before is not None:
        console.note([compared(before, out)])
    return status
