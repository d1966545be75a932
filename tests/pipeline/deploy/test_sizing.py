"""Sizes follow from the catalog by the formulas that are cited."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from catalog.load import load_catalog
from pipeline.deploy import sizing
from tests.catalog.editable import PLATFORM, EditableCatalog
from tests.pipeline.deploy.manifests import ROOT, shipped


def test_a_day_at_the_limit() -> None:
    """100,000 lines of 969 bytes each second: 8.37 TB."""
    assert sizing.bytes_a_day(shipped()) == pytest.approx(8.372e12, rel=1e-3)


def test_loki_has_its_share_of_the_second_tier() -> None:
    parts = sizing.loki_parts(shipped())
    share = sizing.bytes_a_day(shipped()) / 30e12
    assert parts["ingester"] == sizing.Part(math.ceil(90 * share), 2, 6)
    assert parts["ingester"].replicas == 26
    assert parts["distributor"].replicas == math.ceil(40 * share) == 12
    assert parts["querier"].replicas == math.ceil(100 * share) == 28
    assert parts["compactor"] == sizing.Part(1, 6, 20)
    assert parts["ruler"].replicas == 3


@pytest.mark.parametrize(
    ("lines", "ingesters", "memory"),
    [(1, 3, 4), (18_000, 4, 4), (60_000, 16, 6), (10_000_000, 2512, 6)],
)
def test_it_grows_with_the_volume(
    lines: int, ingesters: int, memory: float, tmp_path: Path
) -> None:
    """Never fewer than the copies of a line; above the last tier, as that grows."""
    text = (ROOT / "catalog" / PLATFORM).read_text(encoding="utf-8")
    folder = tmp_path / "catalog"
    (folder / "services").mkdir(parents=True)
    for path in (ROOT / "catalog").rglob("*.yaml"):
        if path.parent.name != "exporters":
            target = folder / path.relative_to(ROOT / "catalog")
            target.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    changed = text.replace("lines_per_second: 100000", f"lines_per_second: {lines}")
    (folder / PLATFORM).write_text(changed, encoding="utf-8")
    catalog = load_catalog(folder)
    part = sizing.loki_parts(catalog)["ingester"]
    volume = sizing.bytes_a_day(catalog) / 1e12
    tier, base = (3, 6) if volume <= 3 else (30, 90)
    assert part.replicas == max(3, math.ceil(base * volume / tier)) == ingesters
    assert part.memory == memory


def test_series_are_counted(tmp_path: Path) -> None:
    """By hand for the small catalog: three pods, fifty combinations of open labels."""
    catalog = EditableCatalog(tmp_path).load()
    expected = 0
    for service in catalog.services:
        for metric in service.metrics:
            number = 3
            for values in metric.labels.values():
                number *= len(values or (1,))
            if any(values is None for values in metric.labels.values()):
                number *= 50
            expected += number * (len(metric.buckets) + 3 if metric.buckets else 1)
    assert sizing.active_series(catalog) == 2 * expected
    assert expected > 100


def test_mimir_is_as_large_as_its_formulas_say() -> None:
    parts = sizing.mimir_parts(shipped(), 100)
    # 100 queries a second are ten cores, in replicas of at most four: three of 3.4.
    assert parts["querier"] == sizing.Part(3, 3.4, 4.75)
    assert parts["store_gateway"].replicas == 3
    series = sizing.active_series(shipped())
    assert parts["ingester"].cpu == max(0.1, math.ceil(10 * series * 3 / 300_000 / 3) / 10)
    assert parts["compactor"].replicas == 1


def test_more_queries_need_more_queriers() -> None:
    few, many = (sizing.mimir_parts(shipped(), rate)["querier"] for rate in (20, 2000))
    assert few.replicas == 2
    assert many.replicas == 50
    assert many.cpu == 4
