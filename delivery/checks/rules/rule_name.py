"""``rule/name``: see docs/checks/rule-name.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding

_LEVELS = re.compile(r"[a-zA-Z_]\w*:[a-zA-Z_]\w*:\w+")


def _run(context: Context) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for group in context.documents.groups:
        where = f"group {group.name}"
        if not group.name:
            reason, remedy = "the group has no name", "Name it after what it is about"
            yield Finding(CHECK.id, group.file, where, reason, remedy)
        elif (group.file, group.name) in seen:
            reason = f"the file has two groups '{group.name}', and is refused as a whole"
            yield Finding(CHECK.id, group.file, where, reason, "Rename one, or join the two")
        seen.add((group.file, group.name))
    for rule in context.documents.rules:
        if rule.kind == "recording" and not _LEVELS.fullmatch(rule.name):
            reason = f"'{rule.name}' does not say what was done to which metric"
            remedy = "Name it level:metric:operations, as in service:log_lines:rate5m"
            yield Finding(CHECK.id, rule.file, rule.where, reason, remedy)


CHECK = Check("rule/name", "A group's name twice, or a recorded name that says little", _run)
