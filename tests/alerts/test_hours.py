from __future__ import annotations

import pytest

from alerts.hours import intervals
from catalog.notify import QuietHours


@pytest.mark.parametrize(
    ("quiet", "expected"),
    [
        (
            {"night": {"begins": "20:00", "ends": "07:30"}},
            [
                {
                    "times": [
                        {"start_time": "20:00", "end_time": "24:00"},
                        {"start_time": "00:00", "end_time": "07:30"},
                    ],
                    "location": "Europe/Berlin",
                }
            ],
        ),
        (
            {"night": {"begins": "22:00", "ends": "00:00"}, "days": ("sunday",)},
            [
                {
                    "times": [{"start_time": "22:00", "end_time": "24:00"}],
                    "location": "Europe/Berlin",
                },
                {"weekdays": ["sunday"], "location": "Europe/Berlin"},
            ],
        ),
    ],
)
def test_no_interval_passes_midnight(quiet, expected):
    made = QuietHours(location="Europe/Berlin", source="seed", **quiet)
    assert intervals(made) == expected
