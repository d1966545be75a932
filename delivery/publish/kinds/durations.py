"""Durations as servers write them: ``5m``, ``5m0s``, ``1d`` and 300 are one and the same."""

from __future__ import annotations

import re
from typing import Any

_UNITS = {
    "ms": 0.001,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "w": 7 * 86400.0,
    "y": 365 * 86400.0,
}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhdwy])")
#: What nobody writes on purpose; it shows as a difference.
_NONE = -1.0


def seconds(value: Any) -> float:
    """Of a duration as Go or Prometheus writes it; a number is seconds already."""
    if isinstance(value, int | float):
        return float(value)
    text, position, total = str(value), 0, 0.0
    while part := _PART.match(text, position):
        total += float(part[1]) * _UNITS[part[2]]
        position = part.end()
    return total if text and position == len(text) else _NONE
