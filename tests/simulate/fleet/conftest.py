"""Fleets that run for a few seconds on the loopback address, each started once."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from catalog.load import load_catalog
from catalog.model import Catalog
from simulate.feed import Sinks, Target
from simulate.fleet.fleet import Fleet
from simulate.world import World
from tests.simulate.fleet.receivers import LineReceiver, SpanReceiver

ROOT = Path(__file__).parents[3]
SHIPPED, HARBOUR, MINIMAL = (
    ROOT / "catalog",
    ROOT / "tests/fixtures/second",
    ROOT / "tests/fixtures/minimal",
)
#: The requests and lines of a second or two tell enough.
ENOUGH = 60
DEADLINE = 60.0


def until(what: Callable[[], Any]) -> Any:
    """What it says once it says something true."""
    deadline = time.monotonic() + DEADLINE
    while not (found := what()):
        assert time.monotonic() < deadline, "it does not come to be"
        time.sleep(0.1)
    return found


@dataclass
class Running:
    """A fleet that runs, and what it sent."""

    fleet: Fleet
    catalog: Catalog
    world: World
    spans: SpanReceiver
    loki: LineReceiver | None = None

    def page(self, target: Target) -> str:
        return requests.get(f"http://{target.address}/metrics", timeout=10).text

    def pages(self, service: str) -> list[str]:
        return [self.page(each) for each in self.fleet.targets if each.component == service]

    def counts(self) -> dict[str, dict[str, int]]:
        found = requests.get(f"{self.fleet.control}/counts", timeout=10).json()
        assert isinstance(found, dict)
        return found

    def texts(self, service: str) -> dict[str, str]:
        """What stands in the file of each pod."""
        folder = self.fleet.logs / service
        return {path.stem: path.read_text() for path in folder.rglob("*.log")}

    def lines(self, service: str) -> list[dict[str, Any]]:
        """The records of a service that writes JSON."""
        decoder = json.JSONDecoder()
        found: list[dict[str, Any]] = []
        for text in self.texts(service).values():
            rest = text[: text.rfind("\n") + 1].strip()
            while rest:
                value, end = decoder.raw_decode(rest)
                found.append(value)
                rest = rest[end:].lstrip()
        return found

    def incident(self, kind: str, service: str, seconds: float = 60, **more: float) -> str:
        body = {"kind": kind, "service": service, "seconds": seconds, **more}
        answer = requests.post(f"{self.fleet.control}/incidents", json=body, timeout=10)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def over(self, identifier: str) -> int:
        url = f"{self.fleet.control}/incidents/{identifier}"
        return requests.delete(url, timeout=10).status_code


def start(
    folder: Path, catalog_folder: Path, scale: float, push: bool = False, bad: str = ""
) -> Running:
    catalog = load_catalog(catalog_folder)
    begin = time.time() - 600
    bad_canaries = frozenset({bad} if bad else ())
    world = World(catalog, catalog.default_environment, begin, 1, scale, bad_canaries)
    spans, loki = SpanReceiver(), LineReceiver() if push else None
    sinks = Sinks(loki.url, None, "loki_3", "a-tenant") if loki else None
    fleet = Fleet(world, catalog_folder, folder, otlp=spans.url, push=sinks)
    fleet.start()
    return Running(fleet, catalog, world, spans, loki)


def ended(running: Running) -> None:
    running.fleet.stop()
    running.spans.server.close()
    if running.loki:
        running.loki.server.close()


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The shipped catalog; nothing goes wrong that a test does not end again."""
    running = start(tmp_path_factory.mktemp("fleet"), SHIPPED, 1.0)
    try:
        until(lambda: len(running.spans.spans) > ENOUGH)
        yield running
    finally:
        ended(running)


@pytest.fixture
def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
