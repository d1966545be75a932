"""Faults of the tests that prove an alert: one of them is lost, or says less than it did."""

from __future__ import annotations

from collections.abc import Iterator

from tests.delivery.checks.mutations.mutant import Edit, Json, Kind, Mutant
from tests.delivery.checks.mutations.shipped import Shipped
from tests.delivery.checks.mutations.sites import rules


def _alerts(shipped: Shipped) -> Iterator[tuple[str, str, str, list[tuple[int, Json]]]]:
    """Each alert that is proved: its file of rules, its place, its file of tests, the tests."""
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
            found = [
                (index, test)
                for index, test in enumerate(shipped.contents.get(tests, {"tests": []})["tests"])
                if test["name"].startswith(head)
            ]
            if "alert" in rule and found:
                yield path, where, tests, found


def _fires(test: Json) -> bool:
    return any(moment["exp_alerts"] for moment in test["alert_rule_test"])


def _never_fires(shipped: Shipped) -> Iterator[Mutant]:
    """The moments in which it fires are forgotten."""
    for path, where, tests, found in _alerts(shipped):
        edits = [
            Edit(
                ("tests", index, "alert_rule_test"),
                [each for each in test["alert_rule_test"] if not each["exp_alerts"]],
            )
            for index, test in found
        ]
        yield Mutant(tests, where, tuple(edits), found_in=path)


def _never_resets(shipped: Shipped) -> Iterator[Mutant]:
    """Each test ends as the alert fires."""
    for path, where, tests, found in _alerts(shipped):
        edits = []
        for index, test in found:
            asked = test["alert_rule_test"]
            last = max(
                (number for number, each in enumerate(asked) if each["exp_alerts"]), default=None
            )
            if last is not None:
                edits.append(Edit(("tests", index, "alert_rule_test"), asked[: last + 1]))
        yield Mutant(tests, where, tuple(edits), found_in=path)


def _no_near_miss(shipped: Shipped) -> Iterator[Mutant]:
    """The near misses ask nothing."""
    for path, where, tests, found in _alerts(shipped):
        edits = [
            Edit(("tests", index, "alert_rule_test"), [])
            for index, test in found
            if not _fires(test)
        ]
        yield Mutant(tests, where, tuple(edits), found_in=path)


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
