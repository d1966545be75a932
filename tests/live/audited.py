"""The audit of a live stack, as the command makes it."""

from __future__ import annotations

import shutil
from pathlib import Path

from catalog.load import load_catalog
from delivery.audit.links.traces import Signals, settings
from delivery.audit.model import Audit, Link
from delivery.audit.opening import Wishes
from delivery.audit.run import audit, opened
from delivery.places import RUNBOOKS
from delivery.publish.servers import Reach
from delivery.publish.session import Source
from tests.live.stack import Stack


def audited(stack: Stack, *skip: str, dashboards: tuple[str, ...] = ()) -> Audit:
    """One audit; servers that this machine has not are asked through Grafana, and are missed."""
    source, reach, wishes = _asked(stack, *skip, dashboards=dashboards)
    return audit(source, reach, {}, wishes)


def signals(stack: Stack) -> list[Link]:
    """Of a whole audit what it follows from signal to signal."""
    source, reach, wishes = _asked(stack)
    with opened(source, reach, {}, wishes) as run:
        return list(Signals(run, settings(run)).links())


def shipped(stack: Stack) -> Path:
    """What the stack was given: Grafana's own copy may be changed by a test, and be told so."""
    folder = stack.folder / "shipped"
    if not folder.exists():
        shutil.copytree(stack.generated, folder)
    return folder


def _asked(
    stack: Stack, *skip: str, dashboards: tuple[str, ...] = ()
) -> tuple[Source, Reach, Wishes]:
    catalog = stack.folder / "catalog"
    urls = {kind: url for kind, url in stack.urls.items() if kind in stack.processes}
    wishes = Wishes(dashboards, (), frozenset(skip), 2, catalog, RUNBOOKS)
    return Source(load_catalog(catalog), shipped(stack)), Reach(dict(urls)), wishes


def bad(made: Audit) -> list[str]:
    """What is not well, a line each."""
    results = [each for each in made.results if each.verdict not in {"OK", "LAZY"}]
    links = [each for each in made.links if each.verdict not in {"OK", "LAZY"}]
    return [
        *(
            f"{each.verdict} {each.title} {each.ref} {each.service}: {each.reason}"
            for each in results
        ),
        *(
            f"{each.verdict} {each.kind} {each.title} {each.target}: {each.reason}"
            for each in links
        ),
    ]
