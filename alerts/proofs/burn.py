"""Stories for the burn alerts: each pair of windows of each objective, from what is counted.

A story is short: five minutes of nothing but good, then errors that take about as long to reach
the factor, or longer where not even that everything fails does. What it has to do at which moment
is not read off the rule but follows from theory (:mod:`alerts.burn_theory`), and so do the burn
rate and the budget that the alert shows. A short window of hours ends sooner where much succeeds
afterwards: a flood of good events takes the place of hours of waiting. The windows' whole length
is the backtest's matter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Final

from alerts import slo
from alerts.burn_theory import Condition, Course, condition, stretches
from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Proof, Prove
from alerts.proofs import freshness_story, stories
from alerts.proofs.burn_rule import Alike, fine, firing
from catalog import names
from catalog.model import Catalog
from catalog.service import Objective, Service
from queries.counters import counter
from queries.slo_log import MINUTE_SECONDS, WAIT_SECONDS

#: Before the errors, and until they reach the factor: between two minutes, so that no budget is
#: left or spent to the last digit.
_CALM_SECONDS, _RISE_SECONDS = 300, 280
#: For so long it goes on after it has fired.
_FIRING_MINUTES: Final = 2
#: Events a minute: so many that the smallest share of them that matters is some.
_EVENTS = 600_000
#: Of the ratio above which it fires, what does not, however long.
_NEARLY: Final = 0.97
#: Short windows that a story waits for; a longer one is ended by a flood of good events.
_PATIENCE_SECONDS = 1800
_FLOOD: Final = 60


def burning(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """It fires when theory says so and ends when it says so; just under the factor it does not."""
    service, objective = _promise(catalog, alert)
    alike = tuple(_alike(catalog, alert, service, objective))
    mine = next(each for each in alike if each.rule.expr == alert.expr)
    if objective.sli.type == "freshness":
        return freshness_story.proofs(catalog, service, objective, mine, alike)
    return tuple(_told(catalog, service, objective, mine, alike))


def _told(
    catalog: Catalog,
    service: Service,
    objective: Objective,
    mine: Alike,
    alike: Sequence[Alike],
) -> Iterator[Incident]:
    for title, course in (
        (f"errors come faster than {mine.wanted.factor:g} times what is allowed", _fast(mine)),
        ("errors come nearly as fast", _nearly_as_fast(mine.wanted)),
    ):
        yield Incident(
            title,
            _series(service, objective, course),
            tuple(_moments(catalog, objective, course, mine, alike)),
            MINUTE_SECONDS,
        )


def _fast(mine: Alike) -> Course:
    """Errors from a moment on, until they exceed the factor, and some minutes more."""
    wanted = mine.wanted
    limit = wanted.threshold
    ratio = min(1.0, limit * (_CALM_SECONDS + _RISE_SECONDS) / _RISE_SECONDS)
    rise = limit * _CALM_SECONDS / (ratio - limit)
    floods = wanted.short > _PATIENCE_SECONDS
    return _course(
        (_CALM_SECONDS // MINUTE_SECONDS, _EVENTS, 0.0),
        (math.ceil((rise + mine.rule.hold) / MINUTE_SECONDS) + _FIRING_MINUTES, _EVENTS, ratio),
        (3, _EVENTS * _FLOOD, 0.0)
        if floods
        else (wanted.short // MINUTE_SECONDS + 3, _EVENTS, 0.0),
    )


def _nearly_as_fast(wanted: Condition) -> Course:
    minutes = (_CALM_SECONDS + _RISE_SECONDS) // MINUTE_SECONDS
    return _course((minutes, _EVENTS, wanted.threshold * _NEARLY))


def _course(*phases: tuple[int, int, float]) -> Course:
    """Whole events of each minute, added up: minutes, events a minute, the share that fails."""
    events = [number for count, number, _ in phases for _ in range(count)]
    errors = [round(number * share) for count, number, share in phases for _ in range(count)]
    return Course(
        MINUTE_SECONDS,
        list(accumulate(events, initial=0)),
        list(accumulate(errors, initial=0)),
    )


def _moments(
    catalog: Catalog,
    objective: Objective,
    course: Course,
    mine: Alike,
    alike: Sequence[Alike],
) -> Iterator[Moment]:
    """Silent at the last evaluation before theory, firing as soon as that is counted, then over.

    A near miss is silent to its end. Of the same name other pairs of windows may fire meanwhile.
    """
    evaluation, late = catalog.platform.scrape.evaluation, _late(objective)

    def at(moment: float) -> Moment:
        told = math.ceil(moment / MINUTE_SECONDS) * MINUTE_SECONDS
        firing = (
            _firing(objective, each, course, told, evaluation)
            for each in alike
            if each.fires(course, told, evaluation)
        )
        return Moment(told + late, tuple(firing))

    held = tuple(stretches(course, mine.wanted))
    if not held:
        yield at((len(course.events) - 1) * course.step)
        return
    fires = held[0].since + mine.rule.hold
    yield at(fires - MINUTE_SECONDS)
    yield at(fires)
    yield at(held[-1].until + MINUTE_SECONDS)


def _late(objective: Objective) -> int:
    """A minute of log lines is counted a minute after it ended."""
    return WAIT_SECONDS if objective.sli.log is not None else 0


def _firing(
    objective: Objective, alike: Alike, course: Course, moment: int, evaluation: int
) -> Firing:
    # The budget group is evaluated after the alerts: they show what it said the last time.
    before = (moment - evaluation) // course.step * course.step
    return firing(
        objective, alike, course.within(moment, alike.wanted.long), course.within(before, before)
    )


def _series(service: Service, objective: Objective, course: Course) -> Mapping[str, str]:
    """The counters of the story, or of log lines what Loki's ruler found in each minute."""
    target = {**stories.HERE, names.SERVICE: service.id}
    good = [a - b for a, b in zip(course.events, course.errors, strict=True)]
    if objective.sli.log is not None:
        of = {**target, names.OBJECTIVE: objective.id}
        return {
            stories.one_series(names.LOG_SLI_EVENTS, of): _each_minute(course.events),
            stories.one_series(names.LOG_SLI_ERRORS, of): _each_minute(course.errors),
        }
    metric = service.metric(objective.sli.metric or "")
    if metric is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: no metric {objective.sli.metric}")
    if objective.sli.type == "latency":
        within = {names.LE: f"{objective.sli.threshold or 0:g}"}
        return {
            stories.one_series(f"{metric.name}_bucket", target, fine(metric), within): _values(
                good
            ),
            stories.one_series(f"{metric.name}_count", target, fine(metric)): _values(
                course.events
            ),
        }
    name = counter(metric)
    return {
        stories.one_series(name, target, stories.good(metric)[0]): _values(good),
        stories.one_series(name, target, stories.bad(metric)): _values(course.errors),
    }


def _values(counts: Sequence[float]) -> str:
    """A counter as promtool's notation has it, each run of even steps as one."""
    return stories.counting(*_runs([b - a for a, b in pairwise(counts)]))


def _runs(steps: Sequence[float]) -> Iterator[tuple[int, float]]:
    yield 1, 0
    begin = 0
    for number in range(1, len(steps) + 1):
        if number == len(steps) or steps[number] != steps[begin]:
            yield number - begin, steps[begin]
            begin = number


def _each_minute(counts: Sequence[float]) -> str:
    """What was counted of each minute, a minute late; the first sample is of none."""
    found = (b - a for a, b in pairwise(counts))
    late = WAIT_SECONDS // MINUTE_SECONDS
    return " ".join(["_"] * (late + 1) + [stories.plain(each) for each in found])


def _promise(catalog: Catalog, alert: Alert) -> tuple[Service, Objective]:
    """The service and the objective that an alert is about."""
    return next(
        (service, objective)
        for service in catalog.services
        for objective in service.objectives
        if service.id == alert.service and objective.id == alert.labels[names.OBJECTIVE]
    )


def _alike(
    catalog: Catalog, alert: Alert, service: Service, objective: Objective
) -> Iterator[Alike]:
    """Each rule of the alert's name on its objective: promtool tells all of them at once."""
    rules = slo.burn_alerts(catalog, service, objective)
    # All of them read the same indicator.
    relied = {key: alert.labels[key] for key in (names.RELIES_ON,) if key in alert.labels}
    for window, rule in zip(catalog.windows.windows, rules, strict=True):
        if rule.name == alert.name:
            yield Alike(
                replace(rule, labels={**rule.labels, **relied}), condition(objective, window)
            )


PROOFS: Final[Mapping[str, Prove]] = {
    "ErrorBudgetBurnFast": burning,
    "ErrorBudgetBurnSlow": burning,
}
