"""Ten times the seed's peak: nothing is lost, panels stay quick, and servers that are killed go on.

LIVE_LOAD_SECONDS is how long the load lasts; ten minutes unless it is said. What is measured is
written to the file that LIVE_LOAD names.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from catalog import names
from delivery.audit.model import Audit
from simulate.world import World
from tests.live import load
from tests.live.audited import audited, shipped
from tests.live.load import Compared
from tests.live.servers import find, missing
from tests.live.stack import ROOT, Runner, Stack, found

#: As the issue has it.
_TIMES, _SECONDS = 10, float(os.environ.get("LIVE_LOAD_SECONDS", "600"))
#: Before the load begins: what a start brings, and the first evaluations.
_SETTLED_SECONDS = 30.0
#: What has just begun to write is still in the first second, or on its way to the file.
_BEGUN_SECONDS = 3.0
#: Seconds from the begin of the load to each death of the agent, and to Loki's: no two lie at the
#: same time within the ten seconds after which an agent writes down how far it has read.
_AGENT_DIES = (11.0, 24.3, 37.6, 50.9)
_LOKI_DIES = (66.0, 80.0)
#: Before it, Loki loses what came between two deaths with no checkpoint between them: it counts
#: each stream's lines from 0 again and takes the second life's for those of the first
#: (grafana/loki#14848; 2.9.4 does, 3.7.6 does not).
_DIES_AGAIN = (3,)
#: The load goes on so long after the last of them.
_GOES_ON_SECONDS = 12.0
#: Chunks that are closed are written, and leave Loki's memory when they have been kept as long as
#: its file says (twice the idle time); it looks for them twice a minute.
_SWEPT_SECONDS = 120.0
_POLL_SECONDS = 10.0


@dataclass
class Seen:
    """What was measured, in lines, seconds and lines a second."""

    stack: Stack
    rate: float = 0.0
    made: Audit | None = None
    compared: list[Compared] = field(default_factory=list)
    killed: list[Compared] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)

    def say(self, text: str) -> None:
        """For whoever reads the figures afterwards."""
        path = Path(os.environ.get("LIVE_LOAD", self.stack.folder / "load.txt"))
        busy = " ".join(f"{each:.1f}" for each in os.getloadavg())
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%H:%M:%S', time.gmtime())} (load {busy}) {text}\n")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    for kind in ("grafana", "loki", "prometheus", "alertmanager"):
        if not find(kind):
            pytest.skip(missing(kind))
    plan = found(hours=0, line_hours=0, weeks=0, scale=1.0, catalog=ROOT / "catalog")
    if plan.agent is None:
        pytest.skip(missing("agent"))
    runner = Runner(plan, tmp_path_factory.mktemp("load"))
    with runner as stack:
        shipped(stack)
        time.sleep(_SETTLED_SECONDS)
        seen = Seen(stack)
        seen.say(", ".join(map(str, plan.found)))
        _loaded(seen, runner.world)
        _killed(seen, runner.world)
        yield seen


def _loaded(seen: Seen, world: World) -> None:
    stack = seen.stack
    with load.flooded(stack, world, _TIMES, _SECONDS):
        time.sleep(_BEGUN_SECONDS)
        began, before = time.time(), load.total(load.written(stack))
        # Half of the time has to pass, so that the panels' windows are full of it.
        time.sleep(_SECONDS / 2)
        seen.made = audited(stack, "links", "costs", "rules")
        time.sleep(max(0.0, began + _SECONDS - time.time()))
        seen.rate = (load.total(load.written(stack)) - before) / (time.time() - began)
    seen.say(f"{seen.rate:.0f} lines/s for {time.time() - began:.0f} s")
    for each in seen.made.timings:
        seen.say(f"{each.kind}: {each.queries} queries, p50 {each.p50:.0f} p99 {each.p99:.0f} ms")
    seen.say(f"verdicts {seen.made.counts()}")
    seen.compared = _compared(seen)
    seen.pages = _pages(stack)
    seen.say(f"alerts: {sorted(_alerts(stack))}")


def _compared(seen: Seen, *, close: bool = False) -> list[Compared]:
    with load.silent(seen.stack):
        took = load.arrived(seen.stack)
        if close:
            _closed(seen)
        made = load.compared(seen.stack)
    seen.say(f"{sum(each.written for each in made)} records in files, all there after {took:.1f} s")
    for each in made:
        seen.say(f"  {each}")
    return made


def _closed(seen: Seen) -> None:
    """Wait until doubles are gone: two chunks of a stream are told apart in the store only."""
    before = load.surplus(seen.stack)
    seen.say(f"{sum(before.values())} lines too many before chunks were closed, {before}")
    load.closed(seen.stack)
    began, last = time.monotonic(), -1
    deployment = seen.stack.catalog.deployment
    assert deployment is not None
    kept = 2 * deployment.chunks.idle
    while last and time.monotonic() < began + kept + _SWEPT_SECONDS:
        time.sleep(_POLL_SECONDS)
        left = sum(load.surplus(seen.stack).values())
        if left != last:
            seen.say(f"{left} too many {time.monotonic() - began:.0f} s after they were closed")
        last = left


def _killed(seen: Seen, world: World) -> None:
    stack, server = seen.stack, seen.stack.plan.loki
    assert server
    loki_dies = _LOKI_DIES if server.version >= _DIES_AGAIN else _LOKI_DIES[:1]
    last = max(_AGENT_DIES + loki_dies) + _GOES_ON_SECONDS
    counted = 0.0
    with load.flooded(stack, world, _TIMES, last):
        began = time.time()
        for after in _AGENT_DIES:
            time.sleep(max(0.0, began + after - time.time()))
            counted += load.agent_counted(stack)
            stack.processes["agent"].kill()
            _again(stack, "agent", f"http://{load.agent_address(stack)}/metrics")
        for after in loki_dies:
            time.sleep(max(0.0, began + after - time.time()))
            stack.processes["loki"].kill()
            _again(stack, "loki", f"{stack.urls['loki']}/ready")
        time.sleep(max(0.0, began + last - time.time()))
    seen.killed = _compared(seen, close=True)
    counted += load.agent_counted(stack)
    written = sum(each.written for each in seen.killed)
    seen.say(f"the agents' counters: {counted:.0f} for {written} records")


def _again(stack: Stack, name: str, url: str) -> None:
    stack.processes[name].again()
    stack.processes[name].ready(url)


def _alerts(stack: Stack) -> set[tuple[str, str, str]]:
    """Severity, name and service of each alert since the start, pending ones left out."""
    span = f"{time.time() - stack.began:.0f}s"
    told = requests.get(
        f"{stack.urls['prometheus']}/api/v1/query",
        params={"query": f'last_over_time(ALERTS{{alertstate="firing"}}[{span}])'},
        timeout=30,
    ).json()["data"]["result"]
    there = requests.get(f"{stack.urls['alertmanager']}/api/v2/alerts", timeout=30).json()
    labels = [each["metric"] for each in told] + [each["labels"] for each in there]
    return {
        (each.get("severity", ""), each["alertname"], each.get(names.SERVICE, ""))
        for each in labels
    }


def _pages(stack: Stack) -> set[str]:
    return {f"{name} {service}" for kind, name, service in _alerts(stack) if kind == names.PAGE}


def test_the_load_is_what_it_is_called(seen: Seen) -> None:
    assert seen.rate >= _TIMES * load.peak(seen.stack)


def test_each_record_of_the_files_is_in_loki_once(seen: Seen) -> None:
    assert len(seen.compared) > len(seen.stack.catalog.services)
    assert all(each.same for each in seen.compared), seen.compared


def test_panels_answer_within_their_targets_under_it(seen: Seen) -> None:
    assert seen.made is not None
    assert {each.verdict for each in seen.made.timings} == {"OK"}, seen.made.timings
    late = [each for each in seen.made.results if each.verdict in {"SLOW", "ERROR", "UNREACHABLE"}]
    assert not late, late
    panels = {each.verdict for each in seen.made.results if each.kind == "panel"}
    assert "OK" in panels


def test_nobody_is_paged_for_many_lines(seen: Seen) -> None:
    assert not seen.pages


def test_nothing_is_lost_or_doubled_where_the_agent_and_loki_are_killed(seen: Seen) -> None:
    assert all(each.shown_once for each in seen.killed), seen.killed
