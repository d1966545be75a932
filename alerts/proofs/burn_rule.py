"""One rule of a burn alert as its stories foretell it."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.burn_theory import Condition, Course, holds
from alerts.model import Alert
from alerts.proof import Firing
from alerts.proofs import shown, stories
from catalog import names
from catalog.scalars import format_duration
from catalog.service import Objective
from catalog.signals import Metric

#: Events and the errors among them.
Counted = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Alike:
    """A rule, and what has to be true for it to fire."""

    rule: Alert
    wanted: Condition

    def fires(self, course: Course, moment: int, evaluation: int) -> bool:
        """Whether it fires at an evaluation: its condition has been true for its ``for``."""
        return all(
            holds(course, self.wanted, moment - before)
            for before in range(0, self.rule.hold + 1, min(evaluation, course.step))
        )


def firing(objective: Objective, alike: Alike, within: Counted, budget: Counted) -> Firing:
    """What the rule says: the burn rate of its long window, and what is left of the budget."""
    events, errors = within
    whole, wrong = budget
    return Firing(
        {**stories.HERE, names.WINDOW: format_duration(alike.wanted.long)},
        shown.number(errors / events / objective.budget),
        shown.percentage(1 - wrong / whole / objective.budget),
        rule=alike.rule,
    )


def fine(metric: Metric) -> stories.Labels:
    """Labels of good events: to another objective on the metric a slow one is no error."""
    return stories.good(metric)[0] if metric.good or metric.bad else {}
