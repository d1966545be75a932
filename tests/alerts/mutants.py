"""Alert rules with one fault in them, which the tests that ship have to notice.

Of every comparison in an expression: its number doubled, and its direction turned. Copies of
one comparison (the events of a ratio stand in it three times) are changed together. And the
wait taken away. A number that doubling leaves as it is (0) is no fault.

``make mutation`` makes every fault of every rule; the tests take the first rule of each name.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from alerts.registry import generate
from catalog import names
from catalog.load import load_catalog
from delivery.render import encode
from tests.alerts.promtool import replay

ROOT = Path(__file__).resolve().parents[2]

Json = dict[str, Any]
Rule = dict[str, Any]

_COMPARISON = re.compile(
    r"(?P<left>[^\s(]+) (?P<sign>==|!=|>=|<=|>|<) (?P<number>[\d.]+(?:e\+\d+)?)?"
)
_TURNED = {"==": "!=", "!=": "==", ">": "<=", "<=": ">", "<": ">=", ">=": "<"}
_VERDICT = re.compile(r"^Unit Testing:  (.+)\n  (SUCCESS|FAILED)", re.MULTILINE)


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Each fault of an alert rule: what it is, and the rule with it."""
    if "for" in rule:
        yield "for removed", {key: value for key, value in rule.items() if key != "for"}
    for found in dict.fromkeys(match[0] for match in _COMPARISON.finditer(rule["expr"])):
        match = _COMPARISON.fullmatch(found)
        assert match
        left, sign, number = match["left"], match["sign"], match["number"] or ""
        yield f"'{found}' turned", _with(rule, found, f"{left} {_TURNED[sign]} {number}")
        if number and float(number):
            doubled = f"{left} {sign} {2 * float(number):.10g}"
            yield f"'{found}' doubled", _with(rule, found, doubled)


def _with(rule: Rule, found: str, instead: str) -> Rule:
    return {**rule, "expr": rule["expr"].replace(found, instead)}


def write(catalog: str, folder: Path) -> Path:
    """What the alerts' generators make of a catalog."""
    for artifact in generate(load_catalog(ROOT / catalog)):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(artifact))
    return folder


def read(path: Path) -> Json:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


#: What stands for no fault.
RIGHT = "as it is"

#: Slow stories have a file of their own, called after the rhythm in which they are told.
_RHYTHM = re.compile(r"\.\d+[smhd]\.yaml$")


def cases(folder: Path, work: Path, *, every: bool) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """The faults of every rule, or of one of each name: what it is, and files of its tests.

    Beside the faulty rule only those of its name, which its stories tell of too, and the recorded
    series that they come from are left of the file of rules: the others say nothing about it, and
    take time. Each rule stands there without a fault as well, as :data:`RIGHT`: tests that fail
    on the right rule notice nothing.
    """
    seen: set[str] = set()
    number = 0
    for path, files in _tests(folder).items():
        groups = read(path)["groups"]
        for rule in (rule for group in groups for rule in group["rules"]):
            if "alert" not in rule or (not every and rule["alert"] in seen):
                continue
            seen.add(rule["alert"])
            subject = names.alert_subject(rule["alert"], rule["labels"])
            told = [own for tests in files if (own := _own(tests, subject))["tests"]]
            for fault, faulty in ((RIGHT, rule), *mutants(rule)):
                number += 1
                places = tuple(work / f"{number}-{at}.yaml" for at in range(len(told)))
                for place, tests in zip(places, told, strict=True):
                    _write_case(place, tests, groups, rule, faulty)
                yield f"{subject}: {fault}", places


def _tests(folder: Path) -> dict[Path, list[Json]]:
    """The files of tests of each file of rules."""
    found: dict[Path, list[Json]] = {}
    for path in sorted((folder / "prometheus/tests").glob("*.yaml")):
        rules = folder / "prometheus/rules" / _RHYTHM.sub(".yaml", path.name)
        found.setdefault(rules, []).append(read(path))
    return found


def _own(tests: Json, subject: str) -> Json:
    """Those of one alert."""
    own = [test for test in tests["tests"] if test["name"].startswith(f"{subject}: ")]
    return {**tests, "tests": own}


def sources(rule: Rule, rules: list[Rule]) -> list[Rule]:
    """The recordings that a rule reads, in its expression or its texts, and those they read."""
    found, unread = list[Rule](), [rule]
    while unread:
        reader = unread.pop()
        texts = (reader["expr"], *reader.get("annotations", {}).values())
        for each in rules:
            if "record" in each and each not in found and any(_reads(text, each) for text in texts):
                found.append(each)
                unread.append(each)
    return found


def _reads(text: str, recording: Rule) -> bool:
    """Whether some selector takes in the series that a rule records, as far as its labels tell."""
    selectors = re.findall(
        rf"(?<![\w:]){re.escape(recording['record'])}(?![\w:])(?:{{([^}}]*)}})?", text
    )
    labels = recording.get("labels", {})
    return any(
        all(labels.get(name, value) == value for name, value in _EQUAL.findall(each))
        for each in selectors
    )


#: A matcher of one value; in the text of an annotation ``%q`` stands for it.
_EQUAL = re.compile(r"""(\w+)=["']([^"']*)["']""")


def _write_case(place: Path, tests: Json, groups: list[Json], rule: Rule, faulty: Rule) -> None:
    every = [each for group in groups for each in group["rules"]]
    kept_rules = [each for each in every if each.get("alert") == rule["alert"]]
    for each in tuple(kept_rules):
        kept_rules.extend(sources(each, every))
    changed = [
        {
            **group,
            "rules": [
                faulty if each == rule else each for each in group["rules"] if each in kept_rules
            ],
        }
        for group in groups
    ]
    kept = [group for group in changed if group["rules"]]
    beside = place.with_suffix(".rules")
    beside.write_text(yaml.safe_dump({"groups": kept}, allow_unicode=True), encoding="utf-8")
    test = {
        **tests,
        "rule_files": [beside.name],
        "group_eval_order": [group["name"] for group in kept],
    }
    place.write_text(yaml.safe_dump(test, allow_unicode=True), encoding="utf-8")


def survivors(made: dict[str, tuple[Path, ...]], promtool: str) -> list[str]:
    """The faults that no test notices."""
    told = replay(promtool, [path for paths in made.values() for path in paths])
    verdicts = dict(_VERDICT.findall(told))
    assert len(verdicts) == sum(map(len, made.values())), told[-2000:]
    passed = [
        fault
        for fault, paths in made.items()
        if not any(verdicts[str(path)] == "FAILED" for path in paths)
    ]
    right = [fault for fault in made if fault.endswith(f": {RIGHT}")]
    broken = [fault for fault in right if fault not in passed]
    assert not broken, broken
    return [fault for fault in passed if fault not in right]


def main() -> int:
    """Prints how many faults of all rules are noticed, and each that is not."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        made = dict(cases(write("catalog", work / "tree"), work, every=True))
        missed = survivors(made, "promtool")
    faults = sum(not fault.endswith(f": {RIGHT}") for fault in made)
    print(f"alert rules: {faults - len(missed)} of {faults} faults are noticed by their tests")
    for fault in missed:
        print(fault)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
