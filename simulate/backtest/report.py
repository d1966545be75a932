"""What a backtest found, as a table of lines and as data for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from catalog.scalars import format_duration
from simulate.backtest.run import Outcome, pair
from simulate.backtest.verdict import Verdict

Json = dict[str, Any]
_HEAD = (
    "incident",
    "alert",
    "windows",
    "theory",
    "promised",
    "measured",
    "reset",
    "budget",
    "verdict",
)
#: How wide each column is printed; all but the first three are numbers.
_WIDTHS = (16, 7, 7, 8, 8, 8, 8, 8, 0)
_WORDS = 3


def lines(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """One objective after the other; of each incident the windows that fire or should."""
    promise = ""
    for outcome in outcomes:
        if outcome.task.promise != promise:
            promise = outcome.task.promise
            objective = outcome.task.objective
            period = format_duration(objective.period)
            yield f"{promise}: {objective.target:.10g} % of {period}, {objective.title}"
            yield _line(_HEAD)
        yield from map(_line, _rows(outcome))


def _rows(outcome: Outcome) -> Iterator[Sequence[str]]:
    told = outcome.task.incident.id
    shown = [each for each in outcome.verdicts if each.held or each.fired or each.faults]
    if not shown:
        yield (told, "none", "", "", "", "", "", "", "silent, as it should be")
    for each in shown:
        yield (
            told,
            each.window.severity,
            pair(each.window),
            _seconds(each.theory),
            _seconds(each.promised),
            _seconds(each.measured),
            _reset(outcome, each),
            "-" if each.spent is None else f"{each.spent * 100:.1f} %",
            "; ".join(each.faults) or ("ok" if each.measured is not None else "too short to see"),
        )


def _reset(outcome: Outcome, verdict: Verdict) -> str:
    """Seconds after the incident; where it still burns when the story ends, more than those."""
    if verdict.reset is None:
        return "-"
    unfinished = verdict.reset >= outcome.task.incident.after
    return f"> {outcome.task.incident.after} s" if unfinished else f"{verdict.reset} s"


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} s"


def _line(cells: Sequence[str]) -> str:
    padded = (
        cell.ljust(width) if place < _WORDS else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True))
    )
    return "  " + "  ".join(padded).rstrip()


def document(outcomes: Iterable[Outcome]) -> list[Json]:
    """An object for each objective and incident."""
    return [
        {
            "service": outcome.task.service.id,
            "objective": outcome.task.objective.id,
            "incident": outcome.task.incident.id,
            "detected": any(each.measured is not None for each in outcome.verdicts),
            "false_alarms": sum(each.false_alarms for each in outcome.verdicts),
            "faults": list(outcome.faults),
            "alerts": [_object(each) for each in outcome.verdicts],
        }
        for outcome in outcomes
    ]


def _object(verdict: Verdict) -> Json:
    return {
        "severity": verdict.window.severity,
        "window": format_duration(verdict.window.long),
        "short_window": format_duration(verdict.window.short),
        "theory_seconds": _rounded(verdict.theory),
        "promised_seconds": _rounded(verdict.promised),
        "measured_seconds": verdict.measured,
        "reset_seconds": verdict.reset,
        "budget_spent": _rounded(verdict.spent),
        "false_alarms": verdict.false_alarms,
        "faults": list(verdict.faults),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
