"""``field/unknown``: see docs/checks/field-unknown.md.

Found while the queries are read (:mod:`delivery.checks.context`).
"""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    return context.of(CHECK.id)


CHECK = Check("field/unknown", "A stage reads a field that no line has at that point", _run)
