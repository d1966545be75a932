"""The dashboards of objectives read what is recorded, however long a range they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dashboards.registry
from catalog.load import load_catalog

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("source", ["catalog", "tests/fixtures/minimal", "tests/fixtures/second"])
def test_their_queries_name_no_raw_series(source: str) -> None:
    catalog = load_catalog(ROOT / source)
    seen = 0
    for artifact in dashboards.registry.generate(catalog):
        if "-slo" not in artifact.uid or not isinstance(artifact.content, dict):
            continue
        for panel in artifact.content["panels"]:
            for target in panel.get("targets", []):
                named = re.findall(r"([a-zA-Z_:][\w:]*)\{", target.get("expr", ""))
                assert named
                assert all(name.startswith("slo:") for name in named), target["expr"]
                seen += 1
    assert seen > 10
