"""Rules replayed by promtool: what is told to it, and what it has to find."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """Series, and the alerts of one name that fire over them at a time.

    ``series`` maps a series to its values in promtool's notation, one every ``interval``.
    ``firing`` holds the labels of each expected alert and what its templates show as
    ``$value``; nothing may fire where it is empty.
    """

    alert: str
    title: str
    file: str
    series: Mapping[str, str]
    at: str
    firing: tuple[tuple[Mapping[str, str], str], ...] = ()
    interval: str = "1m"
    budget: str = "not yet known"

    def __str__(self) -> str:
        return f"{self.alert}: {self.title}"


def run(folder: Path, scenario: Scenario, rules: Path, promtool: str) -> str:
    """What promtool complains of; empty if all is as expected."""
    test = {
        "rule_files": [str(rules / scenario.file)],
        "evaluation_interval": scenario.interval,
        "tests": [
            {
                "interval": scenario.interval,
                "input_series": series(scenario.series),
                "alert_rule_test": [
                    {
                        "eval_time": scenario.at,
                        "alertname": scenario.alert,
                        "exp_alerts": [
                            expected(rules / scenario.file, scenario, labels, value)
                            for labels, value in scenario.firing
                        ],
                    }
                ],
            }
        ],
    }
    return check(folder, test, promtool)


def check(folder: Path, test: Json, promtool: str) -> str:
    """Run one test file; promtool's complaint, or nothing.

    The groups are evaluated as they stand in the files: left to itself promtool shuffles them.
    """
    order = [name for each in test["rule_files"] for name in group_names(folder / each)]
    test = {**test, "group_eval_order": order}
    path = folder / "test.yaml"
    path.write_text(yaml.safe_dump(test, allow_unicode=True), encoding="utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def group_names(path: Path) -> list[str]:
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return [group["name"] for group in groups]


def series(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"series": name, "values": shown} for name, shown in values.items()]


def expected(path: Path, scenario: Scenario, labels: Mapping[str, str], value: str) -> Json:
    """The alert as promtool compares it, its annotations filled in from the rule's own.

    ``labels`` are those that tell it apart; the rule's are added.
    """
    rule = rule_of(path, scenario.alert, labels)
    every = {**labels, **rule["labels"]}

    def filled(text: str) -> str:
        text = re.sub(r"\{\{ with .*?\{\{ end \}\}", scenario.budget, text)
        text = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda match: every[match[1]], text)
        return re.sub(r"\{\{ \$value \|[^}]*\}\}", value, text)

    annotations = {name: filled(text) for name, text in rule["annotations"].items()}
    return {"exp_labels": every, "exp_annotations": annotations}


def rule_of(path: Path, alert: str, labels: Mapping[str, str]) -> Json:
    """The one rule of that name whose own labels do not contradict those that are expected."""
    found = [
        rule
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
        if rule.get("alert") == alert
        and all(rule["labels"].get(name, value) == value for name, value in labels.items())
        and all(
            f'{name}="{value}"' in rule["expr"]
            for name, value in labels.items()
            if name == "window"
        )
    ]
    assert len(found) == 1, f"{path.name} has {len(found)} rules {alert} with {dict(labels)}"
    return dict(found[0])
