"""The figures of docs/canary.md: ``python -m tests.alerts.canary_figures`` prints its tables.

What is exact is enumerated, the rest is simulated with a seed; tests/alerts/test_canary.py
asserts the bounds on smaller runs of the same functions.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path

from catalog.canary import Canary
from catalog.load import load_catalog
from tests.alerts.canary_model import Rollout, binomial, split

ROOT = Path(__file__).resolve().parents[2]

#: A rollout of an hour, looked at every half minute, and its horizon of two hours.
LOOKS, STEPS = 120, 240
#: (canary, stable) requests of a whole comparison, and the share of bad ones on both.
SIZES = tuple(product((5, 10, 20, 50, 200, 1000), (20, 100, 1000, 5000)))
SHARES = (0.0005, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 0.5, 0.9)


#: Whether a comparison of (bad, all) of stable and of the canary calls the canary worse.
Verdict = Callable[[tuple[int, int], tuple[int, int]], bool]

distribution = lru_cache(maxsize=256)(binomial)


def in_one_look(canary: Canary) -> Verdict:
    """The test that ships, when all happened within one step."""

    def worse(stable: tuple[int, int], new: tuple[int, int]) -> bool:
        rollout = Rollout(canary, STEPS)
        return rollout.step(stable[::-1], new[::-1]) >= canary.evidence

    return worse


def pooled_z(canary: Canary) -> Verdict:
    """The two-proportion test of the textbooks, at the same level for a single look."""
    z = quantile(1 - canary.false_rollback_ratio)

    def worse(stable: tuple[int, int], new: tuple[int, int]) -> bool:
        share = (stable[0] + new[0]) / (stable[1] + new[1])
        deviation = math.sqrt(share * (1 - share) * (1 / stable[1] + 1 / new[1]))
        return deviation > 0 and (new[0] / new[1] - stable[0] / stable[1]) / deviation >= z

    return worse


def agresti_caffo(canary: Canary) -> Verdict:
    """The adjusted difference of Agresti and Caffo, at the same level for a single look."""
    z = quantile(1 - canary.false_rollback_ratio)

    def worse(stable: tuple[int, int], new: tuple[int, int]) -> bool:
        (a, n), (b, m) = ((bad + 1, every + 2) for bad, every in (stable, new))
        p, q = a / n, b / m
        return (q - p) / math.sqrt(p * (1 - p) / n + q * (1 - q) / m) >= z

    return worse


def quantile(probability: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(probability)


def false_alarms(verdict: Verdict, ours: int, theirs: int, share: float) -> float:
    """The exact probability that two releases that are alike are called different.

    Each verdict asks for more bad events the fewer there are, so that the least number that it
    takes is found by halving.
    """
    whole = 0.0
    tails = list(survival(ours, share))
    for bad, probability in enumerate(distribution(theirs, share)):
        if probability < 1e-12:
            continue
        low, high = 0, ours + 1
        while low < high:
            middle = (low + high) // 2
            if verdict((bad, theirs), (middle, ours)):
                high = middle
            else:
                low = middle + 1
        whole += probability * (tails[low] if low <= ours else 0.0)
    return whole


def survival(n: int, p: float) -> Iterator[float]:
    """The probability of at least 0 to n."""
    found = distribution(n, p)
    left = math.fsum(found)
    for each in found:
        yield left
        left = max(0.0, left - each)


def every_path(canary: Canary, requests: int, beside: int, share: float) -> float:
    """The exact probability of a false verdict at any of several looks.

    Before each look the canary answers one request and stable some; every outcome is followed.
    """
    theirs = distribution(beside, share)

    def follow(rollout: Rollout, left: int) -> float:
        if rollout.evidence >= canary.evidence:
            return 1.0
        if not left:
            return 0.0
        whole = 0.0
        for bad, probability in enumerate(theirs):
            for ours, chance in ((0, 1 - share), (1, share)):
                after = deepcopy(rollout)
                after.step((beside, bad), (1, ours))
                whole += probability * chance * follow(after, left - 1)
        return whole

    return follow(Rollout(canary, STEPS), requests)


@dataclass(frozen=True)
class Story:
    """Requests an hour, the share of bad ones at a moment (0 to 1) of the hour, and since when
    the canary is worse."""

    title: str
    stable: float
    canary: float
    share: Callable[[float], float]
    worse: Callable[[float, float], float] = lambda share, _: share


def run(canary: Canary, story: Story, chance: random.Random) -> int | None:
    """The look at which the canary is called worse, in a rollout of an hour."""
    rollout = Rollout(canary, STEPS)
    for look in range(LOOKS):
        at = look / LOOKS
        share = story.share(at)
        stable = split(chance, story.stable / LOOKS, share)
        rollout.step(stable, split(chance, story.canary / LOOKS, story.worse(share, at)))
        if rollout.worse:
            return look + 1
    return None


def steady(share: float) -> Callable[[float], float]:
    return lambda _: share


def incident(quiet: float, during: float) -> Callable[[float], float]:
    """For a quarter of an hour both releases fail."""
    return lambda at: during if 0.4 < at < 0.65 else quiet


QUIET = (
    Story("20 requests/s, 2 % fail", 72000, 3600, steady(0.02)),
    Story("20 requests/s, 0.1 % fail", 72000, 3600, steady(0.001)),
    Story("1 request/s, 2 % fail", 3600, 180, steady(0.02)),
    Story("100 requests an hour, 2 % fail", 100, 10, steady(0.02)),
    Story("100 requests an hour, half of them on the canary, 10 % fail", 50, 50, steady(0.1)),
    Story("20 requests an hour, 30 % fail", 14, 6, steady(0.3)),
    Story("1 request/s, an incident on both: 1 %, then 40 %", 3600, 180, incident(0.01, 0.4)),
    Story("20 requests/s, an incident on both", 72000, 7200, incident(0.005, 0.6)),
    Story("200 requests an hour, an incident on both", 180, 20, incident(0.01, 0.6)),
)


def becomes(to: float, since: float = 0.0) -> Callable[[float, float], float]:
    return lambda share, at: to if at >= since else share


BAD = (
    Story("2 % to 20 %, 50 canary requests", 1000, 50, steady(0.02), becomes(0.2)),
    Story("2 % to 20 %, 200 canary requests", 3600, 200, steady(0.02), becomes(0.2)),
    Story("2 % to 100 %, 10 canary requests", 100, 10, steady(0.02), becomes(1.0)),
    Story("2 % to 50 %, 20 canary requests", 200, 20, steady(0.02), becomes(0.5)),
    Story("0.1 % to 2 %, 20 requests/s", 72000, 3600, steady(0.001), becomes(0.02)),
    Story("2 % to 4 %, 20 requests/s", 72000, 3600, steady(0.02), becomes(0.04)),
    Story("2 % to 2.4 %, 200 requests/s", 720000, 36000, steady(0.02), becomes(0.024)),
    Story("good for 40 minutes, then 50 %, 1/s", 3600, 180, steady(0.02), becomes(0.5, 0.667)),
)


def shown(share: float) -> str:
    return f"{100 * share:.2f} %"


def main() -> None:
    """Print every table."""
    canary = load_catalog(ROOT / "catalog").platform.canary
    assert canary
    print("Largest share of false verdicts in one look, over every size and share:")
    for title, verdict in (
        ("what ships", in_one_look(canary)),
        ("two-proportion z test", pooled_z(canary)),
        ("Agresti-Caffo", agresti_caffo(canary)),
    ):
        found = {
            (ours, theirs, share): false_alarms(verdict, ours, theirs, share)
            for ours, theirs in SIZES
            for share in SHARES
        }
        worst = max(found, key=lambda each: found[each])
        above = sum(each > canary.false_rollback_ratio for each in found.values())
        print(f"  {title}: {shown(found[worst])} at {worst}; above it {above} of {len(found)}")
    print("Every path of 5 canary requests, 3 of stable beside each, a look after each:")
    for share in (0.01, 0.05, 0.1, 0.3, 0.5):
        print(f"  {shown(share)}: {shown(every_path(canary, 5, 3, share))}")
    chance = random.Random(20240601)  # noqa: S311 - a simulation that repeats
    for stories, number in ((QUIET, 2000), (BAD, 400)):
        for story in stories:
            found_at = [run(canary, story, chance) for _ in range(number)]
            hits = sorted(look for look in found_at if look)
            when = f", half of them within {hits[len(hits) // 2] / 2:g} min" if hits else ""
            print(f"  {story.title}: {shown(len(hits) / number)} of {number}{when}")


if __name__ == "__main__":
    main()
