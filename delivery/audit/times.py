"""The stretches of time that dashboards and links name, as a browser reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: In seconds; a month and a year as Grafana's relative times have them on average.
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2592000}
_UNITS["y"] = 31536000
_RELATIVE = re.compile(r"now(?:([+-])(\d+)(s|m|h|d|w|M|y))?(?:/(?:s|m|h|d|w|M|y))?")
_DURATION = re.compile(r"(\d+)(ms|s|m|h|d|w|y)")
#: Grafana rounds a step to one of these (seconds): @grafana/data's ``roundInterval``.
_STEPS = (
    *((0.015, 0.01), (0.035, 0.02), (0.075, 0.05), (0.15, 0.1), (0.35, 0.2), (0.75, 0.5)),
    *((1.5, 1), (3.5, 2), (7.5, 5), (12.5, 10), (17.5, 15), (25, 20), (45, 30), (90, 60)),
    *((210, 120), (450, 300), (750, 600), (1050, 900), (1500, 1200), (2700, 1800)),
    *((5400, 3600), (9000, 7200), (16200, 10800), (32400, 21600), (86400, 43200)),
    *((604800, 86400), (1814400, 604800), (3628800, 2592000)),
)
_LONGEST = 31536000.0


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when, in seconds since the epoch."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.start


def duration(text: str) -> float | None:
    """Seconds of ``1h30m``; None of anything else."""
    parts = _DURATION.findall(text)
    if not parts or "".join(f"{number}{unit}" for number, unit in parts) != text:
        return None
    return float(sum(int(number) * _UNITS[unit] for number, unit in parts))


def moment(text: str, now: float) -> float | None:
    """When ``now-6h`` or a number of milliseconds is; None of anything else."""
    if text.isdecimal():
        return int(text) / 1000
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return None
    sign, number, unit = found.groups()
    return now + (-1 if sign == "-" else 1) * int(number or 0) * _UNITS[unit or "s"]


def window(since: str, until: str, now: float) -> Window | None:
    """A dashboard's range; None where it is written in no way that we know."""
    start, end = moment(since, now), moment(until or "now", now)
    return Window(start, end) if start is not None and end is not None and start < end else None


def step(seconds: float, points: int, least: float) -> float:
    """The step that Grafana takes for so many points, in seconds."""
    exact = seconds / max(points, 1)
    rounded = next((each for limit, each in _STEPS if exact < limit), _LONGEST)
    return max(rounded, least)


def compact(seconds: float) -> str:
    """``90s``: whole seconds, at least one, as every query language takes it."""
    return f"{max(1, round(seconds))}s"
