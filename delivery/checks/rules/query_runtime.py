"""``query/runtime``: see docs/checks/query-runtime.md.

Found while the queries are read (:mod:`delivery.checks.context`).
"""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    return context.of(CHECK.id)


CHECK = Check("query/runtime", "A query that parses, and that Loki refuses when it runs it", _run)
