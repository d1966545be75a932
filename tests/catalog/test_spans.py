"""How a long window is laid out of shorter ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog import spans
from catalog.load import load_catalog
from catalog.scalars import parse_duration

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = load_catalog(ROOT / "catalog").windows


@pytest.mark.parametrize(
    ("length", "part", "number"),
    [
        ("2h", "1h", 2),
        ("6h", "2h", 3),
        ("1d", "6h", 4),
        ("3d", "1d", 3),
        ("30d", "3d", 10),
        ("28d", "1d", 28),
        ("1w", "1d", 7),
    ],
)
def test_the_largest_part_that_fits(length: str, part: str, number: int) -> None:
    made_of = spans.layout(parse_duration(length), spans.recorded(SHIPPED))
    assert made_of == (parse_duration(part), number)


def test_up_to_an_hour_is_read_from_the_raw_series() -> None:
    assert spans.raw(SHIPPED) == (300, 1800, 3600)


@pytest.mark.parametrize("length", ["365d", "61m", "50d"])
def test_too_many_parts_or_none_that_fits(length: str) -> None:
    assert spans.layout(parse_duration(length), spans.recorded(SHIPPED)) is None


def test_a_part_is_a_multiple_of_five_minutes() -> None:
    """At its ends it was evaluated, however the evaluation interval divides five minutes."""
    assert spans.layout(7200, (240, 300)) == (300, 24)
    assert spans.layout(7200, (240,)) is None


def test_the_nearest_that_work_stand_on_either_side() -> None:
    known = spans.recorded(SHIPPED)
    assert list(spans.nearest(50 * 86400, known, 86400)) == [48 * 86400, 51 * 86400]
