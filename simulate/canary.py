"""A small canary beside the pods of each service, as good as they are or made up to be worse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from simulate.flow import Flow

#: A canary gets this share of what a pod of the stable release gets.
WEIGHT: Final = 0.2
#: How many times as often a bad canary fails, or is slow; at most every other time.
WORSE: Final = 30.0
_MOST = 0.5
#: An error that no other release writes: each id in it is another one.
NEW_MESSAGE: Final = "cannot read the setting 'retry.budget' of tenant {number}"


def worse(share: float) -> float:
    """The share of what goes wrong on a bad canary."""
    return min(_MOST, share * WORSE)


def failing(
    sets: Iterable[tuple[dict[str, str], bool, float]],
) -> list[tuple[dict[str, str], bool, float]]:
    """The label sets of requests, with more of the bad ones and as many in all."""
    known = list(sets)
    bad = sum(share for _, is_bad, share in known if is_bad)
    if not 0 < bad < 1:
        return known
    more, fewer = worse(bad) / bad, (1 - worse(bad)) / (1 - bad)
    return [
        (labels, is_bad, share * (more if is_bad else fewer)) for labels, is_bad, share in known
    ]


def message(flow: Flow, number: int) -> str:
    """What a bad canary writes of its failures."""
    return NEW_MESSAGE.format(number=f"t-{len(flow.key) + number % 40}")
