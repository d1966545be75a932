"""Which rule reads what another one records."""

from __future__ import annotations

from delivery.checks.documents import Rule
from delivery.checks.labels import matches
from delivery.checks.scan import Matcher, Selector, scan


def reads(rule: Rule, recording: Rule) -> Selector | None:
    """Where a rule selects the series of a recording rule, told apart by their fixed labels."""
    if recording.name not in rule.expr:
        return None  # most rules: a scan costs more
    for selector in scan(rule.expr, rule.language).selectors:
        if selector.metric == recording.name and all(
            _possible(each, recording) for each in selector.matchers
        ):
            return selector
    return None


def _possible(matcher: Matcher, recording: Rule) -> bool:
    value = recording.labels.get(matcher.label)
    if value is None:
        return True  # a label of the answer, which can be anything
    if matcher.operator in {"=", "!="}:
        return (value == matcher.value) == (matcher.operator == "=")
    return matches(matcher.value, value) == (matcher.operator == "=~")
