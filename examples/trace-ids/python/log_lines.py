"""Log lines that name the trace and the span they were written in.

Two pieces, for any program that logs with ``logging``: a filter that puts the ids of the active
span on each record, and a formatter that writes a record as one line of JSON. Without a span
there is no id in the line: zeros would be a trace that nobody can open.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

from opentelemetry import trace


class TraceIds(logging.Filter):
    """Puts the active span's ids on every record; holds none back."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Attach it to a handler: a logger's filters do not see what its children log."""
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            record.trace_id = trace.format_trace_id(context.trace_id)
            record.span_id = trace.format_span_id(context.span_id)
        return True


class JsonLine(logging.Formatter):
    """One record as one line: ``ts``, ``level``, ``message``, the ids, and what is in ``fields``.

    ``log.info("done", extra={"fields": {"event": "operation"}})``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a newline in it."""
        values: dict[str, object] = {
            "ts": _timestamp(record),
            "level": _LEVELS.get(record.levelno, record.levelname.lower()),
            "message": record.getMessage(),
        }
        for name in ("trace_id", "span_id"):
            if name in record.__dict__:
                values[name] = record.__dict__[name]
        values |= record.__dict__.get("fields", {})
        if record.exc_info:
            values["exception"] = self.formatException(record.exc_info)
        return json.dumps(values, ensure_ascii=False)


#: Python's own names are longer, and each value of ``level`` is a stream of Loki's.
_LEVELS = {logging.WARNING: "warn", logging.CRITICAL: "error"}


def _timestamp(record: logging.LogRecord) -> str:
    """RFC 3339 in UTC; always with microseconds, so that lines sort as text."""
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def to(stream: TextIO = sys.stdout) -> None:
    """Let all that is logged go there, in this form."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(TraceIds())
    handler.setFormatter(JsonLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
