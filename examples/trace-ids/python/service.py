"""A service whose log lines, spans and metrics name each other.

    OTEL_SERVICE_NAME=ryot OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 \
      python service.py --port 8080

It needs opentelemetry-sdk, opentelemetry-exporter-otlp-proto-http and prometheus-client.
``GET /v1/models`` answers, ``GET /v1/fail`` fails, ``GET /metrics`` is what Prometheus scrapes.
"""

from __future__ import annotations

import argparse
import logging
import signal
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import log_lines
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import Histogram
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import REGISTRY

LOG = logging.getLogger("service")
TRACER = trace.get_tracer("service")
REQUESTS = Histogram(
    "http_server_request_duration_seconds",
    "Duration of HTTP requests as the server sees them.",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
ANSWERS = {"/v1/models": 200, "/v1/fail": 500}


class Handler(BaseHTTPRequestHandler):
    """Answers; each request has a span, a line and an observation, with one trace id in all."""

    def do_GET(self) -> None:
        """A request of a user, or Prometheus."""
        if self.path == "/metrics":
            # Exemplars are only in the OpenMetrics format.
            page: bytes = generate_latest(REGISTRY)  # type: ignore[no-untyped-call]
            self._answer(200, page, CONTENT_TYPE_LATEST)
            return
        began = time.perf_counter()
        route, status = self.path, ANSWERS.get(self.path, 404)
        if status == 404:
            # Never the path itself: everybody on the internet can make up one.
            route = "other"
        # The caller's span, from the header traceparent, is the parent of ours.
        with TRACER.start_as_current_span(
            f"GET {route}", extract(self.headers), SpanKind.SERVER
        ) as span:
            span.set_attribute("http.request.method", "GET")
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", status)
            if status >= 500:
                span.set_status(StatusCode.ERROR)
            self._tell(route, status, time.perf_counter() - began, span.get_span_context())
            self._answer(status, b"", "text/plain")

    def _tell(self, route: str, status: int, seconds: float, context: trace.SpanContext) -> None:
        """Within the span: what is logged here carries its ids by itself."""
        failed = status >= 500
        fields = {
            "event": "operation",
            "module": "api",
            "outcome": "failure" if failed else "success",
            "duration_ms": round(1000 * seconds, 3),
        }
        level = logging.ERROR if failed else logging.INFO
        LOG.log(level, "GET %s: %d", route, status, extra={"fields": fields})
        exemplar = {"trace_id": trace.format_trace_id(context.trace_id)}
        REQUESTS.labels("GET", route, str(status)).observe(
            seconds, exemplar if context.trace_flags.sampled else None
        )

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """http.server's own lines are none of ours."""


def main() -> None:
    """Serve until SIGTERM; then send what waits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    port = parser.parse_args().port
    log_lines.to()
    # Name and address come from OTEL_SERVICE_NAME and OTEL_EXPORTER_OTLP_ENDPOINT.
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    signal.signal(signal.SIGTERM, _stop)
    LOG.info("listening at %d", server.server_port, extra={"fields": {"event": "lifecycle"}})
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        LOG.info("stopping", extra={"fields": {"event": "lifecycle"}})
    finally:
        server.server_close()
        provider.shutdown()


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
