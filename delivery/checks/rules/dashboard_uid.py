"""``dashboard/uid``: see docs/checks/dashboard-uid.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog import names
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Dashboard, Documents
from delivery.checks.finding import Finding

_UID = re.compile(r"[a-zA-Z0-9_-]+")


def _run(context: Context) -> Iterator[Finding]:
    documents = context.documents
    first: dict[str, str] = {}
    for dashboard in documents.dashboards:
        fault = _fault(dashboard, documents) or _taken(dashboard, first)
        if fault:
            yield Finding(CHECK.id, dashboard.file, dashboard.where, *fault)


def _fault(dashboard: Dashboard, documents: Documents) -> tuple[str, str] | None:
    uid = dashboard.uid
    stem = dashboard.file.rsplit("/", 1)[-1].removesuffix(".json")
    if not uid:
        return "the dashboard has no uid", f"Set it to '{stem}', the name of its file"
    if not _UID.fullmatch(uid):
        return f"the uid '{uid}' holds what Grafana refuses", "Use letters, digits, - and _ only"
    if len(uid) > names.UID_LIMIT:
        limit = names.UID_LIMIT
        return f"the uid has {len(uid)} characters, and Grafana takes {limit}", "Shorten it"
    if any(folder.uid == uid for folder in documents.folders):
        reason = f"the uid '{uid}' is that of a folder too"
        return reason, "Choose another: Grafana up to 11 keeps both in one table"
    if uid != stem:
        return f"the uid is '{uid}', and the file is called '{stem}'", "Name the file by the uid"
    return None


def _taken(dashboard: Dashboard, first: dict[str, str]) -> tuple[str, str] | None:
    other = first.setdefault(dashboard.uid, dashboard.file)
    if other == dashboard.file:
        return None
    reason = f"the uid '{dashboard.uid}' is that of {other} too"
    return reason, "Choose another: of two, Grafana keeps the one it reads last"


CHECK = Check("dashboard/uid", "A dashboard that cannot be found again by its uid", _run)
