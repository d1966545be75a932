"""``alert/links``: see docs/checks/alert-links.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding

_WANTED = {
    "summary": "Say in a sentence what is wrong, and where",
    "description": "Say what it means, and where to look first",
    "runbook_url": "Link the runbook of this alert",
    "dashboard_url": "Link the dashboard that shows it, with its variables and range",
}


def _run(context: Context) -> Iterator[Finding]:
    for rule in context.documents.rules:
        if rule.kind != "alert":
            continue
        for key, remedy in _WANTED.items():
            if not rule.annotations.get(key, "").strip():
                reason = f"the alert has no {key}"
                yield Finding(CHECK.id, rule.file, rule.where, reason, remedy)


CHECK = Check("alert/links", "An alert that does not say what it is or where to look", _run)
