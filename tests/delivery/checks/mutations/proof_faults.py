"""Faults of the tests that prove an alert: one of them is lost, or says less than it did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.delivery.checks.mutations.mutant import Edit, Json, Kind, Mutant
from tests.delivery.checks.mutations.shipped import Shipped
from tests.delivery.checks.mutations.sites import rules

#: Slow stories have a file of their own, called after their rhythm.
_RHYTHM = re.compile(r"\.\d+[smhd](?=\.yaml$)")


class Proved(NamedTuple):
    """An alert that one file proves: where it stands, and its tests with their places there."""

    rules: str
    where: str
    rule: Json
    tests: str
    found: list[tuple[int, Json]]

    def fires(self, moment: Json) -> bool:
        """Whether a test expects it then; of its name, there may be others in one story."""
        labels = self.rule.get("labels", {}).items()
        return any(labels <= each["exp_labels"].items() for each in moment["exp_alerts"])

    def mutant(self, edits: list[Edit]) -> Mutant:
        """Its tests changed, which is found at the rule."""
        return Mutant(self.tests, self.where, tuple(edits), found_in=self.rules)


def _alerts(shipped: Shipped) -> Iterator[Proved]:
    """Each alert that one file proves.

    A mutant is of one file, and an alert with stories in two rhythms has its tests in two.
    """
    files: dict[str, list[str]] = {}
    for path in shipped.contents:
        if "/tests/" in path:
            files.setdefault(_RHYTHM.sub("", path), []).append(path)
    for path, content in shipped.contents.items():
        if "/rules/" not in path:
            continue
        tests = f"{path.split('/')[0]}/tests/{path.rsplit('/', 1)[-1]}"
        for _, rule, where in rules(content):
            own = {
                key: value
                for key, value in rule.get("labels", {}).items()
                if key not in {"severity", "team"}
            }
            inside = ",".join(f'{key}="{value}"' for key, value in own.items())
            head = f"{rule.get('alert')}{{{inside}}}: "
            told = {file: _of(shipped.contents[file], head) for file in files.get(tests, ())}
            proving = [file for file, found in told.items() if found]
            if "alert" in rule and len(proving) == 1:
                yield Proved(path, where, rule, proving[0], told[proving[0]])


def _of(content: Json, head: str) -> list[tuple[int, Json]]:
    """The tests of an alert, each with its place in the file."""
    return [
        (index, test)
        for index, test in enumerate(content["tests"])
        if test["name"].startswith(head)
    ]


def _asked(index: int, moments: list[Json]) -> Edit:
    return Edit(("tests", index, "alert_rule_test"), moments)


def _never_fires(shipped: Shipped) -> Iterator[Mutant]:
    """The moments in which it fires are forgotten."""
    for each in _alerts(shipped):
        yield each.mutant(
            [
                _asked(index, [one for one in test["alert_rule_test"] if not each.fires(one)])
                for index, test in each.found
            ]
        )


def _never_resets(shipped: Shipped) -> Iterator[Mutant]:
    """Each test ends as the alert fires."""
    for each in _alerts(shipped):
        edits = []
        for index, test in each.found:
            asked = test["alert_rule_test"]
            fired = [number for number, one in enumerate(asked) if each.fires(one)]
            if fired:
                edits.append(_asked(index, asked[: fired[-1] + 1]))
        yield each.mutant(edits)


def _no_near_miss(shipped: Shipped) -> Iterator[Mutant]:
    """The near misses ask nothing."""
    for each in _alerts(shipped):
        yield each.mutant(
            [
                _asked(index, [])
                for index, test in each.found
                if not any(map(each.fires, test["alert_rule_test"]))
            ]
        )


def _of_no_alert(shipped: Shipped) -> Iterator[Mutant]:
    for path, content in shipped.contents.items():
        if "/tests/" in path:
            for index, test in enumerate(content["tests"]):
                name = f"Un{test['name']}"
                yield Mutant(path, f"test '{name}'", (Edit(("tests", index, "name"), name),))


_UNPROVEN = frozenset({"alert/unproven"})
KINDS: tuple[Kind, ...] = (
    Kind("proof: no incident that fires", _UNPROVEN, _never_fires),
    Kind("proof: no reset", _UNPROVEN, _never_resets),
    Kind("proof: no near miss", _UNPROVEN, _no_near_miss),
    Kind("proof: of no alert", _UNPROVEN, _of_no_alert),
)
