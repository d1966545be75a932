"""A load on a running stack, and what is in the log files beside what Loki answers.

What is written follows from the catalog: a flood at each service, of as many lines as bring it to
so many times its peak. Silence at all services then holds still what is compared.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from catalog import names
from catalog.service import Service
from delivery.demo.fair import tenant
from simulate.world import World
from tests.live.servers import until
from tests.live.stack import Stack

#: Beyond what is wanted: a second has whole lines only, and what begins takes a moment.
_MARGIN = 1.02
#: No incident of these tests ends before it is ended.
_LONG_SECONDS = 7200.0
#: Lines of one answer: the largest records, of 1 kB, stay below the 4 MB between Loki's parts.
_PAGE = 3000
#: Loki's own chunk_block_size.
_BLOCK_BYTES = 262_144
#: In which Loki has everything that was written, if it ever has. After Loki was away the agent
#: waits up to a minute before it tries again.
_ARRIVED_SECONDS = 180.0
#: Around the time of a test: the clocks of lines and of questions are the same.
_AROUND_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Compared:
    """Records of one pod: in its files, as Loki counts them, and those that differ.

    ``blocks`` is the most that Loki can have cut the pod's lines into.
    """

    pod: str
    written: int
    counted: int
    lost: int
    doubled: int
    blocks: int

    @property
    def same(self) -> bool:
        """Whether each record is there exactly once."""
        return self.written == self.counted and not self.lost and not self.doubled

    @property
    def shown_once(self) -> bool:
        """The same of lines that were sent twice: Loki drops doubles within a block.

        Where a block ends between a line and its double it counts both, and shows one.
        """
        more = self.counted - self.written
        return not self.lost and not self.doubled and 0 <= more <= self.blocks


def peak(stack: Stack) -> int:
    """Lines a second of all services together at their peaks."""
    return sum(each.volume.peak_lines_per_second for each in stack.catalog.services)


def factor(world: World, service: Service, times: float, seconds: float) -> float:
    """How many times the lines that are due from now on are so many times the service's peak."""
    now = time.time()
    flows = [each.flow for each in world.line_kinds if each.pod.service.id == service.id]
    due = sum(each.count(now + seconds) - each.count(now) for each in flows)
    return times * service.volume.peak_lines_per_second * seconds / due * _MARGIN


@contextmanager
def incidents(stack: Stack, asked: list[dict[str, Any]]) -> Iterator[None]:
    """All of them go on while the block does."""
    begun = []
    for each in asked:
        body = {"seconds": _LONG_SECONDS, **each}
        answer = requests.post(f"{stack.control}/incidents", json=body, timeout=30)
        assert answer.ok, answer.text
        begun.append(answer.json()["id"])
    try:
        yield
    finally:
        for identifier in begun:
            assert requests.delete(f"{stack.control}/incidents/{identifier}", timeout=30).ok


@contextmanager
def flooded(stack: Stack, world: World, times: float, seconds: float) -> Iterator[None]:
    """Each service writes so many times the lines of its peak."""
    kind = "flood"
    asked = [
        {"kind": kind, "service": each.id, "factor": factor(world, each, times, seconds)}
        for each in stack.catalog.services
    ]
    with incidents(stack, asked):
        yield


@contextmanager
def silent(stack: Stack) -> Iterator[None]:
    """Nothing is written: what was written before is in the files, and stays as it is."""
    asked = [{"kind": "silence", "service": each.id} for each in stack.catalog.services]
    with incidents(stack, asked):
        before = written(stack)
        while (now := _after(stack, 2)) != before:
            before = now
        yield


def _after(stack: Stack, seconds: float) -> dict[str, dict[str, int]]:
    time.sleep(seconds)
    return written(stack)


def written(stack: Stack) -> dict[str, dict[str, int]]:
    """Records in the files since the start, by service and pod."""
    answer = requests.get(f"{stack.control}/counts", timeout=30)
    answer.raise_for_status()
    found: dict[str, dict[str, int]] = answer.json()
    return found


def total(counts: dict[str, dict[str, int]]) -> int:
    """Of all services together."""
    return sum(sum(each.values()) for each in counts.values())


def counted(stack: Stack, service: Service) -> dict[str, int]:
    """What Loki counts since the start, by pod; never what it remembers of an earlier answer."""
    now = time.time()
    span = f"{now - stack.began + _AROUND_SECONDS:.0f}s"
    query = f'sum by ({names.POD}) (count_over_time({{{names.SERVICE}="{service.id}"}}[{span}]))'
    result = _ask(stack, "query", query=query, time=f"{now:.3f}")
    return {each["metric"].get(names.POD, ""): int(each["value"][1]) for each in result}


def arrived(stack: Stack) -> float:
    """Wait until Loki has as many as were written; how long it took, in seconds."""
    began = time.monotonic()

    def enough() -> bool:
        counts = written(stack)
        try:
            there = sum(sum(counted(stack, each).values()) for each in stack.catalog.services)
        except requests.RequestException:
            return False
        return there >= total(counts)

    try:
        until(enough, _ARRIVED_SECONDS, "everything in Loki")
    except RuntimeError as error:
        print(error)  # What is lost is told pod by pod, with how much of it.
    return time.monotonic() - began


def closed(stack: Stack) -> None:
    """Have Loki close its chunks, as it does with those that are full, old or idle.

    What an agent read twice may be in a chunk twice until then: Loki drops a line that is there
    already among the newest 256 kB of a stream, when it sorts a chunk that it closes, and when it
    reads two chunks of a stream from the store.
    """
    answer = requests.post(f"{stack.urls['loki']}/flush", headers=tenant(stack), timeout=120)
    answer.raise_for_status()


def surplus(stack: Stack) -> dict[str, int]:
    """Of each pod, how many lines Loki counts beyond those written; negative where it has less."""
    wanted = written(stack)
    return {
        pod: there - wanted[service.id].get(pod, 0)
        for service in stack.catalog.services
        for pod, there in counted(stack, service).items()
    }


def compared(stack: Stack) -> list[Compared]:
    """Every record of every pod, line by line; nothing may be written meanwhile."""
    return [
        _compared(stack, service, pod, number, counted(stack, service).get(pod, 0))
        for service in stack.catalog.services
        for pod, number in written(stack)[service.id].items()
    ]


def _compared(stack: Stack, service: Service, pod: str, number: int, there: int) -> Compared:
    in_files = Counter(map(_digest, records(stack, service, pod)))
    # A file that was put aside twice is gone; then nothing could be said of its lines.
    assert in_files.total() == number, (pod, in_files.total(), number)
    in_loki = Counter(map(_digest, held(stack, service, pod)))
    lost, more = in_files - in_loki, in_loki - in_files
    size = sum(len(text.encode()) for text in records(stack, service, pod))
    # Each level is a stream of its own, with a block of its own that is not full.
    blocks = size // _BLOCK_BYTES + len(stack.catalog.platform.levels)
    return Compared(pod, number, there, lost.total(), more.total(), blocks)


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def records(stack: Stack, service: Service, pod: str) -> Iterator[str]:
    """What the pod's files have: a record that spans lines is one."""
    root = stack.folder / "telemetry" / "logs" / service.id
    begins = re.compile(service.logs.multiline.first_line if service.logs.multiline else "")
    for path in sorted(root.rglob(f"{pod}.log*"), reverse=True):
        waiting: list[str] = []
        with path.open(encoding="utf-8") as file:
            for line in file:
                if begins.match(line) and waiting:
                    yield "\n".join(waiting)
                    waiting = []
                waiting.append(line.removesuffix("\n"))
        if waiting:
            yield "\n".join(waiting)


def held(stack: Stack, service: Service, pod: str) -> Iterator[str]:
    """What Loki answers of the pod, as a panel of lines gets it, page by page."""
    since, end = int((stack.began - _AROUND_SECONDS) * 1e9), int(time.time() * 1e9)
    query = f'{{{names.SERVICE}="{service.id}", {names.POD}="{pod}"}}'
    while True:
        span = {"start": str(since), "end": str(end), "direction": "forward"}
        result = _ask(stack, "query_range", query=query, limit=str(_PAGE), **span)
        page = sorted((int(each[0]), each[1]) for stream in result for each in stream["values"])
        if len(page) < _PAGE:
            yield from (text for _, text in page)
            return
        # Of the last moment there may be more: it is asked for again.
        since = page[-1][0]
        assert page[0][0] < since
        yield from (text for moment, text in page if moment < since)


def _ask(stack: Stack, what: str, **asked: str) -> list[dict[str, Any]]:
    """Labels and metadata apart, so that lines of a stream are not told apart by trace ids."""
    headers = {"X-Loki-Response-Encoding-Flags": "categorize-labels", "Cache-Control": "no-cache"}
    answer = requests.get(
        f"{stack.urls['loki']}/loki/api/v1/{what}",
        params=asked,
        headers=headers | tenant(stack),
        timeout=120,
    )
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found


def agent_counted(stack: Stack) -> float:
    """Lines that the agent has counted since it was started, of all services."""
    page = requests.get(f"http://{agent_address(stack)}/metrics", timeout=30).text
    counters = [each.by_role("log_lines") for each in stack.catalog.services]
    wanted = "|".join(sorted({each.name for each in counters if each}))
    found = re.findall(
        rf"^(?:loki_process|promtail)_custom_(?:{wanted})\{{.*\}} (\S+)$", page, re.M
    )
    return sum(map(float, found))


def agent_address(stack: Stack) -> str:
    """Host and port of the agent's own page."""
    ports = stack.catalog.platform.components["agent"].ports
    return f"127.0.0.1:{ports['http']}"
