"""Lines of an example, held against what the catalog declares of a service's lines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog.load import load_catalog
from catalog.service import Service

ROOT = Path(__file__).parents[2]
#: The service that the examples play.
PLAYED = "ryot"

_TESTS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    # What both agents read as RFC3339Nano, in UTC.
    "timestamp": lambda value: _is(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", value),
    "trace_id": lambda value: _is("(?!0+$)[0-9a-f]{32}", value),
    "span_id": lambda value: _is("(?!0+$)[0-9a-f]{16}", value),
}


def _is(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def played() -> Service:
    return load_catalog(ROOT / "catalog").service(PLAYED)


def faults(line: str) -> list[str]:
    """What the log agent would not find, or not as it is declared."""
    service, values = played(), json.loads(line)
    logs = service.logs
    found = [f"{each} is missing" for each in (logs.timestamp, logs.message) if each not in values]
    for name, value in values.items():
        field = logs.field(name)
        if field is None:
            found.append(f"{name} is not declared")
        elif not _TESTS[field.type](value):
            found.append(f"{name} is no {field.type}: {value!r}")
        elif field.values is not None and value not in field.values:
            found.append(f"{name} is never {value!r}")
    return found
