"""A small canary beside the pods of each service, as good as they are or made up to be worse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from simulate.flow import Flow

#: A canary gets this share of what a pod of the stable release gets.
WEIGHT: Final = 0.2
#: The share of its requests that a bad canary fails, and that it answers late.
FAILING, LATE = 0.15, 0.12
#: How many times as often its lines report a failure.
LINES: Final = 40.0
#: An error that no other release writes: each id in it is another one.
NEW_MESSAGE: Final = "cannot read the setting 'retry.budget' of tenant {number}"


def failing(
    sets: Iterable[tuple[dict[str, str], bool, float]],
) -> list[tuple[dict[str, str], bool, float]]:
    """The label sets of requests, with more of the bad ones and as many in all."""
    known = list(sets)
    bad = sum(share for _, is_bad, share in known if is_bad)
    if not 0 < bad < 1:
        return known
    more, fewer = FAILING / bad, (1 - FAILING) / (1 - bad)
    return [
        (labels, is_bad, share * (more if is_bad else fewer)) for labels, is_bad, share in known
    ]


def message(flow: Flow, number: int) -> str:
    """What a bad canary writes of its failures."""
    return NEW_MESSAGE.format(number=f"t-{len(flow.key) + number % 40}")
