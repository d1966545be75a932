"""``rule/unused``: see docs/checks/rule-unused.md.

What is read outside of what ships (a report, another Prometheus) is exported. Only a person
knows of it, so that it is declared where every exception is: by a suppression, with the reader
as its reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context, words
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    recorded = {rule.name: rule for rule in context.documents.rules if rule.kind == "recording"}
    read: set[str] = set()
    for text in {use.text for use in context.documents.uses if ":" in use.text}:
        read.update(word for word in words(text) if ":" in word)
    for name, rule in recorded.items():
        if name not in read:
            reason = f"no rule, dashboard or text reads '{name}'"
            remedy = "Remove the rule, or suppress this and say who reads the series"
            yield Finding(CHECK.id, rule.file, rule.where, reason, remedy)


CHECK = Check("rule/unused", "A recorded series that nothing reads", _run)
