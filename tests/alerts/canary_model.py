"""The canary's test once more, in plain Python: to enumerate it, and to run many rollouts of it.

tests/alerts/test_canary_rules.py holds the rules that ship against it, number by number.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from catalog.canary import Canary
from queries.canary import TIMES


@dataclass
class Rollout:
    """One canary's evidence, step by step; ``steps`` are those of the horizon."""

    canary: Canary
    steps: int
    events: list[int] = field(default_factory=lambda: [0, 0])
    bad: list[int] = field(default_factory=lambda: [0, 0])
    bets: list[float] = field(default_factory=lambda: [0.5 for _ in TIMES])
    #: (events, bad events) of stable and of the canary that no bet was settled by yet.
    block: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    theirs: float | None = None

    @property
    def evidence(self) -> float:
        return sum(self.bets) / len(self.bets)

    def expected(self) -> float:
        return max((self.bad[0] + 1) / (self.events[0] + 100), self.canary.minimum_difference)

    def step(self, stable: tuple[int, int], canary: tuple[int, int]) -> float:
        """Events and bad events of both since the last step; the evidence after it."""
        theirs = self.theirs = self.expected() if self.theirs is None else self.theirs
        (n0, x0), (n1, x1) = self.block = (
            (self.block[0][0] + stable[0], self.block[0][1] + stable[1]),
            (self.block[1][0] + canary[0], self.block[1][1] + canary[1]),
        )
        for at, times in enumerate(TIMES):
            ours = times * theirs / (1 + (times - 1) * theirs)
            self.bets[at] += 0.5 / self.steps
            if n0 and n1:
                alike = (n0 * theirs + n1 * ours) / (n0 + n1)
                explained = (
                    x0 * math.log(theirs / alike)
                    + (n0 - x0) * math.log((1 - theirs) / (1 - alike))
                    + x1 * math.log(ours / alike)
                    + (n1 - x1) * math.log((1 - ours) / (1 - alike))
                )
                self.bets[at] = min(self.bets[at] * math.exp(min(explained, 600.0)), 1e9)
        if n0 and n1:
            self.block, self.theirs = ((0, 0), (0, 0)), None
        for track, (n, x) in enumerate((stable, canary)):
            self.events[track] += n
            self.bad[track] += x
        return self.evidence

    @property
    def worse(self) -> bool:
        limits = self.canary
        if self.evidence < limits.evidence or self.events[1] < limits.minimum_events:
            return False
        theirs, ours = (
            bad / events if events else math.nan
            for bad, events in zip(self.bad, self.events, strict=True)
        )
        heavy = ours - theirs >= limits.minimum_difference
        return heavy and ours >= limits.minimum_factor * theirs


def poisson(chance: random.Random, mean: float) -> int:
    """How many events there are; exact where there are few."""
    if mean > 60:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def split(chance: random.Random, mean: float, share: float) -> tuple[int, int]:
    """Events, and the bad ones among them."""
    bad = poisson(chance, mean * share)
    return bad + poisson(chance, mean * (1 - share)), bad


def binomial(n: int, p: float) -> list[float]:
    """The probability of 0 to n."""
    logs = [
        math.lgamma(n + 1)
        - math.lgamma(k + 1)
        - math.lgamma(n - k + 1)
        + k * math.log(p)
        + (n - k) * math.log(1 - p)
        for k in range(n + 1)
    ]
    return [math.exp(each) for each in logs]
