"""``rule/hold``: see docs/checks/rule-hold.md."""

from __future__ import annotations

from collections.abc import Iterator

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.disappearing import lasts
from delivery.checks.durations import seconds, spelled
from delivery.checks.finding import Finding


def _run(context: Context) -> Iterator[Finding]:
    for rule in context.documents.rules:
        if rule.kind != "alert" or not rule.hold:
            continue
        hold = seconds(rule.hold)
        if hold is None:
            reason, remedy = f"'for' is '{rule.hold}', which is no duration", "Write it as in 5m"
            yield Finding(CHECK.id, rule.file, rule.where, reason, remedy)
        elif rule.language == "promql":
            longest = lasts(rule.expr, hold)
            if longest is not None and hold >= longest:
                reason = (
                    f"the alert can never fire: it is true for less than {spelled(longest)} "
                    f"after the last sample, and waits for {rule.hold}"
                )
                remedy = "Wait for less, or look further back"
                yield Finding(CHECK.id, rule.file, rule.where, reason, remedy, rule.expr)


CHECK = Check("rule/hold", "An alert that waits for longer than it can be true", _run)
