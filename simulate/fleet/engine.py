"""Everything that goes on in one service's process: what is due is done when it is due."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from opentelemetry.sdk.trace.export import SpanExporter

from catalog.service import Service
from simulate.fleet.arrivals import WINDOW, Arrivals, Due, DueLine, DueRequest
from simulate.fleet.calls import Calls
from simulate.fleet.clock import Clock
from simulate.fleet.incidents import Incidents
from simulate.fleet.plans import Planner
from simulate.fleet.pod import Behaviour, DiedError
from simulate.fleet.replica import Replica, dress
from simulate.world import World

#: Requests that wait for others, and for their time, hold a thread each: at ten times the peak
#: and with a slow dependency there are hundreds. Threads are started as they are needed.
_THREADS: Final = 600
_FLUSH_SECONDS: Final = 0.1
#: What is due within so short a time is done at once.
_TOGETHER_SECONDS: Final = 0.01


class Engine:
    """Runs the pods of one service. ``bad`` is the same world with a bad canary of the service."""

    def __init__(
        self,
        world: World,
        bad: World,
        service: Service,
        *,
        logs: Path,
        clock: Clock,
        network: Calls,
        spans: Callable[[], SpanExporter] | None,
        others: Sequence[logging.Handler] = (),
    ) -> None:
        self._clock = clock
        self.incidents = Incidents(clock)
        self._arrivals = {worse: _Side(each, service.id) for worse, each in _sides(world, bad)}
        usual, worse = self._arrivals[False], self._arrivals[True]
        self.replicas = [
            Replica(
                usual.behaviours[pod.name],
                worse.behaviours[pod.name] if pod.weight < 1 else None,
                logs=logs,
                incidents=self.incidents,
                clock=clock,
                network=network,
                spans=spans,
                others=others,
            )
            for pod in world.pods_of(world.catalog.service(service.id))
        ]
        self._crashing = self.replicas[0]
        for handler in others:
            dress(handler, service, self.incidents)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def due(self, since: float) -> list[tuple[Replica, Due]]:
        """What is due in the second that begins then, at all pods, in order."""
        flood = self.incidents.active("flood")
        factor = flood.factor or 1.0 if flood else 1.0
        found: list[tuple[Replica, Due]] = []
        for replica in self.replicas:
            behaviour = replica.program.behaviour
            worse = behaviour.planner is self._arrivals[True].planner
            arrivals = self._arrivals[worse].arrivals
            found += ((replica, each) for each in arrivals.due(behaviour.pod, since, factor))
        return sorted(found, key=lambda each: each[1].moment)

    def do(self, replica: Replica, due: Due, begin: Callable[..., object]) -> None:
        """Do it; a request is handed to ``begin``, since it takes its time."""
        program = replica.program
        if not program.alive:
            return  # nobody is there: a request is refused, a line not written
        if isinstance(due, DueRequest):
            begin(_arrived, replica, due)
        elif isinstance(due, DueLine):
            program.lines.due(due)
        else:
            program.counted(due)

    def start(self, ports: Mapping[str, int]) -> None:
        """Answer, and do all that is due from now on."""
        for replica in self.replicas:
            replica.listen(ports[replica.pod.name])
        for work in (self._go_on, self._flush, lambda: self._keep(ports)):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, milliseconds: int) -> None:
        """Begin nothing more; write every line and send every span, if that takes no longer."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(milliseconds / 1000)
        for replica in self.replicas:
            replica.close(milliseconds)

    def counts(self) -> dict[str, int]:
        """Lines that were written since the start, by pod."""
        return {replica.pod.name: replica.log.written for replica in self.replicas}

    def _go_on(self) -> None:
        pool = ThreadPoolExecutor(_THREADS)
        since = float(math.ceil(self._clock.now()))
        while not self._wait(since):
            for replica, due in self.due(since):
                if due.moment - self._clock.now() > _TOGETHER_SECONDS and self._wait(due.moment):
                    return
                self.do(replica, due, pool.submit)
            since += WINDOW

    def _wait(self, moment: float) -> bool:
        """Until the moment; whether everything is to end."""
        return self._stopping.wait(max(0.0, moment - self._clock.now()))

    def _flush(self) -> None:
        while not self._stopping.wait(_FLUSH_SECONDS):
            for replica in self.replicas:
                replica.flush()

    def _keep(self, ports: Mapping[str, int]) -> None:
        """Kill the first pod and start it again, as a crash loop asks."""
        replica = self._crashing
        while not self._stopping.wait(_FLUSH_SECONDS):
            crash = self.incidents.active("crash-loop")
            dead = crash is not None and crash.kills(self._clock.now())
            if dead and replica.program.alive:
                replica.die()
            elif not dead and not replica.program.alive:
                replica.restart(ports[replica.pod.name])


class _Side:
    """What comes to a service in one of the two worlds."""

    def __init__(self, world: World, service: str) -> None:
        self.planner = Planner(world)
        chosen = world.catalog.service(service)
        self.arrivals = Arrivals(self.planner, chosen)
        kinds = world.line_kinds
        self.behaviours = {
            pod.name: Behaviour(self.planner, pod, [kind for kind in kinds if kind.pod is pod])
            for pod in world.pods_of(chosen)
        }


def _sides(world: World, bad: World) -> tuple[tuple[bool, World], ...]:
    return (False, world), (True, bad)


def _arrived(replica: Replica, due: DueRequest) -> None:
    with contextlib.suppress(DiedError):
        replica.program.arrived(due)
