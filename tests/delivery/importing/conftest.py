"""One dashboard through the whole importer, without the repository around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from dashboards.imported import Imported, content
from delivery.importing import loaded
from delivery.importing.account import Line, account
from delivery.importing.modern import modernised
from delivery.importing.modules import Module, modules
from delivery.importing.notes import Note, Notes
from delivery.importing.references import references
from delivery.importing.whole import Identity, described, uid_of

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Through:
    """What came out at the end."""

    imported: Imported
    modules: tuple[Module, ...]
    built: dict
    lines: tuple[Line, ...]
    notes: list[Note]

    def told(self, fate: str) -> list[tuple[str, str]]:
        return [(note.path, note.what) for note in self.notes if note.fate == fate]

    @property
    def panel(self) -> dict:
        """The only panel."""
        (panel,) = self.built["panels"]
        return panel


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog(ROOT / "catalog")


@pytest.fixture(scope="session")
def through(catalog: Catalog) -> Callable[..., Through]:
    def run(dashboard: dict, datasources: tuple = (), of: Catalog = catalog) -> Through:
        notes = Notes()
        prefix = of.prefix
        modern = modernised(dashboard, references(dashboard, prefix, datasources), notes)
        owner = of.platform.owner.team
        who = Identity(prefix, owner, "overview", uid_of(dashboard, prefix, notes))
        imported = described(modern, who, notes)
        made = modules(imported, "tried")
        # Of the text, as it would be written: not of what it was written from.
        read_back = loaded.built(made, of)
        assert read_back == keyed(read_back, imported)
        built = content(read_back, prefix)
        lines = account(dashboard, modern, built, notes.taken)
        assert [line.faults for line in lines if line.faults] == []
        return Through(imported, made, built, lines, notes.taken)

    return run


def keyed(like: Imported, imported: Imported) -> Imported:
    """The description with the keys that its panels get when they are written."""
    from dataclasses import replace

    from dashboards.imported import Band

    def of(item: object, other: object) -> object:
        if isinstance(item, Band):
            held = tuple(of(*pair) for pair in zip(item.panels, other.panels, strict=True))
            return replace(item, panels=held)
        return replace(item, panel=replace(item.panel, key=other.panel.key))

    items = tuple(of(*pair) for pair in zip(imported.items, like.items, strict=True))
    return replace(imported, items=items)
