"""Incidents of a freshness objective: what is renewed and what stops being so.

Its events are the evaluations, each fresh or stale, so that traffic has no part in it. A share
of them is stale if now and then nothing is renewed for as long as something may be old and that
much longer: the shortest such turn, stale first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from simulate.backtest.incident import Incident
from simulate.backtest.story import Pod, Step, Story, course, resets_of, unseen


def tell_freshness(
    incident: Incident, budget: float, age: int, step: int, evaluation: int, *, counted: bool
) -> Story:
    """The story for what may be ``age`` seconds old; of a counter the rise is what is seen."""
    steps = list(course(incident, budget, step))
    stale = _stale(steps, age, step, evaluation)
    checks = evaluation // step
    events = [number // checks for number in range(len(steps))]
    wrong = (int(number % checks == 0 and stale[number]) for number in range(len(steps)))
    # The last that counts: a rise between two scrapes is seen for a scrape less than its age.
    ahead = age // step - (1 if counted else 0)
    renewed = list(accumulate(int(not each) for each in _ahead(stale, ahead)))
    pods = tuple(
        Pod(
            name,
            renewed,
            [0] * len(steps),
            [not unseen(incident, number * step, place) for number in range(len(steps))],
            resets_of(incident, step),
        )
        for place, name in enumerate(("a0", "b0"))
    )
    return Story(incident, step, 1 / evaluation, pods, events, list(accumulate(wrong)))


def _stale(steps: Sequence[Step], age: int, step: int, evaluation: int) -> list[bool]:
    """From which scrape to which it is stale: from one evaluation to just before another.

    A stretch begins when a whole evaluation is owed, and something was renewed since the last.
    """
    checks, wait = evaluation // step, age // evaluation + 1
    stale = [False] * len(steps)
    owed, before, fresh = 0.0, 0.0, wait
    for number in range(checks, len(steps), checks):
        failing = steps[number].failing
        if failing < before:
            owed = min(owed, 1.0)
        owed, before = owed + failing, failing
        if owed >= 1 and (fresh == 0 or fresh >= wait or failing >= 1):
            stale[number : number + checks] = [True] * len(stale[number : number + checks])
            owed, fresh = owed - 1, 0
        else:
            fresh += 1
    return stale


def _ahead(stale: Sequence[bool], places: int) -> list[bool]:
    """Where nothing is renewed: at each stale scrape, and so many scrapes ahead of it."""
    stopped = [False] * len(stale)
    following = len(stale) + places + 1
    for number in range(len(stale) - 1, -1, -1):
        if stale[number]:
            following = number
        stopped[number] = following - number <= places
    return stopped
