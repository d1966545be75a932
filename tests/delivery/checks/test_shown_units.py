from __future__ import annotations

import pytest

from delivery.checks.shown_units import FITTING, fits, fitting_unit, measure


@pytest.mark.parametrize(
    ("unit", "measured"),
    [
        ("seconds", "seconds"),
        ("bytes/s", "bytes/s"),
        ("requests", "things"),
        ("requests/s", "things/s"),
        ("seconds/s", ""),
        ("bytes/s/s", ""),
        ("none", ""),
        ("none/s", ""),
        ("", ""),
    ],
)
def test_what_a_unit_measures(unit, measured):
    assert measure(unit) == measured


@pytest.mark.parametrize("unit", ["seconds", "milliseconds", "bytes", "bytes/s", "ratio"])
def test_the_remedy_fits(unit):
    assert fits(fitting_unit(unit).rsplit(" ", 1)[-1], unit)


def test_each_unit_is_judged():
    assert all(not fits(shown, "bytes") for shown in FITTING if shown not in {"bytes", "decbytes"})
    assert fits("currencyEUR", "bytes")
