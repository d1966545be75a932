"""How many lines a second the current stack takes, as multiples of the system's peak.

Loki and Alloy run with the files that ship for a host, limits and all. Lines are those of the
simulated services. First they are pushed at a pace; then Alloy reads files as fast as it can.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

import pipeline.registry
from delivery.render import encode
from simulate.log_lines import WrittenLine
from tests.live import agents
from tests.live.agent_samples import SHIPPED, altered, written
from tests.live.servers import Process, Server, find, free_port, missing

#: Multiples of the peak that are pushed, for how long, and how often a second.
TIMES, SECONDS, BATCHES = (1, 100), 20, 10
#: Requests on their way at once.
_AT_ONCE = 4
#: Lines that wait in the files when the agent starts.
BACKLOG = 60_000
_EVERYTHING = '{service=~".+"}'
_NS = 10**9


def measure_lines(work: Path) -> None:
    """Lines accepted and lost by Loki, and by Alloy and Loki together."""
    print()
    loki = next((each for each in find("loki") if each.version >= (3,)), None)
    if loki is None:
        print(f"Lines a second: skipped, {missing('loki')}, release 3")
        return
    peak = round(sum(each.volume.peak_lines_per_second for each in SHIPPED.services))
    sample = written(SHIPPED, "host", True, time.time())
    size = sum(len(each.text.encode()) for each in sample) / len(sample)
    print(f"Lines of {size:.0f} bytes into {loki}; aim: 100 times the peak of {peak} a second")
    for times in TIMES:
        with running(loki, work / f"loki-{times}") as (url, _):
            _pushed(url, sample, times, peak)
    alloy = next(iter(find("alloy")), None)
    if alloy is None:
        print(f"  through the agent: skipped, {missing('alloy')}")
        return
    with running(loki, work / "loki-agent") as (url, process):
        _read(url, process, alloy, sample, peak, work)


@contextmanager
def running(server: Server, folder: Path) -> Iterator[tuple[str, Process]]:
    """A Loki with the host's file, but for its ports and folders."""
    release = next(
        each for each in SHIPPED.platform.components["loki"].releases if each.startswith("3")
    )
    [made] = [
        each
        for each in pipeline.registry.generate(SHIPPED)
        if each.path == f"deploy/host/loki-{release}.yaml"
    ]
    http, grpc = free_port(), free_port()
    (folder / "rules").mkdir(parents=True)
    config = folder / "loki.yaml"
    text = encode(made).decode()
    config.write_text(text.replace(": 3100", f": {http}").replace(": 9096", f": {grpc}"))
    command = [server.path, "-config.expand-env=true", f"-config.file={config}"]
    env = {"LOKI_DATA": str(folder / "data"), "LOKI_RULES": str(folder / "rules")}
    process = Process("loki", command, folder / "log", env)
    try:
        process.ready(f"http://{agents.HOST}:{http}/ready", 120)
        yield f"http://{agents.HOST}:{http}", process
    finally:
        process.stop()


def _pushed(url: str, sample: Sequence[WrittenLine], times: int, peak: int) -> None:
    """Batches of lines at a pace; who falls behind shows in the lines a second."""
    each = times * peak // BATCHES
    turns = itertools.cycle(sample)
    begun, sent, refused = time.time(), 0, 0
    with requests.Session() as session, ThreadPoolExecutor(_AT_ONCE) as pool:
        session.mount("http://", HTTPAdapter(pool_maxsize=_AT_ONCE))

        def push(lines: list[WrittenLine], moment: int) -> bool:
            body = json.dumps({"streams": _streams(lines, moment)}).encode()
            answer = session.post(
                f"{url}/loki/api/v1/push",
                data=body,
                headers={"Content-Type": "application/json"},
                timeout=60,
            )
            return answer.status_code == requests.codes.no_content

        waiting = []
        for turn in range(SECONDS * BATCHES):
            ahead = begun + turn / BATCHES - time.time()
            if ahead > 0:
                time.sleep(ahead)
            batch = list(itertools.islice(turns, each))
            waiting.append(pool.submit(push, batch, int(begun * _NS) + turn * _NS // BATCHES))
            sent += each
        refused = sum(each for done in waiting if not done.result())
    took = time.time() - begun
    kept = _settled(url, int(begun), sent - refused)
    print(
        f"  {times:4d} times the peak, pushed: {kept / took:8.0f} lines/s kept "
        f"({kept / took / peak:6.1f} times), {refused} refused, {sent - refused - kept} lost"
    )


def _streams(lines: Iterable[WrittenLine], moment: int) -> list[dict[str, Any]]:
    streams: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
    for number, line in enumerate(lines):
        value = [str(moment + number), line.sent.text, dict(line.sent.metadata)]
        streams.setdefault(line.sent.labels, []).append(value)
    return [{"stream": dict(labels), "values": values} for labels, values in streams.items()]


def _settled(url: str, begun: int, wanted: int) -> int:
    """What Loki counts in the end: it answers for what it has taken at once, or soon."""
    found = 0
    for _ in range(20):
        now = int(time.time()) + 60
        found = agents.counted(url, _EVERYTHING, now, now - begun + 60)
        if found >= wanted:
            break
        time.sleep(1)
    return found


def _read(
    url: str, process: Process, server: Server, sample: list[WrittenLine], peak: int, work: Path
) -> None:
    """Files that are there already, read by the shipped config.alloy."""
    usual = [line for line in sample if "\n" not in line.text]
    moments = itertools.count()
    lines = [
        altered(line, next(moments) / 1000)
        for line in itertools.islice(itertools.cycle(usual), BACKLOG)
    ]
    agents.write(work / "logs", sorted(lines, key=lambda each: each.sent.moment))
    first = min(each.sent.moment for each in lines)
    last = max(each.sent.moment for each in lines)
    at = agents.Address(work / "logs", work / "state", free_port(), free_port(), url)
    config = agents.configuration("alloy", server, SHIPPED, at, work / "alloy")
    begun = time.time()
    agent = agents.start(server, config, at)
    try:
        agents.wait_for(url, _EVERYTHING, first - _NS, last + _NS, len(lines), process)
        took = time.time() - begun
        kept = agents.counted(url, _EVERYTHING, last // _NS + 2, (last - first) // _NS + 5)
    finally:
        agent.stop()
    print(
        f"  files read by {server}: {kept / took:8.0f} lines/s "
        f"({kept / took / peak:6.1f} times), {len(lines) - kept} lost"
    )
