from __future__ import annotations

import pytest

from delivery.checks.durations import seconds, shortest, spelled


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("5m", 300),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("250ms", 0.25),
        ("1y", 31_536_000),
        ("$__interval", None),
        ("5 m", None),
        ("", None),
        ("m", None),
    ],
)
def test_seconds(text, length):
    assert seconds(text) == length


@pytest.mark.parametrize(
    ("length", "text"), [(300, "5m"), (604_800, "1w"), (90, "90s"), (0.5, "0.5s"), (0, "0s")]
)
def test_spelled(length, text):
    assert spelled(length) == text


def test_the_shortest_of_an_expression():
    assert shortest("rate(a[5m] offset 1m) + b[1h30m]") == 60
    assert shortest("a[$__range]") == float("inf")
