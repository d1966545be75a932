"""``alert/twice``: see docs/checks/alert-twice.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Managed, Rule
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    alerts = [rule for rule in context.documents.rules if rule.kind == "alert"]
    for managed in context.documents.managed:
        other = next((rule for rule in alerts if _same(managed, rule)), None)
        if other is not None:
            yield Finding(
                CHECK.id,
                managed.file,
                managed.where,
                f"everyone would be told twice: {other.file} has the alert {other.name} too",
                "Mount generated/grafana/alerting-managed only where no ruler has the rules",
            )


def _same(managed: Managed, rule: Rule) -> bool:
    """Whether both ask the same, or say that they are the same alert of a service."""
    if rule.expr in managed.exprs:
        return True
    return (managed.alert, managed.service) == (rule.name, rule.labels.get("service", ""))


CHECK = Check("alert/twice", "An alert that a ruler and Grafana both evaluate", _run)
