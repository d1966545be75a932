"""The parts of the pages that are made are what the catalog says today."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.guides.blocks import Page, filled
from delivery.guides.registry import makers

ROOT = Path(__file__).parents[2]
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
    if "<!-- made: " in path.read_text(encoding="utf-8")
]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT / "catalog")


@pytest.mark.parametrize("name", PAGES)
def test_golden_blocks_of(name: str, catalog: Catalog) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    wanted = filled(text, Page(catalog, PurePosixPath(name)), makers())
    if os.environ.get("UPDATE_GOLDEN"):
        (ROOT / name).write_text(wanted, encoding="utf-8")
        text = wanted
    assert text == wanted, "run `make golden` and review the diff"
