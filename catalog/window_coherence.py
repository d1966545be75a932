"""Faults of the burn windows: a sum that cannot be made, an alert that could never fire.

Each remedy names the nearest values that work. They are computed, and a test writes them into
the catalog.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from catalog import spans
from catalog.faults import Fault
from catalog.platform import Platform, Window, Windows
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from catalog.yaml_file import Location

_FILE = "windows.yaml"
#: A missed scrape, and one that is late at either end, still leave two samples.
_SAMPLES = 4
#: The Workbook's rule of thumb for the short window.
_SHORTER = 12


def window_faults(windows: Windows, platform: Platform) -> Iterator[Fault]:
    """What is wrong with the windows themselves, and with how often they are evaluated."""
    yield from _evaluation(platform)
    shortest = _SAMPLES * platform.scrape.interval
    for index, window in enumerate(windows.windows):
        where: Location = ("windows", index)
        if window.short >= window.long:
            yield _too_long(where, window, windows, shortest)
        if window.short < shortest:
            yield Fault(
                (*where, "short"),
                f"a window of {window.short}s holds fewer than four scrapes",
                f"Make it at least {shortest}s, or shorten 'scrape.interval' in platform.yaml",
                file=_FILE,
            )
        if window.hold is not None and window.hold > window.short:
            yield Fault(
                (*where, "hold"),
                "it holds back longer than the short window looks",
                f"Make it at most {format_duration(window.short)}, or remove it",
                file=_FILE,
            )
        if window.minimum_errors > window.minimum_events:
            yield Fault(
                (*where, "minimum_events"),
                f"among {window.minimum_events} events there are never {window.minimum_errors} "
                "errors",
                f"Make it at least {window.minimum_errors}",
                file=_FILE,
            )
        for key in ("long", "short"):
            yield from _layout(windows, (*where, key), getattr(window, key))


def objective_faults(
    windows: Windows, platform: Platform, services: tuple[Service, ...]
) -> Iterator[Fault]:
    """What an objective asks that the windows cannot give."""
    for index, service in enumerate(services):
        for at, objective in enumerate(service.objectives):
            where: Location = ("objectives", at)
            yield from _period(windows, platform, index, (*where, "period"), objective)
            for window in windows.windows:
                if window.factor(objective.period) * objective.budget >= 1:
                    yield _unreachable(windows, index, (*where, "target"), objective, window)


def _evaluation(platform: Platform) -> Iterator[Fault]:
    every, shortest = platform.scrape.evaluation, spans.SHORTEST_SECONDS
    if shortest % every == 0:
        return
    fitting = [each for each in range(1, shortest + 1) if shortest % each == 0]
    below = max(each for each in fitting if each < every)
    above = [each for each in fitting if each > every][:1]
    choices = " or ".join(format_duration(each) for each in (below, *above))
    yield Fault(
        ("scrape", "evaluation"),
        f"{format_duration(every)} does not divide {format_duration(shortest)}, so that windows "
        "laid end to end would overlap or leave gaps",
        f"Make it {choices}",
    )


def _too_long(where: Location, window: Window, windows: Windows, shortest: int) -> Fault:
    """A short window that is as long as the long one; a twelfth of it is the rule of thumb."""
    step = spans.SHORTEST_SECONDS
    known = tuple(each for each in spans.recorded(windows) if each != window.short)
    fitting = [
        each
        for each in range(window.long // _SHORTER // step * step, window.long, step)
        if each >= shortest and (each <= spans.RAW_SECONDS or spans.layout(each, known))
    ]
    remedy = f"Make it {format_duration(fitting[0])}" if fitting else "Lengthen the long one"
    fault = "the short window is not shorter than the long one"
    return Fault((*where, "short"), fault, remedy, file=_FILE)


def _layout(windows: Windows, where: Location, length: int) -> Iterator[Fault]:
    known = tuple(each for each in spans.recorded(windows) if each != length)
    if length <= spans.RAW_SECONDS or spans.layout(length, known):
        return
    near = spans.nearest(length, known, spans.SHORTEST_SECONDS)
    yield Fault(
        where,
        f"{format_duration(length)} cannot be laid out of at most {spans.MOST_PARTS} of a shorter "
        "window",
        f"Make it {' or '.join(map(format_duration, near))}",
        file=_FILE,
    )


def _period(
    windows: Windows, platform: Platform, service: int, where: Location, objective: Objective
) -> Iterator[Fault]:
    known, longest = spans.recorded(windows), max(spans.recorded(windows))
    if objective.period > longest and spans.layout(objective.period, known):
        return
    period = format_duration(objective.period)
    if objective.period <= longest:
        fault = f"the period of {period} is no longer than the window of {format_duration(longest)}"
    else:
        fault = f"{period} cannot be laid out of at most {spans.MOST_PARTS} of a burn window"
    near = [
        each
        for each in spans.nearest(max(objective.period, longest), known, spans.DAY_SECONDS)
        if longest < each <= platform.retention.metrics
    ]
    remedy = f"Make it {' or '.join(map(format_duration, near))}" if near else "Shorten the windows"
    yield Fault(where, fault, remedy, service)


def _unreachable(
    windows: Windows, service: int, where: Location, objective: Objective, window: Window
) -> Fault:
    """Where every event fails, the budget burns ``1 / budget`` times too fast, and no faster."""
    factor = window.factor(objective.period)
    target = math.ceil(10000 * (1 - 1 / factor) + 1e-6) / 100
    share = math.floor(100 * window.budget / (factor * objective.budget) - 1e-6) / 100
    long = _longer(windows, objective, window)
    of_window = [
        *([f"'budget' in windows.yaml at most {share:g}"] if share > 0 else []),
        *([f"'long' at least {format_duration(long)}"] if long else []),
    ]
    choices = [
        *([f"Make it at least {target:g}"] if target < 100 else []),
        *([f"that window's {' or its '.join(of_window)}"] if of_window else []),
    ]
    return Fault(
        where,
        f"so large a budget never burns {factor:g} times too fast, so the alert on "
        f"{format_duration(window.long)} would never fire",
        ", or ".join(choices) or "Shorten the period",
        service,
    )


def _longer(windows: Windows, objective: Objective, window: Window) -> int | None:
    """The shortest long window for which the same share of the budget can be burnt within it."""
    least = window.budget / 100 * objective.period * objective.budget
    step = spans.SHORTEST_SECONDS
    known = tuple(each for each in spans.recorded(windows) if each != window.long)
    first = (math.floor(least + 1e-6) // step + 1) * step
    for long in range(first, objective.period, step):
        if long <= spans.RAW_SECONDS or spans.layout(long, known):
            return long
    return None
