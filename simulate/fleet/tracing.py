"""Spans of one pod by the OpenTelemetry SDK, as simulate.traces describes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagators.textmap import Getter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from simulate import traces
from simulate.fleet.clock import Clock
from simulate.fleet.ids import SeededIds
from simulate.world import Pod, World

#: Spans are to be found within seconds of the request.
_DELAY_MILLISECONDS: Final = 1000
#: What waits while the receiver is away; more is given up.
_QUEUE: Final = 8192
_TIMEOUT_SECONDS: Final = 5
_W3C: Final = TraceContextTextMapPropagator()


class Tracing:
    """What makes the spans of a pod and sends them."""

    def __init__(
        self, world: World, pod: Pod, version: str, clock: Clock, exporter: SpanExporter | None
    ) -> None:
        resource = Resource(dict(traces.resource(pod, world.scope(), version)))
        self._provider = TracerProvider(
            resource=resource, id_generator=SeededIds(), shutdown_on_exit=False
        )
        if exporter is not None:
            self._provider.add_span_processor(
                BatchSpanProcessor(
                    exporter, max_queue_size=_QUEUE, schedule_delay_millis=_DELAY_MILLISECONDS
                )
            )
        self._tracer, self._clock = self._provider.get_tracer("simulate"), clock

    @contextmanager
    def span(
        self, name: str, kind: SpanKind, tags: Mapping[str, str], parent: Context | None = None
    ) -> Iterator[Span]:
        """A span around what is done within, by the clock of the program."""
        span = self._tracer.start_span(
            name, parent, kind, dict(tags), start_time=self._nanoseconds()
        )
        with trace.use_span(span, end_on_exit=False):
            try:
                yield span
            finally:
                span.end(self._nanoseconds())

    def flush(self, milliseconds: int) -> None:
        """Send what waits, as long as that takes no longer."""
        self._provider.force_flush(milliseconds)

    def close(self) -> None:
        """Send no more."""
        self._provider.shutdown()

    def _nanoseconds(self) -> int:
        return int(self._clock.now() * 1e9)


def exporter(otlp: str) -> SpanExporter:
    """Sends spans by OTLP over HTTP."""
    return OTLPSpanExporter(endpoint=f"{otlp}/v1/traces", timeout=_TIMEOUT_SECONDS)


def fails(span: Span) -> None:
    """Mark it as one that went wrong."""
    span.set_status(Status(StatusCode.ERROR, "it failed"))


def headers() -> dict[str, str]:
    """What tells the service that is called of the span it is called in: W3C's traceparent."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier


def parent(carrier: Mapping[str, str]) -> Context:
    """The caller's span, as the headers of its request tell."""
    return _W3C.extract(carrier, getter=_HEADERS)


class _Headers(Getter[Mapping[str, str]]):
    """Reads headers of any case."""

    def get(self, carrier: Mapping[str, str], key: str) -> list[str] | None:
        """The one value, if there is one."""
        value = carrier.get(key)
        return None if value is None else [value]

    def keys(self, carrier: Mapping[str, str]) -> list[str]:
        """All names."""
        return list(carrier)


_HEADERS = _Headers()


def ids(span: Span) -> tuple[str, str]:
    """Its trace's and its own id."""
    context = span.get_span_context()
    return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)
