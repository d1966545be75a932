"""``rule/order``: see docs/checks/rule-order.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Group, Rule
from delivery.checks.finding import Finding
from delivery.checks.recorded import reads


def _run(context: Context) -> Iterator[Finding]:
    for group in context.documents.groups:
        if any(rule.kind == "recording" for rule in group.rules[1:]):
            yield from _faults(group)


def _faults(group: Group) -> Iterator[Finding]:
    later: dict[str, list[Rule]] = {}
    for rule in reversed(group.rules):
        for name, recordings in later.items():
            for recording in recordings if name in rule.expr else ():
                selector = reads(rule, recording)
                if selector is None:
                    continue
                yield Finding(
                    CHECK.id,
                    rule.file,
                    rule.where,
                    f"the rule reads '{name}', which its group records only after it",
                    "Move the rule behind the one that records it",
                    rule.expr,
                    selector.start,
                    selector.start + len(name),
                )
                break
        if rule.kind == "recording":
            later.setdefault(rule.name, []).append(rule)


CHECK = Check("rule/order", "A rule that reads what its group records later", _run)
