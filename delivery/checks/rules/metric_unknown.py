"""``metric/unknown``: see docs/checks/metric-unknown.md.

Found while the queries are read (:mod:`delivery.checks.context`).
"""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    return context.of(CHECK.id)


CHECK = Check("metric/unknown", "A query asks for a metric that nobody emits", _run)
