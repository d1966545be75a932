"""``dashboard/title``: see docs/checks/dashboard-title.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    first: dict[tuple[str, str], str] = {}
    for dashboard in context.documents.dashboards:
        faults: list[tuple[str, str]] = []
        title = dashboard.title.strip()
        if not title:
            faults.append(("the dashboard has no title", "Say in a few words what it shows"))
        other = first.setdefault((dashboard.folder, title), dashboard.file)
        if title and other != dashboard.file:
            reason = f"{other} in the same folder has the title '{title}' too"
            faults.append((reason, "Choose another: Grafana up to 11.2 takes the two for one"))
        if not dashboard.description.strip():
            faults.append(("the dashboard has no description", "Say whom it is for, and when"))
        for reason, remedy in faults:
            yield Finding(CHECK.id, dashboard.file, dashboard.where, reason, remedy)


CHECK = Check("dashboard/title", "A dashboard without a title of its own, or a description", _run)
