"""``panel/unit``: see docs/checks/panel-unit.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.answers import Answers, answers
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Panel
from delivery.checks.finding import Finding
from delivery.checks.kinds import OF_NUMBERS


def _run(context: Context) -> Iterator[Finding]:
    found = answers(context)
    for dashboard in context.documents.dashboards:
        for panel in dashboard.panels:
            if panel.kind in OF_NUMBERS and _is_bare(panel, found):
                reason = "the panel shows numbers and says no unit"
                remedy = "Set a unit, 'short' for a plain count"
                yield Finding(CHECK.id, panel.file, panel.where, reason, remedy)


def _is_bare(panel: Panel, found: Answers) -> bool:
    if panel.unit:
        return False
    queries = found.get((panel.file, panel.where), [])
    if panel.kind == "table":
        numeric = [each for each in queries if each.shape and each.shape.role != "lines"]
        return any(not each.use.unit for each in numeric)
    # An override may give each query its own.
    return not queries or any(not each.use.unit for each in queries)


CHECK = Check("panel/unit", "A panel of numbers without a unit", _run)
