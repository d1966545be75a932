"""What ``build.py check`` finds in the imported dashboard, once it stands among the others."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from catalog.artifact import Artifact, Suppression
from catalog.model import Catalog
from dashboards.imported import UNCONFIRMED, Band, Imported, Placed
from dashboards.imported import artifact as made
from delivery.checks.finding import Finding
from delivery.checks.run import run_checks
from delivery.places import runbooks_of
from delivery.render import artifacts, encode
from delivery.write import write_tree

_PANEL = re.compile(r"panel (\d+) ")


def findings(imported: Imported, catalog: Catalog, folder: Path) -> list[Finding]:
    """All that is found in its file, and whatever it brings about elsewhere."""
    bare = made(imported, catalog.prefix)
    with tempfile.TemporaryDirectory(prefix="import-") as work:
        root = Path(work) / "generated"
        pairs = ((each, encode(each)) for each in _with(bare, catalog))
        write_tree(root, pairs)
        return run_checks(root, catalog, folder, runbooks_of(folder))


def _with(bare: Artifact, catalog: Catalog) -> Iterator[Artifact]:
    yield bare
    yield from (
        each for each in artifacts(catalog) if each.uid != bare.uid or each.kind != bare.kind
    )


def accepting(imported: Imported, found: Sequence[Finding]) -> Imported:
    """The dashboard, in which what was found is let be until somebody has looked into it."""
    file = made(imported, "").path
    here = [each for each in found if each.file == file]
    by_panel: dict[int, dict[str, str]] = {}
    others: dict[Suppression, None] = {}
    titles = dict(_titles(imported))
    for each in here:
        match = _PANEL.match(each.where)
        number = int(match[1]) if match else -1
        if number in titles and each.where.startswith(f"panel {number} '{titles[number]}'"):
            by_panel.setdefault(number, {})[each.check] = UNCONFIRMED
        else:
            others[Suppression(each.check, each.where, UNCONFIRMED)] = None
    items = tuple(_accepting(item, by_panel) for item in imported.items)
    return replace(imported, items=items, accepted=tuple(sorted(others)))


def _titles(imported: Imported) -> Iterator[tuple[int, str]]:
    for item in imported.items:
        for placed in item.panels if isinstance(item, Band) else (item,):
            yield placed.number, placed.panel.title


def _accepting(item: Placed | Band, by_panel: dict[int, dict[str, str]]) -> Placed | Band:
    if isinstance(item, Band):
        return replace(item, panels=tuple(_placed(each, by_panel) for each in item.panels))
    return _placed(item, by_panel)


def _placed(placed: Placed, by_panel: dict[int, dict[str, str]]) -> Placed:
    accept = dict(sorted(by_panel.get(placed.number, {}).items()))
    return replace(placed, panel=replace(placed.panel, accept=accept))
