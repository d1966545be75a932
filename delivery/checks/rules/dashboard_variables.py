"""``dashboard/variables``: see docs/checks/dashboard-variables.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog import names
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Dashboard, Use
from delivery.checks.finding import Finding
from delivery.checks.scan import Selector, scan
from delivery.checks.templates import occurrences

_OF_A_SERVICE = re.compile(rf'\b{names.SERVICE}="[a-z0-9-]*"')


def _run(context: Context) -> Iterator[Finding]:
    alerted = {
        use.file
        for use in context.documents.uses
        if use.kind == "annotation" and "ALERTS" in use.text
    }
    scoped: set[str] = set()
    for dashboard in context.documents.dashboards:
        missing = [scope for scope in names.SCOPE if scope not in dashboard.variables]
        if not missing:
            scoped.add(dashboard.file)
        for scope in missing:
            reason = f"the dashboard has no variable '{scope}'"
            yield _of(dashboard, reason, "Add it, and match it in every query")
        if dashboard.file not in alerted:
            reason = "the dashboard does not mark when alerts fire"
            yield _of(dashboard, reason, "Add an annotation that reads ALERTS")
    sound: set[str] = set()
    for use in context.documents.uses:
        if use.file in scoped and use.kind in {"panel", "annotation"}:
            # Dashboards of a thousand services ask the same, each of its own.
            alike = _OF_A_SERVICE.sub("", use.text)
            if alike not in sound:
                faults = tuple(_unscoped(context, use))
                yield from faults
                if not faults:
                    sound.add(alike)


def _of(dashboard: Dashboard, reason: str, remedy: str) -> Finding:
    return Finding(CHECK.id, dashboard.file, dashboard.where, reason, remedy)


def _unscoped(context: Context, use: Use) -> Iterator[Finding]:
    for selector in scan(use.text, use.language).selectors:
        for scope in names.SCOPE:
            if _is_scoped(selector, scope) or not _has(context, selector, scope):
                continue
            yield Finding(
                CHECK.id,
                use.file,
                use.where,
                f"the query does not follow the variable '{scope}'",
                f'Match {scope}="${scope}": it mixes what is apart',
                use.text,
                selector.start,
                selector.end,
            )
            break


def _is_scoped(selector: Selector, scope: str) -> bool:
    matcher = selector.matcher(scope)
    return matcher is not None and any(each.name == scope for each in occurrences(matcher.value))


def _has(context: Context, selector: Selector, scope: str) -> bool:
    """Whether the series have the label; every stream of ours does."""
    if not selector.metric:
        return True
    signal = context.universe.signal(selector.metric)
    return signal is not None and signal.known.has(scope)


CHECK = Check("dashboard/variables", "A dashboard or query that mixes clusters", _run)
