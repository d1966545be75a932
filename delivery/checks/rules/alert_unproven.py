"""``alert/unproven``: see docs/checks/alert-unproven.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalog import names
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Moment, Rule, Test
from delivery.checks.finding import Finding

_REMEDY = "Add the incident under alerts/proofs"


def _run(context: Context) -> Iterator[Finding]:
    alerts: dict[str, list[Rule]] = {}
    for rule in context.documents.rules:
        if rule.kind == "alert":
            alerts.setdefault(tests_of(rule.file), []).append(rule)
    tests: dict[str, list[Test]] = {}
    for test in context.documents.tests:
        tests.setdefault(test.file, []).append(test)
    for file, rules in alerts.items():
        for rule in rules:
            about = [test for test in tests.get(file, ()) if _is_about(test, rule)]
            for reason in _missing(rule, about):
                yield Finding(CHECK.id, rule.file, rule.where, f"{file} has {reason}", _REMEDY)
    for file, listed in tests.items():
        for test in listed:
            if not any(_is_about(test, rule) for rule in alerts.get(file, ())):
                reason = "the file of rules that it tests has no such alert"
                remedy = "Remove it, or begin its name with the alert that it is about"
                yield Finding(CHECK.id, file, test.where, reason, remedy)


def tests_of(rules: str) -> str:
    """The file of the tests of a rule file: one for all tenants, of which each has the rules."""
    parts = rules.split("/")
    return "/".join((parts[0], "tests", parts[-1]))


def _is_about(test: Test, rule: Rule) -> bool:
    subject = names.alert_subject(rule.name, rule.labels)
    return test.alerts == (rule.name,) and test.name.startswith(f"{subject}: ")


def _missing(rule: Rule, tests: Iterable[Test]) -> Iterator[str]:
    """What no test of the alert shows."""
    shown = [[_fires(rule, moment) for moment in test.moments] for test in tests]
    if not any(True in moments for moments in shown):
        yield "no test in which it fires"
    elif not any(_resets(moments) for moments in shown):
        yield "no test in which it is silent again after it has fired"
    if not any(moments and True not in moments for moments in shown):
        yield "no test of a near miss, in which it never fires"


def _fires(rule: Rule, moment: Moment) -> bool:
    return any(rule.labels.items() <= labels.items() for labels in moment.firing)


def _resets(moments: list[bool]) -> bool:
    return True in moments and not all(moments[moments.index(True) :])


CHECK = Check(
    "alert/unproven", "An alert without a test that it fires, resets and keeps still", _run
)
