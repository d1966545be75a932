"""Colours that every view of an error budget shares."""

from __future__ import annotations

from typing import Final

from catalog.platform import Window, Windows
from dashboards.spec import Step, Steps

#: Half of the budget is comfortable, a quarter is not, nothing is a broken promise.
#: Without a value there is nothing to worry about: only what is there gets a colour.
BUDGET_STEPS: Final[Steps] = (
    Step("text"),
    Step("red", -1e6),
    Step("orange", 0.0),
    Step("yellow", 0.25),
    Step("green", 0.5),
)


def fastest(windows: Windows, period: int) -> Window:
    """The window that calls for help at the highest burn rate."""
    return max(windows.windows, key=lambda window: window.factor(period))


def burn_lengths(windows: Windows) -> tuple[int, ...]:
    """The lengths whose burn rates stand as figures: the two that call for help soonest."""
    steepest = sorted(windows.windows, key=lambda window: window.long / window.budget)
    return tuple(dict.fromkeys(window.long for window in steepest))[:2]


def burn_steps() -> Steps:
    """Over 1 the budget will not last the period; over 6 a page is near."""
    return (Step("green"), Step("yellow", 1), Step("red", 6))
