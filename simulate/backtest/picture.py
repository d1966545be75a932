"""A picture of what the burn alerts on one objective did: a strip for each incident.

Drawn by hand as SVG, without a library and to the same byte each time. The burn rate's axis is
logarithmic: what matters lies between 1 and a few hundred times too fast.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from catalog import names
from catalog.scalars import format_duration
from simulate.backtest.run import Outcome, pair
from simulate.backtest.verdict import Verdict

_WIDTH, _LEFT, _RIGHT, _TOP = 1100, 60, 20, 96
_STRIP, _GAP, _BAR = 120, 62, 6
#: The lowest burn rate that is drawn; nothing is as good as that.
_LEAST = 0.05
#: One colour a pair of windows, told apart without red and green.
_COLOURS: Final = ("#d55e00", "#cc79a7", "#0072b2", "#009e73", "#56b4e9", "#e69f00")
_HOURS: Final = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168)
_TICKS = 10


def picture(outcomes: Sequence[Outcome]) -> str:
    """The SVG of one objective's outcomes."""
    height = _TOP + len(outcomes) * (_STRIP + _GAP)
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    font = 'font-family="sans-serif" font-size="12" fill="#222"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        *_heading(outcomes[0]),
    ]
    for place, outcome in enumerate(outcomes):
        top = _TOP + place * (_STRIP + _GAP)
        parts += [f'<g transform="translate(0 {top})">', *_strip(outcome), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _heading(outcome: Outcome) -> Iterator[str]:
    task = outcome.task
    title = f"{task.service.name}: {task.objective.title}"
    period = format_duration(task.objective.period)
    yield _text(_LEFT, 26, title, size=18, weight="bold")
    said = (
        f"{task.objective.target:.10g} % of {period}. Lines: burn rate of the long windows; "
        "dashed: the factor above which it tells. Bars: firing. "
        "Hollow triangle from above: theory; full one from below: fired."
    )
    yield _text(_LEFT, 48, said)
    for place, verdict in enumerate(outcome.verdicts):
        left = _LEFT + place * 200
        yield f'<rect x="{left}" y="62" width="14" height="8" fill="{_colour(place)}"/>'
        yield _text(left + 20, 71, f"{verdict.window.severity} {pair(verdict.window)}")


def _strip(outcome: Outcome) -> Iterator[str]:
    incident = outcome.task.incident
    scale = _Scale(incident.length, _highest(outcome))
    begin, end = scale.x(incident.start), scale.x(incident.end)
    yield _text(_LEFT, -6, f"{incident.title} ({incident.id})", weight="bold")
    yield (
        f'<rect x="{begin:.1f}" y="0" width="{max(1.0, end - begin):.1f}" height="{_STRIP}" '
        'fill="#eee"/>'
    )
    yield from _axes(scale, incident.start)
    for place, verdict in enumerate(outcome.verdicts):
        yield from _window(outcome, verdict, place, scale)
    if outcome.faults:
        yield _text(_LEFT + 6, 16, "; ".join(outcome.faults), colour="#b00020")


class _Scale:
    """From seconds and burn rates to the strip's own coordinates."""

    def __init__(self, length: int, highest: float) -> None:
        self.length, self.highest = length, highest

    def x(self, moment: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(moment, self.length) / self.length

    def y(self, burn: float) -> float:
        share = math.log(max(burn, _LEAST) / _LEAST) / math.log(self.highest / _LEAST)
        return _STRIP * (1 - min(share, 1.0))


def _highest(outcome: Outcome) -> float:
    factors = [each.window.factor(outcome.task.objective.period) for each in outcome.verdicts]
    return 1.5 * max([*factors, *(sample.value for sample in outcome.burn)])


def _axes(scale: _Scale, start: int) -> Iterator[str]:
    yield f'<rect x="{_LEFT}" y="0" width="{_WIDTH - _LEFT - _RIGHT}" height="{_STRIP}" {_FRAME}/>'
    for power in range(-1, math.floor(math.log10(scale.highest)) + 1):
        y = scale.y(10.0**power)
        yield f'<line x1="{_LEFT - 4}" x2="{_LEFT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#888"/>'
        yield _text(_LEFT - 8, y + 4, f"{10.0**power:g}x", anchor="end")
    below = _STRIP + (_BAR + 1) * 4 + 4
    step = next((hours for hours in _HOURS if scale.length / 3600 / hours <= _TICKS), _HOURS[-1])
    for number in range(
        math.ceil(-start / 3600 / step), int((scale.length - start) / 3600 / step) + 1
    ):
        hours = number * step
        x = scale.x(start + hours * 3600)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_STRIP}" y2="{_STRIP + 4}" stroke="#888"/>'
        yield _text(x, below + 8, f"{hours:+g} h" if hours else "begins", anchor="middle")


_FRAME: Final = 'fill="none" stroke="#888"'


def _window(outcome: Outcome, verdict: Verdict, place: int, scale: _Scale) -> Iterator[str]:
    colour = _colour(place)
    factor = verdict.window.factor(outcome.task.objective.period)
    y = scale.y(factor)
    yield (
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
        f'stroke="{colour}" stroke-dasharray="4 4" stroke-width="0.8"/>'
    )
    long = format_duration(verdict.window.long)
    points = " ".join(
        f"{scale.x(sample.at):.1f},{scale.y(sample.value):.1f}"
        for sample in sorted(outcome.burn, key=lambda each: each.at)
        if sample.labels.get(names.WINDOW) == long
    )
    if points:
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.4"/>'
    bar = _STRIP + 3 + place * (_BAR + 1)
    for each in verdict.fired:
        left, right = scale.x(each.since), scale.x(each.until)
        yield (
            f'<rect x="{left:.1f}" y="{bar}" width="{max(1.0, right - left):.1f}" '
            f'height="{_BAR}" fill="{colour}"/>'
        )
    yield from _marks(outcome, verdict, y, colour, scale)


def _marks(
    outcome: Outcome, verdict: Verdict, y: float, colour: str, scale: _Scale
) -> Iterator[str]:
    start = outcome.task.incident.start
    for moment, fill, side in ((verdict.theory, "#fff", -8), (verdict.measured, colour, 8)):
        if moment is not None:
            x = scale.x(start + moment)
            corners: Iterable[tuple[float, float]] = ((x, y), (x - 4, y + side), (x + 4, y + side))
            drawn = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
            yield f'<polygon points="{drawn}" fill="{fill}" stroke="{colour}"/>'


def _colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 12,
    weight: str = "normal",
    anchor: str = "start",
    colour: str = "#222",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
    )
