"""``panel/id``: see docs/checks/panel-id.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Dashboard
from delivery.checks.finding import Finding

#: Grafana keeps it in 32 bits, with a sign.
_LARGEST = 2**31 - 1


def _run(context: Context) -> Iterator[Finding]:
    for dashboard in context.documents.dashboards:
        yield from _faults(dashboard)


def _faults(dashboard: Dashboard) -> Iterator[Finding]:
    seen: dict[int, str] = {}
    for panel in dashboard.panels:
        number = panel.number
        if number is None:
            reason = "the panel has no id, so that Grafana gives it another one each time"
            remedy = "Give it a number of its own"
        elif not 1 <= number <= _LARGEST:
            reason = f"the id {number} is not between 1 and {_LARGEST}"
            remedy = "Give it a number that Grafana can keep"
        elif number in seen:
            reason = f"the id {number} is that of {seen[number]} too"
            remedy = "Give each panel a number of its own"
        else:
            seen[number] = panel.where
            continue
        yield Finding(CHECK.id, panel.file, panel.where, reason, remedy)


CHECK = Check("panel/id", "A panel whose number is missing, impossible or another panel's", _run)
