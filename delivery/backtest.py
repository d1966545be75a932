"""What the command ``backtest`` asks of its user and of the machine, and what it prints."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from catalog.errors import Problem, UsageError
from catalog.signals import one_of
from delivery.console import fail, write_lines
from delivery.options import ReportFormat
from simulate.backtest.picture import picture
from simulate.backtest.replay import ReplayError
from simulate.backtest.report import document, lines
from simulate.backtest.run import Outcome, Task


def find_promtool() -> str:
    """Where promtool is.

    :raises ReplayError: nowhere on the PATH.
    """
    found = shutil.which("promtool")
    if found is None:
        raise ReplayError(
            Problem("promtool", "not found on the PATH", "Install Prometheus, which it comes with")
        )
    return found


def chosen(todo: Sequence[Task], objectives: Iterable[str], incidents: Iterable[str]) -> list[Task]:
    """The tasks of the objectives and incidents that are named; all of those if none is.

    :raises UsageError: one that there is not, or that befall none of the objectives.
    """
    promises, told = frozenset(objectives), frozenset(incidents)
    problems = [
        Problem(option, f"there is no '{name}'", one_of(name, known))
        for option, names, known in (
            ("--objective", promises, {task.promise for task in todo}),
            ("--incident", told, {task.incident.id for task in todo}),
        )
        for name in sorted(names - known)
    ]
    if problems:
        raise UsageError(*problems)
    left = [
        task
        for task in todo
        if (not promises or task.promise in promises) and (not told or task.incident.id in told)
    ]
    if not left:
        fault = "concerns none of these objectives" if told else "no service promises anything"
        remedy = "Name another one of the two" if told else "Declare an objective"
        raise UsageError(Problem("--incident" if told else "catalog", fault, remedy))
    return left


def print_outcomes(outcomes: Sequence[Outcome], report_format: ReportFormat) -> None:
    """The report on standard output; with the table, what is worse than promised on the other."""
    if report_format is ReportFormat.JSON:
        write_lines([json.dumps(document(outcomes), indent=2)])
        return
    write_lines(lines(outcomes))
    worse = [
        f"{each.task.promise}, {each.task.incident.id}, {fault}"
        for each in outcomes
        for fault in each.faults
    ]
    fail(worse)


def draw(outcomes: Iterable[Outcome], folder: Path) -> None:
    """A picture of each objective, ``<service>-<objective>.svg``."""
    folder.mkdir(parents=True, exist_ok=True)
    for promise, found in groupby(outcomes, key=lambda each: each.task.promise):
        path = folder / f"{promise.replace('/', '-')}.svg"
        path.write_text(picture(tuple(found)), encoding="utf-8")
