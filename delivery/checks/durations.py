"""Durations as the query languages and the rule files write them."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w|y)")
_SECONDS = {
    "ms": 0.001,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86_400,
    "w": 604_800,
    "y": 31_536_000,
}


_ANY = re.compile(r"(?:\[|offset\s+)((?:[0-9]+(?:ms|s|m|h|d|w|y))+)")


@lru_cache(maxsize=1024)
def seconds(text: str) -> float | None:
    """``1h30m`` in seconds; None for anything else, such as a variable."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def spelled(length: float) -> str:
    """``300`` as ``5m``: the largest unit that leaves nothing over."""
    for unit in ("w", "d", "h", "m"):
        if length >= _SECONDS[unit] and length % _SECONDS[unit] == 0:
            return f"{length / _SECONDS[unit]:g}{unit}"
    return f"{length:g}s"


def shortest(expr: str) -> float:
    """The shortest range or offset in an expression, in seconds; endless where it has none."""
    return min((seconds(text) or 0 for text in _ANY.findall(expr)), default=float("inf"))
