"""``route/inhibit``: see docs/checks/route-inhibit.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Rule
from delivery.checks.finding import Finding
from delivery.checks.labels import Known
from queries.alert_matchers import holds, parsed
from queries.text import Matcher

#: What the query of an alert says of its labels, by the alert's file and place.
_Asked = Mapping[tuple[str, str], Known]


def _run(context: Context) -> Iterator[Finding]:
    asked = {
        (each.use.file, each.use.where): each.shape.known
        for each in context.queries
        if each.use.kind == "alert" and each.shape is not None
    }
    alerts = [rule for rule in context.documents.rules if rule.kind == "alert"]
    for rule in context.documents.inhibitions:
        for side, written in (("source", rule.source), ("target", rule.target)):
            for reason, remedy in _faults(side, written, alerts, asked):
                yield Finding(CHECK.id, rule.file, rule.where, reason, remedy)


def _faults(
    side: str, written: tuple[str, ...], alerts: list[Rule], asked: _Asked
) -> Iterator[tuple[str, str]]:
    matchers = []
    for text in written:
        matcher = parsed(text)
        if matcher is None:
            yield f"'{text}' is no matcher", 'Write it as label="value"'
            return
        matchers.append(matcher)
    if not any(all(_can(each, rule, asked) for each in matchers) for rule in alerts):
        shown = ", ".join(written)
        yield (
            f"no alert that ships is a {side} of this: {shown}",
            "Name labels that alerts have, or remove the rule",
        )


def _can(matcher: Matcher, rule: Rule, asked: _Asked) -> bool:
    """Whether an alert of the rule can be what the matcher says."""
    if matcher.label == "alertname":
        return holds(matcher, rule.name)
    value = rule.labels.get(matcher.label)
    if value is not None:
        return "{{" in value or holds(matcher, value)
    known = asked.get((rule.file, rule.where))
    if known is None or known.anything or matcher.label in known.labels:
        return True
    return holds(matcher, "")


CHECK = Check("route/inhibit", "An inhibition of which a side is no alert that ships", _run)
