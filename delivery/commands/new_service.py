"""``new-service``: a service of the catalog from answers, with its tests and runbooks."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from delivery.options import (
    CatalogOption,
    CheckFormat,
    GeneratedOption,
    catalog_folder,
    generated_folder,
)

_Text = str | None
_Number = float | None


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    draft: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="A draft, as discover writes them."),
    ] = None,
    identifier: Annotated[
        _Text, typer.Option("--id", metavar="ID", help="Its id: the label 'service'.")
    ] = None,
    name: Annotated[_Text, typer.Option(metavar="TEXT", help="As people read it.")] = None,
    description: Annotated[_Text, typer.Option(metavar="TEXT", help="What it does.")] = None,
    team: Annotated[_Text, typer.Option(metavar="TEAM", help="Who is paged.")] = None,
    escalation: Annotated[_Text, typer.Option(metavar="TEAM", help="Who is called next.")] = None,
    channel: Annotated[_Text, typer.Option(metavar="TEXT", help="Where its pages go.")] = None,
    namespace: Annotated[_Text, typer.Option(metavar="NAME", help="Where it runs.")] = None,
    app: Annotated[_Text, typer.Option(metavar="NAME", help="Its label 'app' there.")] = None,
    metrics_port: Annotated[
        int | None, typer.Option(metavar="PORT", help="The port of its metrics.")
    ] = None,
    depends_on: Annotated[
        _Text, typer.Option(metavar="IDS", help="Which services it calls, with commas, or none.")
    ] = None,
    folder: Annotated[
        _Text, typer.Option(metavar="FOLDER", help="The folder of its logs dashboard.")
    ] = None,
    lines_per_minute: Annotated[
        int | None, typer.Option(metavar="N", help="Log lines on an ordinary day.")
    ] = None,
    peak_lines_per_second: Annotated[
        int | None, typer.Option(metavar="N", help="Log lines at its peak.")
    ] = None,
    bytes_per_day: Annotated[
        _Text, typer.Option(metavar="SIZE", help="Bytes of log lines, as in 20MB.")
    ] = None,
    log_format: Annotated[_Text, typer.Option(metavar="FORMAT", help="json or logfmt.")] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUES", help="A stream label of its own; may be repeated."),
    ] = None,
    metrics: Annotated[
        _Text, typer.Option(metavar="URL|FILE", help="Its metrics page, read for what it emits.")
    ] = None,
    keep: Annotated[
        _Text, typer.Option(metavar="REGEX", help="Which metrics of the page to declare.")
    ] = None,
    bad: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC:LABEL=VALUES", help="Which of its events went wrong; may be repeated."
        ),
    ] = None,
    requests: Annotated[
        bool | None,
        typer.Option(
            "--requests/--no-requests", help="It counts requests as the other services do."
        ),
    ] = None,
    availability: Annotated[
        _Number, typer.Option(metavar="PERCENT", help="Promise: so many do not fail.")
    ] = None,
    latency: Annotated[
        _Number, typer.Option(metavar="PERCENT", help="Promise: so many are within --within.")
    ] = None,
    within: Annotated[
        _Number, typer.Option(metavar="BOUND", help="A bucket of the metric, in its unit.")
    ] = None,
    log_freshness: Annotated[
        _Number, typer.Option(metavar="PERCENT", help="Promise: lines arrive so much of the time.")
    ] = None,
    period: Annotated[
        str, typer.Option(metavar="DURATION", help="What promises look back over.")
    ] = "30d",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="A value of the draft; may be repeated."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take what is assumed, and write without asking.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the file and the plan, and write nothing.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no Grafana for the plan.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(metavar="S", min=0.1, help="Seconds the metrics page may take.")
    ] = 10.0,
) -> int:
    """Add a service to the catalog, with its tests.

    Asks on a terminal; elsewhere each answer is a flag. The catalog is validated and built into a
    temporary folder first, so that what is written builds. All files are written, or none.
    """
    from delivery.console import note, say, summarize
    from delivery.newservice import run
    from delivery.newservice.compose import Choices
    from delivery.newservice.offer import agreed, labels, live_plan, prompt, refuse_silence
    from delivery.places import build_command, display
    from delivery.report import print_findings

    source = catalog_folder(context, catalog)
    folders = run.folders_of(source, generated_folder(context, generated))
    terminal = sys.stdin is not None and sys.stdin.isatty()
    if not dry_run:
        refuse_silence(terminal=terminal, yes=yes)
    flags = {
        "id": identifier, "name": name, "description": description, "team": team,
        "escalation": escalation, "channel": channel, "namespace": namespace, "app": app,
        "metrics-port": metrics_port, "depends-on": depends_on,
        "lines-per-minute": lines_per_minute,
        "peak-lines-per-second": peak_lines_per_second, "bytes-per-day": bytes_per_day,
    }  # fmt: skip
    choices = Choices(
        log_format, folder, labels(label or ()), availability=availability, latency=latency,
        within=within, freshness=log_freshness, period=period,
    )  # fmt: skip
    wishes = run.Wishes(
        flags, choices, draft, tuple(settings or ()), metrics, keep, tuple(bad or ()), requests,
        timeout,
    )  # fmt: skip
    if not dry_run and run.recover(folders):
        note(["A run that was killed had written a part of a service; that is taken back."])
    identifier, text, notes = run.text_of(folders, wishes, prompt if terminal else None, assume=yes)
    note(notes)
    if dry_run:
        print(text)
    with run.work_folder() as work:
        try:
            files, seen = run.make(folders, identifier, text, Path(work))
        except run.UnsoundError as unsound:
            print_findings(list(unsound.findings), CheckFormat.TEXT, "the new service's files")
            return 1
        say(run.report(folders, files, seen))
        if not offline:
            say(live_plan(seen.catalog, Path(work) / "generated", os.environ))
    summarize(run.summary(seen))
    if dry_run:
        return 0
    if not agreed(yes=yes):
        note(["Nothing was written."])
        return 1
    run.write(folders, files)
    others = len(files.new) + len(files.replaced)
    following = build_command(folders.generated, source)
    summarize(f"{display(files.last)} and {others} more are written. Now: {following}")
    return 0
