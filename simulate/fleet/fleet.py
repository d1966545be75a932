"""All services of a world as processes of their own, and one endpoint that makes things go wrong.

fleet = Fleet(world, catalog_folder, folder, otlp="http://127.0.0.1:4318")
fleet.start()   # fleet.targets to scrape, fleet.logs to follow, fleet.control to ask
fleet.stop()
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import requests

import simulate
from simulate.exposition import Agent
from simulate.feed import Sinks, Target
from simulate.fleet import agent_page, control
from simulate.fleet.http_server import Server
from simulate.fleet.settings import Settings
from simulate.world import World

_HOST: Final = "127.0.0.1"
_READY_SECONDS: Final = 90.0
_END_SECONDS: Final = 8.0


class FleetError(Exception):
    """A service could not be started, with what it said last."""


class Fleet:
    """The services of a world, one process each; their pods are threads in it.

    Every file is under ``folder``. Spans go to ``otlp`` (OTLP over HTTP), if there is one. With
    ``push`` no agent is there: lines go to Loki as the ``agent`` would have sent them.
    """

    def __init__(
        self,
        world: World,
        catalog_folder: Path,
        folder: Path,
        *,
        otlp: str | None,
        push: Sinks | None = None,
        agent: Agent = "alloy",
    ) -> None:
        self._world, self._folder = world, folder.resolve()
        self._catalog, self._otlp, self._push = catalog_folder.resolve(), otlp, push
        self._agent = agent
        self.logs = self._folder / "logs"
        self._held: list[socket.socket] = []
        self._pods = {pod.name: self._reserve() for pod in world.pods}
        self._controls = {each.id: self._reserve() for each in world.catalog.services}
        self._endpoint = self._reserve()
        self.control = f"http://{_HOST}:{self._endpoint}"
        self.targets = [Target(pod.service.id, pod, self._pods[pod.name]) for pod in world.pods]
        self.notes: list[str] = []
        self._agent_port = self._reserve() if push else None
        if self._agent_port:
            self.targets.append(Target("agent", None, self._agent_port))
            self.notes.append(
                "no agent reads the log files: the services push their lines to Loki with the "
                f"labels that {agent} would set, and what it would count is counted as they write"
            )
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._servers: list[Server] = []

    def start(self) -> None:
        """Start every process and the endpoint; comes back when each of them answers.

        :raises FleetError: one of them ends, or does not answer in time. None is left running.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        try:
            for service in self._controls:
                self._processes[service] = self._spawn(service)
            deadline = time.monotonic() + _READY_SECONDS
            for service in self._controls:
                self._ready(service, deadline)
        except BaseException:
            self.stop()
            raise
        urls = {name: f"http://{_HOST}:{port}" for name, port in self._controls.items()}
        self._servers.append(control.listen(self._endpoint, self._world.catalog, urls))
        if self._agent_port:
            self._servers.append(agent_page.listen(self._agent_port, list(urls.values())))

    def stop(self) -> None:
        """End every process that it started; a second time does nothing more."""
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()
        processes, self._processes = self._processes, {}
        for process in processes.values():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _END_SECONDS
        for process in processes.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()
        held, self._held = self._held, []
        for each in held:
            each.close()

    def pids(self) -> dict[str, int]:
        """The process of each service."""
        return {service: process.pid for service, process in self._processes.items()}

    def _reserve(self) -> int:
        """A port that no other program is given, for as long as the fleet is there.

        A socket that is bound and does not listen keeps it; one that allows its address to be
        used again may listen there all the same.
        """
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((_HOST, 0))
        self._held.append(held)
        return int(held.getsockname()[1])

    def _spawn(self, service: str) -> subprocess.Popen[bytes]:
        world = self._world
        settings = Settings(
            str(self._catalog),
            world.environment.id,
            world.start,
            world.seed,
            world.scale,
            tuple(sorted(world.bad_canaries)),
            service,
            self._pods,
            self._controls[service],
            str(self.logs),
            self._otlp,
            self._push,
            self._agent,
        )
        path = self._folder / f"{service}.json"
        settings.write(path)
        with self._said(service).open("wb") as said:
            return subprocess.Popen(  # noqa: S603 - this interpreter, our own module
                [sys.executable, "-m", "simulate.fleet.service", str(path)],
                cwd=Path(simulate.__file__).parent.parent,
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def _said(self, service: str) -> Path:
        return self._folder / f"{service}.out"

    def _ready(self, service: str, deadline: float) -> None:
        url = f"http://{_HOST}:{self._controls[service]}/ready"
        while True:
            with contextlib.suppress(requests.RequestException):
                if requests.get(url, timeout=5).ok:
                    return
            ended = self._processes[service].poll() is not None
            if ended or time.monotonic() > deadline:
                said = self._said(service).read_text(errors="replace")[-2000:]
                what = "ended" if ended else "does not answer"
                raise FleetError(f"the service {service} {what}; it said:\n{said}")
            time.sleep(0.05)
