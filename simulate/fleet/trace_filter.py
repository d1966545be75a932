"""Each log record says which trace and which span it was written in.

It needs no knowledge of the code that logs: attach it to a handler, and name the two attributes
in the formatter. ``%(trace_id)s`` does in a plain one, a JSON one writes them as fields.
"""

from __future__ import annotations

import logging

from opentelemetry import trace


class TraceContextFilter(logging.Filter):
    """Puts the active span's ids into every record, as hexadecimal digits."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Outside of any span both are empty; no record is held back."""
        context = trace.get_current_span().get_span_context()
        record.trace_id = trace.format_trace_id(context.trace_id) if context.is_valid else ""
        record.span_id = trace.format_span_id(context.span_id) if context.is_valid else ""
        return True
