"""The services' telemetry, live: pages to scrape, log lines, spans, and what goes wrong on demand.

The services are those of simulate.fleet. What a cache would tell of itself is on a page of our
own where no exporter is.
"""

from __future__ import annotations

import time
from pathlib import Path

from delivery.demo.machine import Machine
from simulate import cache_exposition, exposition
from simulate.exposition import Agent
from simulate.feed import Sinks, Target
from simulate.fleet.fleet import Fleet
from simulate.fleet.http_server import Answer, Request, Server
from simulate.world import World


class Telemetry:
    """Ports are reserved from the construction on, so that they can be written down."""

    def __init__(
        self, world: World, catalog: Path, machine: Machine, sinks: Sinks, agent: Agent | None
    ) -> None:
        """``agent`` is the one that reads the files; without one, lines are pushed to Loki."""
        push = sinks if agent is None and sinks.loki else None
        self._fleet = Fleet(
            world, catalog, machine.logs.parent, otlp=sinks.otlp, push=push, agent=agent or "alloy"
        )
        self._world = world
        self._pages: list[Server] = []
        self.targets: list[Target] = list(self._fleet.targets)
        self.notes: list[str] = list(self._fleet.notes)
        self.control = self._fleet.control

    def cache_page(self, port: int) -> None:
        """Tell of a cache, from now on."""
        families = cache_exposition.of_cache(self._world)

        def page(_: Request) -> Answer:
            text = exposition.page(families, time.time())
            return Answer(body=text.encode(), content_type=exposition.CONTENT_TYPE)

        self._pages.append(Server(port, page))

    def start(self) -> None:
        """Start the services; comes back when each of them answers."""
        self._fleet.start()

    def stop(self) -> None:
        """End all of it; a second time does nothing more."""
        self._fleet.stop()
        while self._pages:
            self._pages.pop().close()
