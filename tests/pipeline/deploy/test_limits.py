"""Limits in bytes follow from the catalog's lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.load import load_catalog
from pipeline.deploy import limits
from tests.pipeline.deploy.manifests import ROOT, shipped

MINIMAL = load_catalog(ROOT / "tests/fixtures/minimal")


def test_a_line_is_as_large_as_all_of_a_day_s() -> None:
    """Of the seed: 6.0 GB a day in 4,300 lines a minute."""
    assert limits.line_bytes(shipped().services) == pytest.approx(6.0e9 / (4300 * 1440))


def test_the_seed_s_rate_and_burst() -> None:
    """100,000 and 200,000 lines of 969 bytes, in units of 2^20 bytes."""
    size = 6.0e9 / (4300 * 1440)
    rate, burst = limits.ingestion_rate_mb(shipped()), limits.ingestion_burst_mb(shipped())
    assert (rate, burst) == (92.42, 184.83)
    assert rate >= 100_000 * size / 2**20 > rate - 0.01
    assert burst >= 200_000 * size / 2**20 > burst - 0.01


def test_a_stream_may_have_what_a_pod_has_of_the_rate() -> None:
    """The busiest service has 50 of 140 peak lines, of 972 bytes, from three pods."""
    assert limits.stream_rate_bytes(shipped()) == -(-100_000 * 50 * 972 // (140 * 3))
    assert limits.stream_burst_bytes(shipped()) == 2 * limits.stream_rate_bytes(shipped())


def test_a_hundred_times_the_peak_is_below_every_limit() -> None:
    """What the pipeline is shown to take: one stream of each service at 100 times its peak."""
    for service in shipped().services:
        size = limits.line_bytes((service,))
        assert 100 * service.volume.peak_lines_per_second * size < limits.stream_rate_bytes(
            shipped()
        )
    peak = sum(each.volume.peak_lines_per_second for each in shipped().services)
    assert 100 * peak < shipped().platform.limits.lines_per_second


def test_what_is_kept_longest() -> None:
    assert limits.longest_retention(shipped()) == 1440 * 3600
    assert limits.longest_retention(MINIMAL) == 30 * 86400


@pytest.mark.parametrize(("memory", "expected"), [("4Gi", "3072MB"), ("512Mi", "384MB")])
def test_the_log_is_replayed_in_three_quarters_of_the_memory(memory: str, expected: str) -> None:
    assert limits.replay_ceiling(memory) == expected


@pytest.mark.parametrize(("cpu", "expected"), [("2000m", 4), ("3", 6), ("100m", 1)])
def test_two_queries_a_core(cpu: str, expected: int) -> None:
    assert limits.concurrent_queries(cpu) == expected


def test_memcached_leaves_room_for_itself() -> None:
    assert limits.cache_mebibytes("512Mi") == 426


def test_another_system_has_other_limits() -> None:
    harbour = load_catalog(Path(ROOT / "tests/fixtures/second"))
    assert limits.ingestion_rate_mb(harbour) != limits.ingestion_rate_mb(shipped())
