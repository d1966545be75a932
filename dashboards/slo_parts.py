"""Colours that every view of an error budget shares."""

from __future__ import annotations

from typing import Final

from dashboards.spec import Step, Steps

#: Half of the budget is comfortable, a quarter is not, nothing is a broken promise.
BUDGET_STEPS: Final[Steps] = (
    Step("red"),
    Step("orange", 0.0),
    Step("yellow", 0.25),
    Step("green", 0.5),
)


def burn_steps() -> Steps:
    """Over 1 the budget will not last the period; over 6 a page is near."""
    return (Step("green"), Step("yellow", 1), Step("red", 6))
