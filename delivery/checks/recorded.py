"""Which rule reads what another one records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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


class Recordings:
    """Recording rules to be looked up by those who read them, without trying each of them.

    A label that a rule gives its series is known; any other label of it can be anything.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._named: dict[str, set[int]] = {}
        self._labelled: dict[tuple[str, str], set[int]] = {}
        self._valued: dict[tuple[str, str, str], set[int]] = {}
        for index, rule in enumerate(rules):
            self._named.setdefault(rule.name, set()).add(index)
            for label, value in rule.labels.items():
                self._labelled.setdefault((rule.name, label), set()).add(index)
                self._valued.setdefault((rule.name, label, value), set()).add(index)

    def read_by(self, rule: Rule) -> Iterator[int]:
        """The numbers of the recordings that the rule reads, as :func:`reads` says of each."""
        for selector in scan(rule.expr, rule.language).selectors:
            name = selector.metric or ""
            found = self._named.get(name, set())
            for each in selector.matchers:
                if found and each.operator == "=":
                    other = self._labelled.get((name, each.label), set())
                    found = found - other | found & self._valued.get(
                        (name, each.label, each.value), set()
                    )
            yield from (
                index
                for index in found
                if all(_possible(each, self._rules[index]) for each in selector.matchers)
            )


def _possible(matcher: Matcher, recording: Rule) -> bool:
    value = recording.labels.get(matcher.label)
    if value is None:
        return True  # a label of the answer, which can be anything
    if matcher.operator in {"=", "!="}:
        return (value == matcher.value) == (matcher.operator == "=")
    return matches(matcher.value, value) == (matcher.operator == "=~")
