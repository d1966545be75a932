"""``rule/parts``: see docs/checks/rule-parts.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog import names
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Rule
from delivery.checks.durations import seconds, spelled
from delivery.checks.finding import Finding
from delivery.checks.scan import Selector, scan

#: What may follow a selector: a range, and how much earlier it is looked for.
_EARLIER = re.compile(r"(?:\[[^\]]*\])?\s*(?:offset\s+(\w+))?")


def _run(context: Context) -> Iterator[Finding]:
    for rule in context.documents.rules:
        length = seconds(rule.labels.get(names.WINDOW, ""))
        if rule.kind == "recording" and length and rule.expr.count(rule.name) > 1:
            yield from _faults(rule, length)


def _faults(rule: Rule, length: float) -> Iterator[Finding]:
    """A sum of itself over shorter windows: each of them begins where the one before ends."""
    parts = [
        (earlier, part, selector)
        for selector in scan(rule.expr, rule.language).selectors
        if selector.metric == rule.name
        and (part := _length(selector)) is not None
        and (earlier := _earlier(rule.expr, selector)) is not None
    ]
    reached = 0.0
    for earlier, part, selector in sorted(parts, key=lambda each: each[:2]):
        if earlier == 0 and reached == part:
            continue  # the newest, once more, as what stands for a part that is not there
        if earlier != reached:
            what = "overlaps the one after it" if earlier < reached else "leaves a gap"
            reason = f"the part of {spelled(part)} that ended {spelled(earlier)} ago {what}"
            remedy = f"Look for it {spelled(reached)} ago"
            yield _finding(rule, selector, reason, remedy)
            return
        reached = earlier + part
    if parts and reached != length:
        reason = f"the parts add up to {spelled(reached)}, and the window is {spelled(length)}"
        yield _finding(rule, parts[-1][2], reason, "Add or remove parts, or correct the label")


def _finding(rule: Rule, selector: Selector, reason: str, remedy: str) -> Finding:
    span = rule.expr, selector.start, selector.end
    return Finding(CHECK.id, rule.file, rule.where, reason, remedy, *span)


def _length(selector: Selector) -> float | None:
    matcher = selector.matcher(names.WINDOW)
    return seconds(matcher.value) if matcher is not None and matcher.operator == "=" else None


def _earlier(expr: str, selector: Selector) -> float | None:
    found = _EARLIER.match(expr, selector.end)
    return seconds(found[1]) if found and found[1] else 0.0


CHECK = Check("rule/parts", "A sum laid out of windows that overlap or leave gaps", _run)
