"""``query/syntax``: see docs/checks/query-syntax.md.

Found while the queries are read (:mod:`delivery.checks.context`).
"""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    return context.of(CHECK.id)


CHECK = Check("query/syntax", "A query that its server would refuse to parse", _run)
