"""The program of one service: ``python -m simulate.fleet.service SETTINGS.json``.

Its pods run in it. It ends when it is asked to, and when the process that started it is gone:
that one holds the other end of its standard input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Final

from simulate.fleet import meters, tracing
from simulate.fleet.agent_meters import AgentMeters
from simulate.fleet.calls import HttpCalls
from simulate.fleet.clock import SystemClock
from simulate.fleet.engine import Engine
from simulate.fleet.http_server import Answer, Request, Server, as_json
from simulate.fleet.incidents import Incident
from simulate.fleet.pushing import Pusher
from simulate.fleet.settings import Settings

#: As long as the last lines and spans may take.
_GRACE_MILLISECONDS: Final = 2000


def run(settings: Settings, ended: threading.Event) -> None:
    """Run until ``ended``."""
    world = settings.world()
    service = world.catalog.service(settings.service)
    spans = partial(tracing.exporter, settings.otlp) if settings.otlp else None
    logs = Path(settings.logs)
    agent = AgentMeters(world, service, settings.agent)
    push = Pusher(world, settings.push, agent, logs) if settings.push else None
    engine = Engine(
        world,
        settings.world(settings.service),
        service,
        logs=logs,
        clock=SystemClock(),
        network=HttpCalls.to(settings.ports),
        spans=spans,
        others=(push,) if push else (),
    )
    engine.start(settings.ports)
    if push:
        push.start()
    control = Server(settings.control, partial(_control, engine, agent))
    ended.wait()
    control.close()
    engine.stop(_GRACE_MILLISECONDS)
    if push:
        push.stop(_GRACE_MILLISECONDS / 1000)


def _control(engine: Engine, agent: AgentMeters, asked: Request) -> Answer:
    """What the fleet asks of its services."""
    place = asked.method, asked.path.partition("?")[0]
    if place == ("GET", "/ready"):
        return as_json({"ready": True})
    if place == ("GET", "/counts"):
        return as_json(engine.counts())
    if place == ("GET", "/agent"):
        return Answer(200, agent.page(), meters.CONTENT_TYPE)
    if place == ("GET", "/incidents"):
        return as_json([each.json() for each in engine.incidents.all()])
    if place == ("POST", "/incidents"):
        engine.incidents.add(Incident(**json.loads(asked.body)))
        return as_json({}, 201)
    if asked.method == "DELETE":
        return as_json({}, 200 if engine.incidents.end(asked.path.rpartition("/")[2]) else 404)
    return as_json({}, 404)


def main() -> None:
    """Read the settings, run, and end at once."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=_watch_parent, args=(ended,), daemon=True).start()
    run(Settings.read(Path(sys.argv[1])), ended)
    # Requests that still sleep would hold the interpreter up.
    sys.stderr.flush()
    os._exit(0)


def _watch_parent(ended: threading.Event) -> None:
    sys.stdin.buffer.read()
    ended.set()


if __name__ == "__main__":
    main()
