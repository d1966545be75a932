"""Chance that repeats: every draw is a function of the seed and of what it is drawn for.

A counter must continue where history ended, and a log line must name a trace that another
module has sent. Both follow when nothing depends on the order in which things were drawn.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

_NORMAL = NormalDist()


def digest(*keys: object) -> bytes:
    """32 bytes that only the keys decide."""
    return hashlib.sha256("\x1f".join(map(str, keys)).encode()).digest()


def hexadecimal(length: int, *keys: object) -> str:
    """That many hexadecimal digits, as trace and span ids are written."""
    return digest(*keys).hex()[:length]


def uniform(*keys: object) -> float:
    """A number from 0 up to, and without, 1."""
    return int.from_bytes(digest(*keys)[:7], "big") / 2**56


def choose(values: Sequence[T], *keys: object) -> T:
    """One of the values, each as likely."""
    return values[int(uniform(*keys) * len(values))]


def prefer(values: Sequence[T], *keys: object) -> T:
    """One of the values; the n-th is n times rarer than the first."""
    return weighted(values, shares(len(values)), *keys)


def weighted(values: Sequence[T], weights: Sequence[float], *keys: object) -> T:
    """One of the values, as often as its weight says."""
    at = uniform(*keys) * sum(weights)
    for value, weight in zip(values, weights, strict=True):
        at -= weight
        if at < 0:
            return value
    return values[-1]


def shares(count: int) -> list[float]:
    """Shares that fall as 1, 1/2, 1/3 and add up to 1: the first of a list is the common one."""
    whole = sum(1 / place for place in range(1, count + 1))
    return [1 / place / whole for place in range(1, count + 1)]


def normal(mean: float, deviation: float, *keys: object) -> float:
    """A number from the normal distribution."""
    drawn = min(max(uniform(*keys), 1e-9), 1 - 1e-9)
    return mean + deviation * _NORMAL.inv_cdf(drawn)


def log_normal(median: float, sigma: float, *keys: object) -> float:
    """A duration: half of them below the median, a long tail above."""
    drawn = min(max(uniform(*keys), 1e-9), 1 - 1e-9)
    return median * math.exp(sigma * _NORMAL.inv_cdf(drawn))


def log_normal_share(bound: float, median: float, sigma: float) -> float:
    """The share of such durations that are within the bound."""
    return _NORMAL.cdf(math.log(bound / median) / sigma)
