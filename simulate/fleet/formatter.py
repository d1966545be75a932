"""A record in the format of the service that writes it, as the catalog describes its lines."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.service import Service
from simulate import log_lines
from simulate.world import LineKind


@dataclass(frozen=True, slots=True)
class Line:
    """What the code that logs hands over beside the message: ``extra={"line": Line(...)}``."""

    kind: LineKind
    fields: Mapping[str, object]


class ServiceFormatter(logging.Formatter):
    """JSON or logfmt, with the fields in the catalog's order and a timestamp of its form."""

    def __init__(self, service: Service) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line; an error of a service whose records span lines has several."""
        line: Line = record.__dict__["line"]
        return log_lines.text(self._service, self.values(record), line.kind.bad)

    def values(self, record: logging.LogRecord) -> dict[str, object]:
        """Every field that the record has, the trace's ids where it was written within one."""
        logs, told = self._service.logs, record.__dict__["line"].fields
        found: dict[str, object] = {}
        for field in logs.fields:
            if field.name == logs.timestamp:
                found[field.name] = log_lines.timestamp(record.created)
            elif field.name == logs.message:
                found[field.name] = record.getMessage()
            elif field.type in {"trace_id", "span_id"}:
                if known := record.__dict__[field.type]:
                    found[field.name] = known
            elif field.name in told:
                found[field.name] = told[field.name]
        return found
