"""Builds PromQL: each function returns a whole expression that can stand inside another."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NewType

from queries.text import Matchers, braces

PromQL = NewType("PromQL", str)

#: Grafana's window for a counter: never under four scrapes, never under a step.
RATE_INTERVAL = "$__rate_interval"


def series(name: str, matchers: Matchers = ()) -> PromQL:
    """An instant vector selector."""
    return PromQL(name + (braces(matchers) if matchers else ""))


def over(function: str, selector: PromQL, window: str, offset: str = "") -> PromQL:
    """``function(selector[window] offset …)``: rate, increase, max_over_time and their like."""
    shifted = f" offset {offset}" if offset else ""
    return PromQL(f"{function}({selector}[{window}]{shifted})")


def rate(selector: PromQL, window: str = RATE_INTERVAL) -> PromQL:
    """Events a second of a counter."""
    return over("rate", selector, window)


def increase(selector: PromQL, window: str) -> PromQL:
    """Events within the window of a counter."""
    return over("increase", selector, window)


def aggregate(operator: str, by: Iterable[str], expression: PromQL, parameter: str = "") -> PromQL:
    """``operator by (labels) (expression)``; with no labels, over everything."""
    labels = ", ".join(by)
    grouping = f" by ({labels}) " if labels else ""
    argument = f"{parameter}, {expression}" if parameter else expression
    return PromQL(f"{operator}{grouping}({argument})")


def total(by: Iterable[str], expression: PromQL) -> PromQL:
    """``sum by (labels) (expression)``."""
    return aggregate("sum", by, expression)


def ratio(part: PromQL, whole: PromQL) -> PromQL:
    """Part of whole. Zero traffic gives NaN, which Grafana draws as a gap, rightly."""
    return PromQL(f"{part} / {whole}")


def quantile(q: float, by: Iterable[str], buckets: PromQL) -> PromQL:
    """The q-quantile of a classic histogram whose bucket rates are given."""
    return PromQL(f"histogram_quantile({q:g}, {total((*by, 'le'), buckets)})")


def either(*expressions: PromQL) -> PromQL:
    """The first expression that has series: one question put to servers of two kinds."""
    return PromQL(" or ".join(expressions))


def group(expression: PromQL) -> PromQL:
    """The expression in parentheses."""
    return PromQL(f"({expression})")
