"""Faults that are planted in a living stack are found, each with the right reason.

What needs time to be missed is planted first; the tests stand in the order in which they run.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from catalog import names
from delivery.audit.model import Audit, Link, Result
from tests.live import planted
from tests.live.audited import audited, bad, signals
from tests.live.servers import find, missing, until
from tests.live.stack import ROOT, Runner, Stack, found

#: Before the first fault: counters that have just begun have no rate (seconds).
_SETTLED = 60.0
#: A rate of five minutes forgets what is gone, and the silence that is allowed here is as long.
_GONE = 390.0
#: How long a service may be silent before its lines are missed.
_SILENCE = "5m"
#: What Loki's answers are late by: longer than a query by labels alone, or through a parser, may
#: take (200 and 500 ms).
_DELAY = 0.7
#: What leads from one signal to another while all is well.
_SIGNALS = {"exemplar", "derived-field", "span-logs", "trace-metrics", "correlation"}
#: The length of a moment in a reason.
_MOMENT = len("2006-01-02 15:04:05")


@dataclass(frozen=True)
class Planted:
    """The stack, and what is wrong with which service since when."""

    stack: Stack
    began: float
    renamed: str
    metric: str
    unlabelled: str


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    for kind in ("grafana", "loki", "jaeger", "prometheus", "alloy"):
        if not find(kind):
            pytest.skip(missing(kind))
    plan = found(
        hours=2,
        line_hours=0.3,
        weeks=0,
        scale=0.1,
        catalog=impatient(tmp_path_factory.mktemp("catalog") / "catalog"),
    )
    with Runner(plan, tmp_path_factory.mktemp("faulty")) as stack:
        time.sleep(_SETTLED)
        one, other = stack.catalog.services[0], stack.catalog.services[-1]
        metric = one.by_role("requests")
        assert metric is not None
        began = time.time()
        renaming = planted.rename(stack, one.id, metric.name, f"renamed_{metric.name}")
        try:
            planted.drop_stream_label(stack, other.id, names.LEVEL)
            yield Planted(stack, began, one.id, metric.name, other.id)
        finally:
            renaming.stop()


def impatient(folder: Path) -> Path:
    """The catalog of this repository, with less patience for a service that is silent."""
    shutil.copytree(ROOT / "catalog", folder, ignore=shutil.ignore_patterns("__pycache__"))
    path = folder / "platform.yaml"
    platform = yaml.safe_load(path.read_text(encoding="utf-8"))
    platform["thresholds"]["silence"] = _SILENCE
    path.write_text(yaml.safe_dump(platform, sort_keys=False), encoding="utf-8")
    return folder


def unified(stack: Stack) -> tuple[str, ...]:
    return (f"{stack.catalog.prefix}-unified",)


def of(made: Audit, *verdicts: str) -> list[Result]:
    return [each for each in made.results if each.verdict in verdicts]


def told(name: str, made: Audit) -> None:
    """For whoever runs it: ``-s`` or a failure shows what the audit found."""
    print(f"{name}: {planted.counted(made.counts())}; links {planted.counted(made.link_counts())}")
    for each in bad(made):
        print(f"  {each}")


def test_a_broken_derived_field_is_named(faulty: Planted) -> None:
    stack = faulty.stack
    before = signals(stack)
    assert not derived(before)
    assert {each.kind for each in before if each.verdict == "OK"} >= _SIGNALS

    def change(datasource: dict[str, Any]) -> None:
        for field in (datasource.get("jsonData") or {}).get("derivedFields") or ():
            field["matcherRegex"] = field["matcherRegex"].replace("trace_id", "traceid")

    with planted.provisioned(stack, change):
        found_then = signals(stack)
    made = derived(found_then)
    print(
        "broken derived fields:", *(f"{each.service}: {each.reason}" for each in made), sep="\n  "
    )
    with_ids = {each.service for each in before if each.kind == "derived-field"}
    assert {each.service for each in made} == with_ids
    reasons = [each.reason for each in made]
    assert any("and it finds none of them" in each for each in reasons), reasons
    assert any("no derived field finds" in each for each in reasons), reasons
    others = [each for each in found_then if each.kind != "derived-field"]
    assert not [each for each in others if each.verdict == "BROKEN"], others


def derived(links: list[Link]) -> list[Link]:
    return [each for each in links if (each.kind, each.verdict) == ("derived-field", "BROKEN")]


def test_a_slow_server_is_named_with_what_its_class_may_take(faulty: Planted) -> None:
    stack = faulty.stack
    delaying = planted.Delaying(stack.urls["loki"], _DELAY)

    def change(datasource: dict[str, Any]) -> None:
        if datasource.get("type") == "loki":
            datasource["url"] = delaying.url

    try:
        with planted.provisioned(stack, change):
            logs = f"{stack.catalog.prefix}-logs-{stack.catalog.services[0].id}"
            made = audited(stack, "rules", "costs", "links", dashboards=(logs,))
    finally:
        delaying.stop()
    told("a slow Loki", made)
    slow = of(made, "SLOW")
    for kind, limit in (("simple", 200), ("json", 500)):
        late = [each for each in slow if f"a {kind} query may take {limit} ms" in each.reason]
        assert late, [each.reason for each in slow]
        for each in late:
            assert each.milliseconds >= _DELAY * 1000
            assert each.reason.startswith(f"took {each.milliseconds:.0f} ms")
    assert {"simple", "json"} <= {each.kind for each in made.timings if each.verdict == "SLOW"}
    assert made.status == 1


def test_a_jaeger_that_hangs_is_unreachable_and_nothing_of_it_is_missing(faulty: Planted) -> None:
    stack = faulty.stack
    pid = stack.processes["jaeger"].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        # One that is stopped takes connections and does not answer: Grafana gives up for us.
        made, links = both(stack)
    finally:
        os.kill(pid, signal.SIGCONT)
        until(
            lambda: requests.get(f"{stack.urls['jaeger']}/api/services", timeout=5).ok, 60, "Jaeger"
        )
    told("a Jaeger that hangs", made)
    unreachable(made, links, {each.id for each in stack.catalog.services})


def test_a_dead_jaeger_is_unreachable_and_nothing_of_it_is_missing(faulty: Planted) -> None:
    faulty.stack.processes["jaeger"].kill()
    made, links = both(faulty.stack)
    told("a dead Jaeger", made)
    unreachable(made, links, {each.id for each in faulty.stack.catalog.services})


def both(stack: Stack) -> tuple[Audit, list[Link]]:
    made = audited(stack, "rules", "costs", "latency", dashboards=unified(stack))
    return made, signals(stack)


def unreachable(made: Audit, links: list[Link], services: set[str]) -> None:
    """What only Jaeger knows is told to be unreachable, and no more than that."""
    assert made.status == 3
    assert of(made, "UNREACHABLE")
    assert not of(made, "ERROR")
    assert not [each for each in of(made, "EMPTY") if "trace" in each.title.lower()]
    for each in made.results:
        assert "Jaeger knows no" not in each.reason
        assert "has no trace" not in each.reason
    lost = [each for each in links if each.verdict == "UNREACHABLE"]
    assert {each.service for each in lost} == services
    broken = [each for each in links if each.verdict == "BROKEN"]
    assert not [each for each in broken if "trac" in each.reason or "aeger" in each.reason], broken
    assert {"exemplar", "trace-metrics"} <= {each.kind for each in lost}


@pytest.fixture(scope="module")
def later(faulty: Planted) -> Audit:
    """What is found once the renamed metric and the lost label can be missed."""
    time.sleep(max(0.0, faulty.began + _GONE - time.time()))
    made = audited(faulty.stack, "links", "costs", "latency")
    told("a renamed metric and a lost stream label", made)
    return made


def reasons(made: Audit, service: str) -> list[str]:
    return [each.reason for each in of(made, "EMPTY") if each.service == service]


def test_a_renamed_metric_disappeared(faulty: Planted, later: Audit) -> None:
    mine = [each for each in reasons(later, faulty.renamed) if each.startswith(faulty.metric)]
    gone = [each for each in mine if "disappeared at" in each]
    assert gone, reasons(later, faulty.renamed)
    # The last sample is one of before the change: within a scrape and a reload of it.
    moments = {moment(each) for each in gone}
    assert all(-60 < each - faulty.began < 30 for each in moments), (moments, faulty.began)
    for service in faulty.stack.catalog.services:
        if service.id != faulty.renamed:
            assert not any("disappeared at" in each for each in reasons(later, service.id))


def moment(reason: str) -> float:
    """When it disappeared, as the reason tells it."""
    text = reason.split("disappeared at ")[1]
    return datetime.strptime(text[:_MOMENT], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()


def test_a_lost_stream_label_is_missing(faulty: Planted, later: Audit) -> None:
    mine = reasons(later, faulty.unlabelled)
    lost = [
        each
        for each in mine
        if each.startswith(f"the stream label '{names.LEVEL}' is missing: none of {{")
    ]
    assert lost, mine
    for service in faulty.stack.catalog.services:
        if service.id != faulty.unlabelled:
            found_there = reasons(later, service.id)
            assert not any("stream label" in each for each in found_there), found_there
