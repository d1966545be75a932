"""The place of one pod: its log file and its port outlast the programs that run there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from catalog.service import Service
from simulate import exposition
from simulate.fleet import meters
from simulate.fleet.calls import Calls
from simulate.fleet.clock import Clock
from simulate.fleet.formatter import ServiceFormatter
from simulate.fleet.http_server import Answer, HungUpError, Request, Server
from simulate.fleet.incidents import Incidents
from simulate.fleet.log_file import LogFile
from simulate.fleet.meters import Meters
from simulate.fleet.pod import Behaviour, DiedError, PodProgram
from simulate.fleet.pod_lines import PodLines
from simulate.fleet.trace_filter import TraceContextFilter
from simulate.fleet.tracing import Tracing
from simulate.world import Pod

_METRICS = "/metrics"


class Replica:
    """Where a pod runs, dies and is started again."""

    def __init__(
        self,
        usual: Behaviour,
        bad: Behaviour | None,
        *,
        logs: Path,
        incidents: Incidents,
        clock: Clock,
        network: Calls,
        spans: Callable[[], SpanExporter] | None,
        others: Iterable[logging.Handler] = (),
    ) -> None:
        self.pod = usual.pod
        self._usual, self._bad = usual, bad
        self._incidents, self._clock, self._network = incidents, clock, network
        self._spans = spans
        self.log = LogFile(log_path(logs, self.pod))
        self._handlers = (self.log, *others)
        dress(self.log, self.pod.service, incidents)
        self._exporter: _Mortal | None = None
        self._server: Server | None = None
        self.program = self._begin()

    def listen(self, port: int) -> None:
        """Answer there."""
        self._server = Server(port, self._handle)

    def die(self) -> None:
        """End the program as a killed process ends: nothing that it holds is kept or sent."""
        self.program.alive = False
        if self._exporter:
            self._exporter.dead = True
        if self._server:
            self._server.close()
        self.program.spans.close()

    def restart(self, port: int) -> None:
        """Start anew, with everything at 0."""
        self.program = self._begin()
        self.listen(port)

    def flush(self) -> None:
        """Write the lines that are due."""
        if self.program.alive:
            self.program.lines.overdue()
        for handler in self._handlers:
            handler.flush()

    def close(self, milliseconds: int) -> None:
        """End as a process that is asked to: its lines are written, its spans are sent."""
        self.flush()
        self.program.spans.flush(milliseconds)
        self.log.close()

    def _begin(self) -> PodProgram:
        world = self._usual.planner.world
        version = exposition.version(self.pod.service, self._clock.now())
        self._exporter = _Mortal(self._spans()) if self._spans else None
        spans = Tracing(world, self.pod, version, self._clock, self._exporter)
        platform = world.catalog.platform
        lines = PodLines(self.pod.name, platform, self._handlers, self._incidents, self._clock)
        measured = Meters(world, self.pod, self._clock)
        return PodProgram(
            self._usual,
            self._bad,
            meters=measured,
            spans=spans,
            lines=lines,
            network=self._network,
            incidents=self._incidents,
            clock=self._clock,
        )

    def _handle(self, asked: Request) -> Answer:
        program = self.program
        if asked.path == _METRICS:
            return Answer(200, program.meters.page(), meters.CONTENT_TYPE)
        if "traceparent" not in asked.headers:
            return Answer(400, b"this service answers the others of its fleet\n")
        try:
            return Answer(200 if program.called(dict(asked.headers)) else 500)
        except DiedError:
            raise HungUpError from None


def dress(handler: logging.Handler, service: Service, incidents: Incidents) -> None:
    """Make it write the service's format, with the ids of the span that a record belongs to."""
    handler.addFilter(_LostContext(incidents))
    handler.setFormatter(ServiceFormatter(service))


def log_path(logs: Path, pod: Pod) -> Path:
    """``<service>/<track>/<pod>.log``; without the track where no one speaks of canaries."""
    folder = logs / pod.service.id
    return (folder / pod.track if pod.track else folder) / f"{pod.name}.log"


class _LostContext(TraceContextFilter):
    """The filter as it should be, but for an incident in which it finds no context."""

    def __init__(self, incidents: Incidents) -> None:
        super().__init__()
        self._incidents = incidents

    def filter(self, record: logging.LogRecord) -> bool:
        super().filter(record)
        if self._incidents.active("lost-trace-ids"):
            record.trace_id = record.span_id = ""
        return True


class _Mortal(SpanExporter):
    """Sends spans until its process is dead."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner, self.dead = inner, False

    def export(self, spans: Iterable[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS if self.dead else self._inner.export(list(spans))

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)
