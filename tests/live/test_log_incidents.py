"""Every alert of Loki's ruler is told its incidents, on each Loki there is.

Each incident has a tenant of its own, in the recent past. The rule is asked as the ruler asks
it: an instant query at each evaluation; it fires where the expression has held at every one of
them for as long as it has to.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog import names
from catalog.load import load_catalog
from catalog.scalars import parse_duration
from delivery.checks.read_tests import seconds
from tests.alerts.mutants import mutants
from tests.live.servers import Process, Server, find, free_port, missing
from tests.live.stack import ROOT, build, loki_config

Json = dict[str, Any]

#: Lines that one request carries.
_BATCH = 5000
#: How long ago the stories began: all of them are over, and none is too old for Loki.
_AGO = 2 * 3600


@dataclass(frozen=True)
class Told:
    """One test of a rule that ships."""

    test: Json
    rule: Json
    interval: int
    tenant: str

    @property
    def hold(self) -> int:
        return parse_duration(self.rule["for"]) if "for" in self.rule else 0


def told(folder: Path) -> Iterator[Told]:
    """Every test that ships, with its rule."""
    number = 0
    for path in sorted((folder / "loki/tests").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        [pattern] = content["rule_files"]
        [file, *_] = sorted(path.parent.glob(pattern))
        rules = [
            rule
            for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
            for rule in group["rules"]
            if "alert" in rule
        ]
        for test in content["tests"]:
            [rule] = [
                rule
                for rule in rules
                if test["name"].startswith(
                    f"{names.alert_subject(rule['alert'], rule['labels'])}: "
                )
            ]
            number += 1
            interval = parse_duration(test["evaluation_interval"])
            yield Told(test, rule, interval, f"{path.stem}-{number}")


@dataclass
class Loki:
    """A Loki with a tenant for each incident."""

    server: Server
    url: str

    def push(self, tenant: str, streams: list[Json]) -> None:
        answer = requests.post(
            f"{self.url}/loki/api/v1/push",
            data=json.dumps({"streams": streams}),
            headers={"Content-Type": "application/json", "X-Scope-OrgID": tenant},
            timeout=60,
        )
        assert answer.status_code == requests.codes.no_content, answer.text

    def ask(self, tenant: str, query: str, at: int) -> list[dict[str, str]]:
        """The labels of what comes back."""
        answer = requests.get(
            f"{self.url}/loki/api/v1/query",
            params={"query": query, "time": str(at * 10**9)},
            headers={"X-Scope-OrgID": tenant},
            timeout=60,
        )
        assert answer.ok, f"{query}: {answer.text[:300]}"
        return [each["metric"] for each in answer.json()["data"]["result"]]


@pytest.fixture(
    scope="module", params=find("loki") or [None], ids=lambda each: str(each).replace(" ", "_")
)
def loki(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loki]:
    server = request.param
    if server is None:
        pytest.skip(missing("loki"))
    folder = tmp_path_factory.mktemp("loki")
    port = free_port()
    rules = {"type": "local", "local": {"directory": str(folder / "rules")}}
    config = loki_config(folder, server, port=port, rules=rules)
    content = yaml.safe_load(config.read_text())
    content["auth_enabled"] = True
    # The query's own limit; Loki's ruler, which evaluates the rules, has none.
    content.setdefault("limits_config", {})["max_query_series"] = 100_000
    config.write_text(yaml.safe_dump(content, sort_keys=False))
    process = Process("loki", [server.path, f"-config.file={config}"], folder)
    try:
        process.ready(f"http://127.0.0.1:{port}/ready")
        yield Loki(server, f"http://127.0.0.1:{port}")
    finally:
        process.stop()


def written(lines: list[Json], began: int) -> Iterator[tuple[Json, list[list[str]]]]:
    """Each stream with its lines in order, every one as Loki takes it."""
    streams: dict[str, tuple[Json, list[tuple[int, str]]]] = {}
    number = 0
    for entry in lines:
        key = json.dumps(entry["stream"], sort_keys=True)
        _, found = streams.setdefault(key, (entry["stream"], []))
        start = (began + seconds(entry["start"])) * 10**9
        for index in range(entry["count"]):
            number += 1
            text = entry["line"].replace("{n}", str(number)).replace("{trace}", f"{number:032x}")
            found.append((start + round(index * entry["every"] * 10**9), text))
    for stream, found in streams.values():
        yield stream, [[str(at), text] for at, text in sorted(found)]


def firing(loki: Loki, each: Told, began: int, at: int) -> list[Json]:
    """The labels of what fires then."""
    last = at // each.interval * each.interval
    held: list[Json] | None = None
    for evaluation in range(last, last - each.hold - 1, -each.interval):
        found = loki.ask(each.tenant, each.rule["expr"], began + evaluation)
        held = found if held is None else [labels for labels in held if labels in found]
        if not held:
            break
    return [{**labels, **each.rule["labels"]} for labels in held or []]


def disagreements(loki: Loki, each: Told, began: int) -> Iterator[str]:
    """The moments of which the rule says something else than the test."""
    for moment in each.test["alert_rule_test"]:
        expected = [alert["exp_labels"] for alert in moment["exp_alerts"]]
        found = firing(loki, each, began, seconds(moment["eval_time"]))
        if _sorted(found) != _sorted(expected):
            yield f"{each.test['name']} at {moment['eval_time']}: {found}, not {expected}"


def _began(each: Told, now: int) -> int:
    """When its story began: an hour ago, or so long that its last line is past."""
    return (now - max(_AGO, _length(each.test) + 60)) // 60 * 60


def _length(test: Json) -> int:
    """Seconds from a story's beginning to its last line or moment."""
    lines = (
        seconds(each["start"]) + round(each["count"] * each["every"])
        for each in test["input_lines"]
    )
    return max(*lines, *(seconds(each["eval_time"]) for each in test["alert_rule_test"]))


def _sorted(alerts: list[Json]) -> list[list[tuple[str, str]]]:
    return sorted(sorted(labels.items()) for labels in alerts)


@pytest.mark.parametrize("catalog", ["catalog", "tests/fixtures/second"])
def test_each_rule_says_what_its_incidents_expect(loki: Loki, catalog: str, tmp_path: Path) -> None:
    """And a rule with a fault in it says something else of one of them."""
    build(load_catalog(ROOT / catalog), tmp_path)
    now = int(time.time())
    proofs: dict[str, list[Told]] = {}
    for each in told(tmp_path):
        began = _began(each, now)
        incident = replace(each, tenant=f"{catalog.rpartition('/')[2]}-{each.tenant}")
        subject = names.alert_subject(each.rule["alert"], each.rule["labels"])
        proofs.setdefault(subject, []).append(incident)
        for stream, values in written(each.test["input_lines"], began):
            for start in range(0, len(values), _BATCH):
                part = {"stream": stream, "values": values[start : start + _BATCH]}
                loki.push(incident.tenant, [part])
    # What is older than three hours is looked for in the store alone.
    assert requests.post(f"{loki.url}/flush", timeout=60).ok
    wrong = [
        line
        for tests in proofs.values()
        for each in tests
        for line in disagreements(loki, each, _began(each, now))
    ]
    assert not wrong, "\n".join(wrong)
    faults = [
        (f"{subject}: {fault}", faulty, tests)
        for subject, tests in proofs.items()
        for fault, faulty in mutants(tests[0].rule)
    ]
    unnoticed = [
        fault
        for fault, faulty, tests in faults
        if not any(
            True
            for each in tests
            for _ in disagreements(loki, replace(each, rule=faulty), _began(each, now))
        )
    ]
    assert not unnoticed, "\n".join(unnoticed)
    moments = sum(len(each.test["alert_rule_test"]) for tests in proofs.values() for each in tests)
    print(f"{loki.server}, {catalog}: {moments} moments as told, {len(faults)} faults noticed")
    assert moments
    assert faults
