"""``backtest``: incidents replayed against the burn alerts that ship."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from delivery.options import (
    CatalogOption,
    FormatOption,
    GeneratedOption,
    ReportFormat,
    catalog_folder,
    generated_folder,
)

if TYPE_CHECKING:
    from simulate.backtest.run import Outcome


def command(  # noqa: PLR0917 - a command has one parameter an option
    context: typer.Context,
    catalog: CatalogOption = None,
    generated: GeneratedOption = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(metavar="SERVICE/ID", help="Only this objective. [repeatable]"),
    ] = None,
    incident: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this incident. [repeatable]")
    ] = None,
    incidents: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Incidents of your own instead of those that ship."),
    ] = None,
    quiet_days: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="Add so many quiet days, at much and at no traffic."),
    ] = 0,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Draw a picture of each objective there.")
    ] = None,
    report_format: FormatOption = ReportFormat.TEXT,
) -> int:
    """Replay incidents against the burn alerts under generated/.

    promtool, which comes with Prometheus, evaluates the rules that ship. For each objective and
    incident: when the alert fired, when it had to, when it was over, what of the budget was gone.
    The exit status is 1 if anything is worse than promised. docs/backtest.md explains the table.
    """
    from catalog.load import load_catalog
    from delivery.backtest import chosen, find_promtool, print_outcomes
    from delivery.console import tracked
    from simulate.backtest.excerpt import shipped_groups
    from simulate.backtest.incident import SHIPPED, load_incidents
    from simulate.backtest.quiet import quiet_days as quiet
    from simulate.backtest.run import run, tasks

    facts = load_catalog(catalog_folder(context, catalog))
    told = (*load_incidents(incidents or SHIPPED), *(quiet(quiet_days) if quiet_days else ()))
    todo = chosen(tasks(facts, told), objective or (), incident or ())
    promtool = find_promtool()
    groups = shipped_groups(generated_folder(context, generated))
    found = run(promtool, facts, groups, todo, drawn=out is not None)
    order = {(task.promise, task.incident.id): place for place, task in enumerate(todo)}
    outcomes: list[Outcome] = sorted(
        tracked(found, f"Replaying {len(todo)} stories"),
        key=lambda each: order[each.task.promise, each.task.incident.id],
    )
    if out is not None:
        from delivery.backtest import draw

        draw(outcomes, out)
    print_outcomes(outcomes, report_format)
    return 1 if any(each.faults for each in outcomes) else 0
