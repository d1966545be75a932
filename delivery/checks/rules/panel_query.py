"""``panel/query``: see docs/checks/panel-query.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Panel
from delivery.checks.finding import Finding
from delivery.checks.kinds import OF_ANSWERS


def _run(context: Context) -> Iterator[Finding]:
    for dashboard in context.documents.dashboards:
        for panel in dashboard.panels:
            for reason, remedy in _faults(panel):
                yield Finding(CHECK.id, panel.file, panel.where, reason, remedy)


def _faults(panel: Panel) -> Iterator[tuple[str, str]]:
    if panel.kind in OF_ANSWERS and not panel.refs:
        yield "the panel asks nothing", "Add a query, or remove the panel"
    for ref in dict.fromkeys(panel.refs):
        if not ref:
            yield "a query has no refId", "Name it with a letter, as in A"
        elif panel.refs.count(ref) > 1:
            yield f"two queries are called {ref}", "Give each a letter of its own"
    for ref, asks in zip(panel.refs, panel.asks, strict=True):
        if not asks:
            yield f"the query {ref or '?'} is empty", "Write its expression, or remove it"


CHECK = Check("panel/query", "A panel that asks nothing, or asks two things by one name", _run)
