"""The audit of a live stack, as the command makes it."""

from __future__ import annotations

from pathlib import Path

from catalog.load import load_catalog
from delivery.audit.model import Audit
from delivery.audit.opening import Wishes
from delivery.audit.run import audit
from delivery.cli import main
from delivery.places import RUNBOOKS
from delivery.publish.servers import Reach
from delivery.publish.session import Source
from tests.live.stack import Stack


def shipped(stack: Stack) -> Path:
    """What the stack runs, as a build leaves it: with the manifest that the audit asks for."""
    folder = stack.folder / "shipped"
    if not folder.exists():
        catalog = str(stack.folder / "catalog")
        assert main(["build", "--catalog", catalog, "--out", str(folder)]) == 0
    return folder


def audited(stack: Stack, *skip: str, dashboards: tuple[str, ...] = ()) -> Audit:
    """One audit; servers that this machine has not are asked through Grafana, and are missed."""
    catalog = stack.folder / "catalog"
    urls = {kind: url for kind, url in stack.urls.items() if kind in stack.processes}
    wishes = Wishes(dashboards, (), frozenset(skip), 2, catalog, RUNBOOKS)
    source = Source(load_catalog(catalog), shipped(stack))
    return audit(source, Reach(dict(urls)), {}, wishes)


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
