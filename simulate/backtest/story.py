"""An incident as it happens: what each pod counts, scrape by scrape, and the truth of all of them.

The truth is what the pods counted, whether or not anybody saw it; theory is held against it.
What is seen of it (missed scrapes, counters that start again) is the pods' own matter.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from alerts.burn_theory import Course
from simulate import chance
from simulate.backtest.incident import Incident

_DAY, _WEEK = 86_400, 7 * 86_400
#: Of the mean, what the afternoon has more and the night less; and what a weekend has.
_DAILY, _WEEKEND = 0.6, 0.5
#: Pods of a service; of a deployment each new one comes this much after the one before.
_PODS, _ROLLOUT_SECONDS = 2, 60
_CANARY = "canary"
#: Above this mean a Poisson draw is as good as a normal one, and much cheaper.
_MANY = 50.0


@dataclass(frozen=True, slots=True)
class Pod:
    """One target and what it counted: good and bad events up to each scrape.

    ``seen`` says which scrapes it answered, ``resets`` at which its counters stood at 0.
    """

    name: str
    good: Sequence[int]
    bad: Sequence[int]
    seen: Sequence[bool]
    resets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One incident of one objective: scrape ``k`` is ``k * step`` seconds from its beginning.

    ``events`` and ``errors`` are all that happened up to each scrape, ``rate`` is how many
    events a second there are in the mean.
    """

    incident: Incident
    step: int
    rate: float
    pods: tuple[Pod, ...]
    events: Sequence[int]
    errors: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Life:
    """When a pod serves, and what of the traffic: all its share, while no canary takes some."""

    name: str
    since: int
    until: int
    number: int


@dataclass(frozen=True, slots=True)
class Step:
    """What happens between two scrapes: events, the share that fails, a canary's share."""

    events: float
    failing: float
    canary: float


def tell(incident: Incident, budget: float, step: int) -> Story:
    """The story of an incident that befalls an objective with that error budget (a ratio)."""
    steps = list(course(incident, budget, step))
    pods = tuple(_pod(incident, life, steps, step) for life in _lives(incident))
    errors = _summed(pod.bad for pod in pods)
    good = _summed(pod.good for pod in pods)
    events = [a + b for a, b in zip(good, errors, strict=True)]
    return Story(incident, step, incident.rate, pods, events, errors)


def course(incident: Incident, budget: float, step: int) -> Iterator[Step]:
    """Each step by what is true in its middle; the first scrape has none before it."""
    yield Step(0.0, 0.0, 0.0)
    phases = incident.course
    begins = [*accumulate((each.lasts for each in phases), initial=incident.start)]
    canaries = [fault for fault in incident.faults if fault.kind == _CANARY]
    place = -1
    for number in range(1, incident.length // step + 1):
        middle = (number - 0.5) * step
        while place + 1 < len(begins) and begins[place + 1] <= middle:
            place += 1
        rate, failing = incident.rate, incident.background.of(budget)
        if 0 <= place < len(phases):
            phase = phases[place]
            first = phase.errors.of(budget)
            last = (phase.until or phase.errors).of(budget)
            failing = first + (last - first) * (middle - begins[place]) / phase.lasts
            rate *= phase.traffic
        if incident.swing:
            rate *= swing(middle)
        taken = sum(
            fault.share or 0.0 for fault in canaries if _within(middle, fault.span(incident.start))
        )
        yield Step(rate * step, failing, taken)


def shown(story: Story) -> Course:
    """What scrapes can show of what happened: all but what a counter lost as it started again.

    Since the last scrape before that it had counted on, and nobody will ever read it.
    """
    lost = {number for pod in story.pods for number in pod.resets}
    return Course(story.step, _less(story.events, lost), _less(story.errors, lost))


def _less(counts: Sequence[int], lost: Container[int]) -> list[int]:
    rises = (now - before for before, now in pairwise((0, *counts)))
    return [*accumulate(0 if number in lost else rise for number, rise in enumerate(rises))]


def swing(moment: float) -> float:
    """How much traffic there is of the mean: a day has a peak, a week an end; a week's mean is 1.

    The weekend is two of the seven days that begin with the story.
    """
    daily = 1 + _DAILY * math.sin(2 * math.pi * moment / _DAY)
    weekly = _WEEKEND if moment % _WEEK >= 5 * _DAY else 1.0
    return daily * weekly * 7 / (5 + 2 * _WEEKEND)


def _lives(incident: Incident) -> Iterator[_Life]:
    """The pods, those that replace them, and a canary."""
    rollouts = [
        fault.span(incident.start)[0] for fault in incident.faults if fault.kind == "restart"
    ]
    for number in range(_PODS):
        turns = [0, *(at + number * _ROLLOUT_SECONDS for at in rollouts), incident.length]
        for release, (since, until) in enumerate(pairwise(turns)):
            yield _Life(f"{'ab'[number]}{release}", since, until, number)
    for fault in incident.faults:
        if fault.kind == _CANARY:
            yield _Life(_CANARY, *fault.span(incident.start), _PODS)


def _pod(incident: Incident, life: _Life, steps: Sequence[Step], step: int) -> Pod:
    good, bad = [0.0] * len(steps), [0.0] * len(steps)
    for number in range(life.since // step + 1, min(life.until // step, len(steps) - 1) + 1):
        told = steps[number]
        mine, failing = (1 - told.canary) / _PODS, told.failing
        if life.name == _CANARY:
            mine, failing = told.canary, min(1.0, told.failing / told.canary)
        elif told.canary:
            failing = 0.0
        whole = told.events * mine
        good[number] = _drawn(incident, whole * (1 - failing), life.name, number, "good")
        bad[number] = _drawn(incident, whole * failing, life.name, number, "bad")
    seen = [
        life.since <= number * step <= life.until
        and not unseen(incident, number * step, life.number)
        for number in range(len(steps))
    ]
    offset = life.number / 2 % 1  # two pods do not finish their events at the same moment
    resets = resets_of(incident, step)
    return Pod(life.name, _whole(good, offset), _whole(bad, offset), seen, resets)


def resets_of(incident: Incident, step: int) -> tuple[int, ...]:
    """The scrapes at which the counters stand at 0."""
    return tuple(
        fault.span(incident.start)[0] // step for fault in incident.faults if fault.kind == "reset"
    )


def _drawn(incident: Incident, mean: float, *keys: object) -> float:
    """The mean, or where chance rules a number of events drawn around it (Poisson)."""
    if not incident.chance or mean <= 0:
        return mean
    if mean > _MANY:
        return max(0.0, round(chance.normal(mean, math.sqrt(mean), incident.id, *keys)))
    drawn = chance.uniform(incident.id, *keys)
    number, likely = 0, math.exp(-mean)
    while drawn > likely > 0:
        drawn -= likely
        number += 1
        likely *= mean / number
    return number


def _whole(amounts: Iterable[float], offset: float) -> list[int]:
    # The small addition keeps a sum of fractions that is a whole number from being one less.
    return [math.floor(each + offset + 1e-6) for each in accumulate(amounts)]


def unseen(incident: Incident, moment: int, number: int) -> bool:
    """Whether a scrape fails: of everything in a gap, of the second pod where one is late."""
    return any(
        fault.kind == "gap" or number == 1
        for fault in incident.faults
        if fault.kind in {"gap", "late"} and _within(moment, fault.span(incident.start))
    )


def _within(moment: float, span: tuple[int, int]) -> bool:
    return span[0] < moment <= span[1]


def _summed(columns: Iterable[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*columns, strict=True)]
