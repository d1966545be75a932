"""``record``: the metrics of a real page as a declaration of the catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(  # noqa: PLR0917 - a command has one parameter an option
    url: Annotated[
        str,
        typer.Argument(metavar="URL", help="The page; /metrics if the address has no path."),
    ],
    component: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which server it is, where the page does not tell."),
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(metavar="R", help="Its release, where the page does not tell."),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="REGEX",
            help="Which metrics to declare, matched against the whole name. "
            "[default: all but those of the language's runtime]",
        ),
    ] = None,
    merge: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A declaration to add to. What was decided there stays; comments stay above the "
            "first key only.",
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="The server has just started: all it shows, it always shows."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to write. [default: standard output]"),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="S", min=0.1, help="Seconds that the server may take.")
    ] = 10.0,
) -> int:
    """The metrics of a real /metrics page as a catalog declaration.

    Types and labels are the page's. Units, closed sets of values and what is lazy are guessed;
    look them over.
    """
    from delivery.console import note, summarize
    from delivery.places import display
    from delivery.record.recorder import Wishes, record

    wishes = Wishes(component, release, keep, merge, fresh, out, timeout)
    recording = record(url, wishes)
    note(recording.notes)
    if out is None:
        print(recording.text, end="")
    else:
        metrics = "1 metric" if recording.count == 1 else f"{recording.count} metrics"
        summarize(f"{display(out)}: {metrics}")
    return 0
