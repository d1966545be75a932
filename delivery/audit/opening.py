"""A dashboard as it is opened: its variables filled in order, and all that it then asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from catalog import names
from catalog.platform import Environment
from delivery.audit import questions, variables
from delivery.audit.asking import Asking
from delivery.audit.judge import Judge
from delivery.audit.model import Result, Verdict
from delivery.audit.questions import Page, Question
from delivery.audit.servers import LostError, RefusedError, Servers
from delivery.audit.times import Window
from delivery.audit.variables import Value, plain
from delivery.console import tracked

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line decides."""

    dashboards: Sequence[str] = ()
    services: Sequence[str] = ()
    skip: frozenset[str] = frozenset()
    concurrency: int = 2
    catalog: Path = Path("catalog")
    runbooks: Path | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A dashboard with its variables filled, for one service where it has one."""

    page: Page
    service: str
    values: Mapping[str, Value]
    span: Window


@dataclass
class Run:
    """What an audit works with."""

    wishes: Wishes
    servers: Servers
    environment: Environment
    judge: Judge
    asking: Asking
    pages: Sequence[Page]
    now: float
    opened: list[Opened] = field(default_factory=list)

    def each(self, doing: str, function: Callable[[_T], _R], items: Iterable[_T]) -> list[_R]:
        """The function of each, a few at once, in order."""
        with ThreadPoolExecutor(self.wishes.concurrency) as pool:
            return list(tracked(pool.map(function, items), doing))


def questions_of(opened: Opened) -> list[Question]:
    """All that a dashboard asks when it is opened like that."""
    page, values, service, span = opened.page, opened.values, opened.service, opened.span
    found = [
        question
        for panel in page.panels()
        for question in questions.of_panel(page, panel, values, service, span)
        if question.source in {"prometheus", "loki", "jaeger"}
    ]
    marks = page.annotations
    return found + [questions.of_annotation(page, each, values, service, span) for each in marks]


def fill(
    run: Run, page: Page, given: Mapping[str, Value]
) -> tuple[dict[str, Value], list[Result], list[str]]:
    """Each variable in order, the verdict of each, and the services to choose from."""
    values: dict[str, Value] = {}
    results: list[Result] = []
    offered: list[str] = []
    service = given[names.SERVICE].text() if names.SERVICE in given else page.service
    for variable in page.variables:
        name = str(variable.get("name") or "")
        found, verdict, reason = _options(run, page, variable, values)
        if name == names.SERVICE:
            offered = found
        preset = _preset(run, name)
        if name in given:
            values[name] = given[name]
        elif preset in found:
            values[name] = plain(preset)
        else:
            values[name] = variables.default(variable, found)
        if variable.get("type") == "query":
            results.append(
                Result(
                    "variable",
                    page.uid,
                    None,
                    name,
                    None,
                    service,
                    page.place,
                    verdict,
                    reason,
                    len(found),
                    len(found),
                )
            )
    return values, results, offered


def _preset(run: Run, name: str) -> str:
    """The environment that is audited: where several report to one Prometheus, not the first."""
    environment = run.environment
    known = {names.CLUSTER: environment.cluster, names.ENVIRONMENT: environment.environment}
    return known.get(name, "")


def _options(
    run: Run, page: Page, variable: questions.Json, values: Mapping[str, Value]
) -> tuple[list[str], Verdict, str]:
    try:
        found = variables.options(variable, values, run.servers, page.window(run.now))
    except LostError as error:
        return [], "UNREACHABLE", str(error)
    except RefusedError as error:
        return [], "ERROR", str(error)
    if found or variable.get("type") != "query":
        shown = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        return found, "OK", f"{len(found)} values: {shown}"
    return found, "EMPTY", "there is nothing to choose from"
