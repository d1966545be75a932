"""What the modules of the platform's alerts share."""

from __future__ import annotations

from collections.abc import Callable

from alerts.model import Alert
from queries.promql import PromQL

HOLD = 300
LONG_HOLD = 600

#: Makes an alert of one component: name, expression, summary, description, severity and hold.
Build = Callable[..., Alert]


def above(expression: PromQL, limit: float) -> PromQL:
    """The expression where its value exceeds the limit."""
    return PromQL(f"{expression} > {limit:.10g}")
