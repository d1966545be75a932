"""``datasource/uid``: see docs/checks/datasource-uid.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding
from delivery.checks.provisioned import folder_of


def _run(context: Context) -> Iterator[Finding]:
    first: dict[tuple[str, str], str] = {}
    for each in context.documents.datasources:
        where = f"datasource '{each.name}'"
        if not each.uid:
            reason = "the datasource has no uid, so that Grafana makes one up"
            remedy = "Give it the uid that the dashboards name"
            yield Finding(CHECK.id, each.file, where, reason, remedy)
            continue
        for what, value in (("uid", each.uid), ("name", each.name)):
            place = f"{folder_of(each.file)}#{what}", value
            if place in first:
                reason = f"the {what} '{value}' is provisioned by {first[place]} too"
                remedy = "Keep one of the two: each would undo the other at every start"
                yield Finding(CHECK.id, each.file, where, reason, remedy)
            first.setdefault(place, each.file)


CHECK = Check("datasource/uid", "Two datasources of one name, or one without", _run)
