"""``query/release``: see docs/checks/query-release.md.

Found while the queries are read (:mod:`delivery.checks.context`).
"""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    return context.of(CHECK.id)


CHECK = Check(
    "query/release", "A query that one of the supported Loki releases cannot answer", _run
)
