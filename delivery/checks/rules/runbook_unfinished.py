"""``runbook/unfinished``: see docs/checks/runbook-unfinished.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding

#: As catalog.unfinished marks it; a word of a query or a list is none.
_OPEN = re.compile(r"\bTODO\b:?\s*(?P<question>.*)")


def _run(context: Context) -> Iterator[Finding]:
    for page in context.documents.pages:
        for number, line in enumerate(page.lines, start=1):
            found = _OPEN.search(line)
            if found:
                reason = f"nobody has written {found['question'].strip() or 'what belongs here'}"
                remedy = "Write it: whoever is woken has nobody to ask"
                yield Finding(CHECK.id, page.file, f"line {number}", reason, remedy)


CHECK = Check("runbook/unfinished", "A runbook with a question that nobody has answered", _run)
