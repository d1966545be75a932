"""``panel/title``: see docs/checks/panel-title.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    for dashboard in context.documents.dashboards:
        for panel in dashboard.panels:
            # A note says in itself what it is.
            if panel.kind != "text" and not panel.title.strip():
                reason = f"this {panel.kind or 'panel'} has no title"
                remedy = "Say in a few words what it shows"
                yield Finding(CHECK.id, panel.file, panel.where, reason, remedy)


CHECK = Check("panel/title", "A panel or row without a title", _run)
