"""``runbook/missing``: see docs/checks/runbook-missing.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Rule
from delivery.checks.finding import Finding
from delivery.checks.labels import nearest


def _run(context: Context) -> Iterator[Finding]:
    runbooks = context.documents.runbooks
    alerts = [rule for rule in context.documents.rules if rule.kind == "alert"]
    for rule in alerts:
        fault = _fault(rule, runbooks)
        if fault:
            where = f"{rule.where}, annotation runbook_url"
            yield Finding(CHECK.id, rule.file, where, *fault)
    known = {rule.name for rule in alerts}
    for name in sorted((runbooks or frozenset()) - known):
        reason = "no alert has this name, so that nobody is ever sent here"
        remedy = f"Remove it, or rename it. {nearest(name, known)}"
        yield Finding(CHECK.id, f"docs/runbooks/{name}.md", f"runbook {name}", reason, remedy)


def _fault(rule: Rule, runbooks: frozenset[str] | None) -> tuple[str, str] | None:
    address = rule.annotations.get("runbook_url", "").strip()
    if not address:
        return None  # alert/links says so
    page = address.partition("#")[0].partition("?")[0].rstrip("/").rsplit("/", 1)[-1]
    if page.removesuffix(".md") != rule.name:
        return f"the runbook is '{page}', and the alert '{rule.name}'", f"End it in /{rule.name}"
    if runbooks is not None and rule.name not in runbooks:
        return "there is no such runbook", f"Write docs/runbooks/{rule.name}.md"
    return None


CHECK = Check("runbook/missing", "An alert without its runbook, or a runbook without alert", _run)
