"""``alert/unproven``: see docs/checks/alert-unproven.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from catalog import names
from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.documents import Moment, Rule, Test
from delivery.checks.finding import Finding

#: Slow stories have a file of their own, called after the rhythm in which they are evaluated.
_RHYTHM = re.compile(r"\.\d+[smhd]\.yaml$")
_REMEDY = "Add the incident under alerts/proofs"


def _run(context: Context) -> Iterator[Finding]:
    alerts: dict[str, dict[str, list[Rule]]] = {}
    for rule in context.documents.rules:
        if rule.kind == "alert":
            of_file = alerts.setdefault(tests_of(rule.file), {})
            of_file.setdefault(names.alert_subject(rule.name, rule.labels), []).append(rule)
    proofs: dict[tuple[str, str], list[Test]] = {}
    for test in context.documents.tests:
        file = _RHYTHM.sub(".yaml", test.file)
        subject = _subject(test, alerts.get(file, {}))
        if subject is None:
            reason = "the file of rules that it tests has no such alert"
            remedy = "Remove it, or begin its name with the alert that it is about"
            yield Finding(CHECK.id, test.file, test.where, reason, remedy)
        else:
            proofs.setdefault((file, subject), []).append(test)
    for file, subjects in alerts.items():
        for subject, rules in subjects.items():
            for rule in rules:
                for reason in _missing(rule, proofs.get((file, subject), ())):
                    what = f"{file} has {reason}"
                    yield Finding(CHECK.id, rule.file, rule.where, what, _REMEDY)


def _subject(test: Test, subjects: Mapping[str, list[Rule]]) -> str | None:
    """The alert that a test is about: its name begins with it, and it asks for no other."""
    heads = (test.name[: found.start()] for found in re.finditer(": ", test.name))
    subject = next((head for head in heads if head in subjects), None)
    if subject is None:
        return None
    return subject if test.alerts == (subjects[subject][0].name,) else None


def tests_of(rules: str) -> str:
    """The file of the tests of a rule file: one for all tenants, of which each has the rules."""
    parts = rules.split("/")
    return "/".join((parts[0], "tests", parts[-1]))


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
