"""Builds LogQL that Loki 2.9.4 and today's Loki both run.

Ranges are ``$__interval``: it equals the step, so that neighbouring windows neither overlap
nor leave a gap and bars add up to the true count. (``$__auto`` says the same, but only
from Grafana 10 on.)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NewType

from queries.text import Matchers, braces, quote

LogQL = NewType("LogQL", str)

INTERVAL = "$__interval"
RANGE = "$__range"


def lines(matchers: Matchers, *stages: str) -> LogQL:
    """A log query: the streams, then each stage of the pipeline."""
    return LogQL(" | ".join((braces(matchers), *stages)))


def where(matchers: Matchers) -> str:
    """Label filters: all must hold."""
    return ", ".join(map(str, matchers))


def over(function: str, query: LogQL, window: str = INTERVAL) -> LogQL:
    """``function(query [window])``: count_over_time, bytes_over_time and their like."""
    return LogQL(f"{function}({query} [{window}])")


def aggregate(operator: str, by: Iterable[str], expression: LogQL, parameter: str = "") -> LogQL:
    """``operator by (labels) (expression)``; with no labels, over everything."""
    labels = ", ".join(by)
    grouping = f" by ({labels}) " if labels else ""
    argument = f"{parameter}, {expression}" if parameter else expression
    return LogQL(f"{operator}{grouping}({argument})")


def quantile(
    q: float, field: str, query: LogQL, by: Iterable[str], window: str = INTERVAL
) -> LogQL:
    """The q-quantile of a numeric field; lines in which it is no number are left out."""
    unwrapped = f'{query} | unwrap {field} | __error__=""'
    return LogQL(f"quantile_over_time({q:g}, {unwrapped} [{window}]) by ({', '.join(by)})")


def line_format(fields: Iterable[str]) -> str:
    """A stage that shows the fields of a line as ``name=value``; one that is not there, not."""
    shown = (f"{{{{if .{field}}}}}{field}={{{{.{field}}}}} {{{{end}}}}" for field in fields)
    return f"line_format {quote(''.join(shown))}"
