"""Feeds real servers: pages for Prometheus to scrape, lines for Loki, spans for Jaeger.

It stands in for the services and for the log agent: what it pushes to Loki carries the
labels that the agent would have set.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from simulate import cache_exposition, exposition, log_lines, traces
from simulate.exposition import Agent, Family
from simulate.log_lines import LogLines, Release
from simulate.traces import Traces
from simulate.world import Pod, World

_HOST = "127.0.0.1"
#: How often lines and spans are pushed.
_TICK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Target:
    """A page to scrape: ``pod`` is None for the agent's and the cache's."""

    component: str
    pod: Pod | None
    port: int

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{_HOST}:{self.port}"


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where lines and spans go; None where there is no such server."""

    loki: str | None
    otlp: str | None
    release: Release
    tenant: str | None = None


class Feed:
    """Everything that runs while servers are fed; ``stop`` ends all of it."""

    def __init__(self, world: World, sinks: Sinks, agent: Agent = "promtail") -> None:
        self._world, self._sinks = world, sinks
        self._traces = Traces(world)
        self._lines = LogLines(world, self._traces, sinks.release)
        self._agent = agent
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._servers: list[ThreadingHTTPServer] = []
        self.faults: list[str] = []

    def families(self) -> list[tuple[str, Pod | None, list[Family]]]:
        """What each target exposes: component (or service), pod, families."""
        world = self._world
        pages: list[tuple[str, Pod | None, list[Family]]] = [
            (pod.service.id, pod, exposition.of_pod(world, self._traces, pod)) for pod in world.pods
        ]
        pages.append(("agent", None, exposition.of_agent(world, self._agent)))
        if "memcached" in world.catalog.platform.components:
            pages.append(("memcached", None, cache_exposition.of_cache(world)))
        return pages

    def listen(self) -> list[Target]:
        """Serve every page on a free port of this machine."""
        targets: list[Target] = []
        for component, pod, families in self.families():
            server = ThreadingHTTPServer((_HOST, 0), _handler(families))
            server.daemon_threads = True
            self._servers.append(server)
            self._run(server.serve_forever)
            targets.append(Target(component, pod, server.server_address[1]))
        return targets

    def backfill(self, since: float, until: float, step: float = 120.0) -> int:
        """Push the lines and spans of a time that is over, oldest first; how many lines."""
        session = requests.Session()
        pushed = 0
        moment = since
        while moment < until:
            after = min(moment + step, until)
            pushed += self._push(session, moment, after)
            moment = after
        return pushed

    def start(self, since: float) -> None:
        """Go on from ``since`` with what happens now, until stopped."""
        self._run(lambda: self._live(since))

    def stop(self) -> None:
        """End every thread and close every port."""
        self._stopping.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _live(self, since: float) -> None:
        session = requests.Session()
        while not self._stopping.wait(_TICK_SECONDS):
            now = time.time()
            try:
                self._push(session, since, now)
            except requests.RequestException as error:
                self.faults.append(str(error))
            since = now

    def _push(self, session: requests.Session, since: float, until: float) -> int:
        sinks, world = self._sinks, self._world
        if sinks.otlp:
            found = list(self._traces.between(since, until))
            version = exposition.version(world.catalog.services[0], until)
            traces.push(session, sinks.otlp, traces.otlp(found, world.scope(), version))
        if not sinks.loki:
            return 0
        lines = self._lines.between(since, until)
        for portion in log_lines.batches(lines):
            body = log_lines.push_body(portion, sinks.release)
            log_lines.push(session, sinks.loki, body, sinks.tenant)
        return len(lines)


def _handler(families: list[Family]) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        """Answers every request with the metrics of one target."""

        def do_GET(self) -> None:
            body = exposition.page(families, time.time()).encode()
            self.send_response(200)
            self.send_header("Content-Type", exposition.CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A scrape every few seconds is no news."""

    return Page
