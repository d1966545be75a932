"""The filter that a service attaches so that its lines name their traces."""

from __future__ import annotations

import logging

from opentelemetry.sdk.trace import TracerProvider

from simulate.fleet.trace_filter import TraceContextFilter


def record() -> logging.LogRecord:
    return logging.LogRecord("a", logging.INFO, "", 0, "text", None, None)


def test_a_record_within_a_span_names_it() -> None:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("a")
    with tracer.start_as_current_span("outer"), tracer.start_as_current_span("inner") as span:
        written = record()
        assert TraceContextFilter().filter(written)
    context = span.get_span_context()
    assert written.__dict__["trace_id"] == f"{context.trace_id:032x}"
    assert written.__dict__["span_id"] == f"{context.span_id:016x}"


def test_outside_of_any_both_are_empty_and_a_format_that_names_them_works() -> None:
    written = record()
    assert TraceContextFilter().filter(written)
    formatter = logging.Formatter("%(message)s trace=%(trace_id)s span=%(span_id)s")
    assert formatter.format(written) == "text trace= span="
