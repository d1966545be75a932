"""``panel/description``: see docs/checks/panel-description.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding

#: A row is a heading, and a note is a description.
_EXEMPT = frozenset({"row", "text"})


def _run(context: Context) -> Iterator[Finding]:
    for dashboard in context.documents.dashboards:
        for panel in dashboard.panels:
            if panel.kind not in _EXEMPT and not panel.description.strip():
                reason = "the panel has no description"
                remedy = "Say what it shows and what to do when it looks wrong"
                yield Finding(CHECK.id, panel.file, panel.where, reason, remedy)


CHECK = Check("panel/description", "A panel that does not say how to read it", _run)
