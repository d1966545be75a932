"""docs/confirm.md is what the catalog says today."""

from __future__ import annotations

import os
from pathlib import Path

from catalog.load import load_catalog
from delivery.confirm import page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "confirm.md"


def test_golden_confirm_page() -> None:
    text = page(load_catalog(ROOT / "catalog"))
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "run `make golden` and review the diff"


def test_every_assumption_is_listed() -> None:
    catalog = load_catalog(ROOT / "catalog")
    text = page(catalog)
    for service in catalog.services:
        for metric in service.metrics:
            assert (f"metric `{metric.name}`" in text) or metric.source == "seed"
        for objective in service.objectives:
            listed = f"| objective `{objective.id}` | {objective.target:g} %" in text
            assert listed or objective.source == "seed"
