"""Every incident against every objective: stories told, replayed and judged, two at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from alerts.burn_theory import Course, Delay, condition
from catalog import names
from catalog.model import Catalog
from catalog.platform import Window
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from queries.slo_log import MINUTE_SECONDS, WAIT_SECONDS
from simulate.backtest.excerpt import excerpt
from simulate.backtest.freshness import tell_freshness
from simulate.backtest.incident import Incident
from simulate.backtest.replay import Answer, Sample, replay
from simulate.backtest.story import Story, shown, tell
from simulate.backtest.telemetry import telemetry
from simulate.backtest.verdict import Judge, Verdict

Json = dict[str, Any]
#: promtool keeps one core busy, and so does telling the next story.
_AT_ONCE = 2
#: Moments at which the burn rates are asked for, to draw them.
_POINTS = 240


@dataclass(frozen=True, slots=True)
class Task:
    """One incident that befalls one objective."""

    service: Service
    objective: Objective
    incident: Incident

    @property
    def promise(self) -> str:
        """``service/objective``, as people name it."""
        return f"{self.service.id}/{self.objective.id}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the alerts on one objective did in one incident, a verdict for each pair of windows."""

    task: Task
    verdicts: tuple[Verdict, ...]
    #: The recorded burn rates, where they were asked for.
    burn: tuple[Sample, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """What is worse than promised, each with the windows it is about."""
        return tuple(
            f"{pair(each.window)}: {fault}" for each in self.verdicts for fault in each.faults
        )


def pair(window: Window) -> str:
    """``1h/5m``."""
    return f"{format_duration(window.long)}/{format_duration(window.short)}"


def tasks(catalog: Catalog, incidents: Iterable[Incident]) -> list[Task]:
    """Each objective with each incident that concerns it."""
    told = tuple(incidents)
    return [
        Task(service, objective, incident)
        for service in catalog.services
        for objective in service.objectives
        for incident in told
        if incident.concerns(objective.sli.type)
    ]


def run(
    promtool: str,
    catalog: Catalog,
    groups: Sequence[Json],
    todo: Sequence[Task],
    *,
    drawn: bool = False,
) -> Iterator[Outcome]:
    """The outcomes, as they come; ``drawn`` asks for what a picture shows."""
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        started = [
            pool.submit(_outcome, promtool, catalog, groups, task, drawn=drawn) for task in todo
        ]
        for each in as_completed(started):
            yield each.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _outcome(
    promtool: str, catalog: Catalog, groups: Sequence[Json], task: Task, *, drawn: bool
) -> Outcome:
    evaluation = catalog.platform.scrape.evaluation
    story = story_of(catalog, task)
    length = task.incident.length
    answer = replay(
        promtool,
        excerpt(groups, task.service, task.objective),
        telemetry(catalog, task.service, task.objective, story),
        evaluation,
        length,
        query=names.BURN_RATE if drawn else None,
        moments=_points(length, evaluation) if drawn else (),
    )
    return Outcome(task, tuple(_verdicts(catalog, task, story, answer)), answer.samples)


def story_of(catalog: Catalog, task: Task) -> Story:
    """What happens to the objective, as its own indicator counts it."""
    scrape, objective = catalog.platform.scrape, task.objective
    if objective.sli.type != "freshness":
        return tell(task.incident, objective.budget, scrape.interval)
    metric = task.service.metric(objective.sli.metric or "")
    return tell_freshness(
        task.incident,
        objective.budget,
        int(objective.sli.threshold or 0),
        scrape.interval,
        scrape.evaluation,
        counted=metric is not None and metric.type != "gauge",
    )


def delay(catalog: Catalog, objective: Objective, window: Window) -> Delay:
    """How long the alert on a pair of windows may take to see what is true.

    What Loki's ruler counts is counted once a minute, of a minute that ended a minute ago.
    """
    scrape = catalog.platform.scrape
    levels = (MINUTE_SECONDS, WAIT_SECONDS) if objective.sli.log is not None else ()
    return Delay(scrape.interval, scrape.evaluation, window.hold or 0, levels)


def _verdicts(catalog: Catalog, task: Task, story: Story, answer: Answer) -> Iterator[Verdict]:
    objective = task.objective
    # What Loki's ruler counts is what happened, and so is what was renewed.
    by_scrapes = objective.sli.log is None and objective.sli.type != "freshness"
    seen = shown(story) if by_scrapes else Course(story.step, story.events, story.errors)
    for window in catalog.windows.windows:
        long, short = format_duration(window.long), format_duration(window.short)
        fired = [
            moment
            for each in answer.alerts
            if each.labels.get(names.WINDOW) == long
            and each.labels.get(names.SHORT_WINDOW) == short
            for moment in each.fired
        ]
        late = delay(catalog, objective, window)
        judge = Judge(story, seen, window, late, objective.budget, objective.period)
        yield judge.judge(condition(objective, window), sorted(set(fired)))


def _points(length: int, evaluation: int) -> range:
    step = max(1, length // _POINTS // evaluation) * evaluation
    return range(step, length + 1, step)
