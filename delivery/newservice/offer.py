"""What the command says to a person, and hears from one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import typer

from catalog.errors import Problem, UsageError
from catalog.model import Catalog


def prompt(asks: str, assumed: str | None) -> str:
    """One answer from the terminal; return alone takes what is assumed."""
    answer: str = typer.prompt(asks, default=assumed, err=True)
    return answer


def refuse_silence(*, terminal: bool, yes: bool) -> None:
    """Off a terminal nobody can agree to the plan, which takes a while to make.

    :raises UsageError: neither is there.
    """
    if not terminal and not yes:
        fault = "nobody is at a terminal to agree to what is written"
        raise UsageError(Problem("--yes", fault, "Add --yes, or --dry-run to see the plan"))


def agreed(*, yes: bool) -> bool:
    """Whether the plan is to be carried out."""
    return yes or typer.confirm("Write it", default=False, err=True)


def labels(wishes: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Stream labels of ``tier=backend,edge``.

    :raises UsageError: one is written otherwise.
    """
    found: dict[str, tuple[str, ...]] = {}
    for wish in wishes:
        name, _, values = wish.partition("=")
        listed = tuple(each.strip() for each in values.split(",") if each.strip())
        if not name or not listed:
            fault = f"'{wish}' cannot be read"
            raise UsageError(Problem("--label", fault, "Write NAME=VALUE,VALUE"))
        found[name] = listed
    return found


def live_plan(catalog: Catalog, generated: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """What a publish would do, where GRAFANA_URL says which Grafana is meant.

    :raises ServerError: it cannot be reached, or refuses us.
    """
    if not environ.get("GRAFANA_URL"):
        return
    from delivery.publish import report
    from delivery.publish.servers import Reach
    from delivery.publish.session import Source, servers

    with servers(Source(catalog, generated), ("grafana",), Reach({}), environ) as found:
        yield from report.text([server.plan() for server in found])
