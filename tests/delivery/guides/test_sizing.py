"""Sizes as reckoned by hand, and the generated limits again where the load is the catalog's."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from catalog.load import load_catalog
from delivery.guides import sizing
from pipeline.deploy import limits
from pipeline.deploy.sizing import loki_parts
from tests.catalog.deployed import deployed

ROOT = Path(__file__).parents[3]
CATALOG = load_catalog(ROOT / "catalog")
#: 1,000 lines of 1,000 bytes a second, half of them of one service of 1,200 bytes a line.
BY_HAND = sizing.Load(
    lines=1000,
    line_bytes=1000,
    busiest=0.5,
    busiest_bytes=1200,
    pods=2,
    pod_streams=8,
    services=2,
    burst=2,
    idle=180,
    age=3600,
    cached=3600,
)


def test_a_load_reckoned_by_hand() -> None:
    found = sizing.size(BY_HAND)
    # 1 MB a second are 0.9537 MiB, twice that are 1.9073, both rounded up.
    assert (found.ingestion_rate_mb, found.ingestion_burst_mb) == (0.96, 1.91)
    # 600,000 bytes a second of one service in two pods.
    assert (found.pods, found.stream_rate, found.streams) == (2, 300_000, 16)
    # 86.4 GB a day are more than one process is for; three ingesters hold the three copies.
    assert found.ingesters == found.parts["ingester"].replicas == 3
    # Sixteen streams of at most a block and a chunk, and 360 s of 1 MB packed.
    assert found.chunk_memory == pytest.approx(16 * (262_144 + 1_572_864) + 360 * 1e6 / 3.6)
    assert found.cache == pytest.approx(1e9)
    assert found.agent_cores == pytest.approx(0.112)
    # Three copies of 1 MB fit into one process's 3.06 MB a second; there are three all the same.
    assert found.processes == 3


def test_few_lines_fill_no_chunk_before_it_is_old() -> None:
    slow = sizing.size(replace(BY_HAND, lines=1))
    assert slow.parts == {}
    assert slow.chunk_memory == pytest.approx(16 * 262_144 + (3600 + 360) * 1000 / 3.6)


def test_a_service_is_spread_until_a_stream_is_within_loki_s_own_limit() -> None:
    many = sizing.size(replace(BY_HAND, lines=100_000))
    # 60 MB a second of one service: 19.07 streams of 3 MiB.
    assert many.pods == 20
    assert many.stream_rate == 3_000_000
    assert many.streams == 160
    assert sizing.size(replace(BY_HAND, lines=100_000), spread=False).stream_rate == 30_000_000


def test_more_lines_never_need_less() -> None:
    sizes = [sizing.size(each) for each in sizing.loads(CATALOG).values()]
    for less, more in pairwise(sizes):
        assert less.ingestion_rate_mb <= more.ingestion_rate_mb
        assert less.cache < more.cache
        assert less.agent_cores < more.agent_cores
        assert less.processes <= more.processes
        assert less.streams <= more.streams


def test_at_the_catalog_s_limit_it_is_what_is_generated() -> None:
    """The tree's loki.yaml and the Helm values have the same figures, by way of other code."""
    found = sizing.size(sizing.loads(CATALOG)["The limit"], spread=False)
    path = ROOT / "generated/deploy/k8s-current/18-loki-configmap.yaml"
    config = yaml.safe_load(yaml.safe_load(path.read_text())["data"]["loki.yaml"])
    generated = config["limits_config"]
    assert found.ingestion_rate_mb == generated["ingestion_rate_mb"]
    assert found.ingestion_burst_mb == generated["ingestion_burst_size_mb"]
    assert f"{found.stream_rate}B" == generated["per_stream_rate_limit"]
    assert found.parts == loki_parts(CATALOG)


def test_what_is_generated_takes_today_s_peak_and_ten_times_it() -> None:
    for name in ("Today, mean", "Today, peak", "Ten times the peak"):
        found = sizing.size(sizing.loads(CATALOG)[name])
        assert found.ingestion_burst_mb < limits.ingestion_rate_mb(CATALOG), name
        assert found.stream_rate < limits.stream_rate_bytes(CATALOG), name
        assert 2 * found.streams < CATALOG.platform.limits.streams, name


def test_streams_are_the_values_of_closed_labels() -> None:
    """Of one pod: four levels each, and of one service three tiers beside."""
    streams = [sizing.streams_of_a_pod(each) for each in CATALOG.services]
    assert sorted(streams) == [4, 4, 4, 12]


def test_agents_by_their_limit() -> None:
    found = replace(sizing.size(BY_HAND), agent_cores=1.1)
    assert sizing.agents(found, "500m") == 3
    assert sizing.agents(replace(found, agent_cores=0.001), "500m") == 1


def test_chunks_are_kept_as_long_as_the_catalog_says(tmp_path: Path) -> None:
    found = sizing.load(deployed(tmp_path).load(), 1)
    assert (found.idle, found.age, found.cached) == (300, 7200, 1800)
    assert sizing.load(load_catalog(ROOT / "tests/fixtures/minimal"), 1).idle == 1800
