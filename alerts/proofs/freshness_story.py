"""Burn stories of what has to be fresh: its events are the evaluations, each fresh or stale.

Something is renewed with every sample, then no longer; it is stale once it is older than it may
be. No traffic hurries such a story: a short window of hours takes hours to be over.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from alerts.burn_theory import Course, stretches
from alerts.proof import Firing, Incident, Moment
from alerts.proofs import stories
from alerts.proofs.burn_rule import Alike, fine, firing
from catalog import names
from catalog.model import Catalog
from catalog.service import Objective, Service
from catalog.signals import Metric
from queries.counters import counter

#: Samples before the first that says that a target answers: none can be told fresh by one.
_UNKNOWN: Final = 2
#: Samples at which it is renewed before that ends, and evaluations after the one that fires.
_RENEWED, _AFTER = 6, 4


def proofs(
    catalog: Catalog,
    service: Service,
    objective: Objective,
    mine: Alike,
    alike: Sequence[Alike],
) -> tuple[Incident, ...]:
    """It is stale for as long as it takes, and for one evaluation less."""
    wanted = mine.wanted
    metric = service.metric(objective.sli.metric or "")
    if metric is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: no metric {objective.sli.metric}")
    step = catalog.platform.scrape.evaluation
    lead = _first_stale(metric, int(objective.sli.threshold or 0), step)
    enough = next(
        number
        for number in range(1, wanted.long // step)
        if any(stretches(_course(lead, number, 1, step), wanted))
    )
    fired = _course(lead, enough + mine.rule.hold // step + _AFTER, wanted.short // step + 2, step)
    missed = _course(lead, enough - 1, _AFTER, step)
    return tuple(
        Incident(
            title,
            _series(catalog, service, metric, course, lead, step),
            tuple(_moments(objective, course, mine, alike)),
            step,
        )
        for title, course in (
            (f"it is stale more than {wanted.factor:g} times as long as is allowed", fired),
            ("it is stale for one evaluation less", missed),
        )
    )


def _first_stale(metric: Metric, age: int, step: int) -> int:
    """The first evaluation at which it is too old: a rise is seen from the sample before it on."""
    last = (_RENEWED - 1) * step
    seen = last if metric.type == "gauge" else last - step
    return math.floor((seen + age) / step) + 1


def _course(lead: int, stale: int, after: int, step: int) -> Course:
    """Fresh up to the lead, then so many stale evaluations, and fresh again."""
    length = lead + stale + after
    events = [max(0, number - _UNKNOWN + 1) for number in range(length)]
    wrong = (int(lead <= number < lead + stale) for number in range(length))
    return Course(step, events, list(accumulate(wrong)))


def _series(  # noqa: PLR0917 - what a story is told of
    catalog: Catalog, service: Service, metric: Metric, course: Course, lead: int, step: int
) -> Mapping[str, str]:
    target = {**stories.HERE, names.SERVICE: service.id}
    length, stale = len(course.events), round(course.errors[-1])
    stopped = range(_RENEWED, lead + stale)
    told = {
        stories.one_series(counter(metric), target, fine(metric)): _renewed(
            metric, length, stopped, step
        )
    }
    # What else has to be fresh stays so: the story is about one.
    for other in service.objectives:
        beside = service.metric(other.sli.metric or "")
        if other.sli.type == "freshness" and beside and beside.name != metric.name:
            text = stories.one_series(counter(beside), target, fine(beside))
            told[text] = _renewed(beside, length, range(0), step)
    up = f"_x{_UNKNOWN} 1x{length}"
    told[stories.one_series("up", target)] = up
    if metric.emitted_by == "agent" and "agent" in catalog.platform.components:
        told[stories.one_series("up", stories.HERE, {names.JOB: "agent"})] = up
    return told


def _renewed(metric: Metric, length: int, stopped: range, step: int) -> str:
    """A counter that rises, or the moment of the newest, except while nothing is renewed."""
    if metric.type != "gauge":
        rises = (int(number > 0 and number not in stopped) for number in range(length))
        return " ".join(str(number) for number in accumulate(rises))
    newest = (stopped.start - 1 if number in stopped else number for number in range(length))
    return " ".join(str(number * step) for number in newest)


def _moments(
    objective: Objective, course: Course, mine: Alike, alike: Sequence[Alike]
) -> Iterator[Moment]:
    step = course.step

    def at(moment: float) -> Moment:
        told = math.ceil(moment / step) * step
        firing = (
            _firing(objective, each, course, told)
            for each in alike
            if each.fires(course, told, step)
        )
        return Moment(told, tuple(firing))

    held = tuple(stretches(course, mine.wanted))
    if not held:
        yield at((len(course.events) - 1) * step)
        return
    fires = held[0].since + mine.rule.hold
    yield at(fires - step)
    yield at(fires)
    yield at(held[-1].until + step)


def _firing(objective: Objective, alike: Alike, course: Course, moment: int) -> Firing:
    # The budget group is evaluated after the alerts: they show what it said the last time.
    before = moment - course.step
    return firing(
        objective, alike, course.within(moment, alike.wanted.long), course.within(before, before)
    )
