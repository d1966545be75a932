"""Of traces that are sampled, so many are looked for that one of them is there."""

from __future__ import annotations

from pathlib import Path

from catalog.load import load_catalog
from delivery.audit.links.traces import tries
from pipeline import tail_sampling

ROOT = Path(__file__).parents[3]


def test_enough_are_tried_that_all_are_gone_once_in_a_thousand() -> None:
    catalog = load_catalog(ROOT / "catalog")
    assert catalog.platform.traces
    gone = 1 - tail_sampling.kept_percent(catalog, catalog.platform.traces.sampling) / 100
    number = tries(catalog)
    assert gone**number <= 0.001 < gone ** (number - 1)


def test_a_few_are_enough_where_all_are_kept() -> None:
    assert tries(load_catalog(ROOT / "tests/fixtures/second")) == 5
