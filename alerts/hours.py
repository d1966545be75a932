"""Quiet hours as Alertmanager and Grafana write them: intervals, none of which passes midnight."""

from __future__ import annotations

from typing import Any, Final

from catalog.notify import QuietHours

Json = dict[str, Any]

QUIET_HOURS: Final = "quiet-hours"
_MIDNIGHT: Final = "00:00"
_END_OF_DAY: Final = "24:00"


def intervals(quiet: QuietHours) -> list[Json]:
    """When tickets wait; each interval is on the clock of the place that the catalog names."""
    found: list[Json] = []
    if quiet.night is not None:
        evening = {"start_time": quiet.night.begins, "end_time": _END_OF_DAY}
        morning = {"start_time": _MIDNIGHT, "end_time": quiet.night.ends}
        # A night that ends at midnight has no morning, and an empty interval is refused.
        times = [evening] if quiet.night.ends == _MIDNIGHT else [evening, morning]
        found.append({"times": times, "location": quiet.location})
    if quiet.days:
        found.append({"weekdays": list(quiet.days), "location": quiet.location})
    return found
