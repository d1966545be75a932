"""What Jaeger knows of services: what they serve, and who calls whom.

Later releases answer under /api/v3 only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from delivery.discover.loki import Span
from delivery.discover.servers import Link
from delivery.publish.transport import path

#: So many operations are told of; their names may hold ids, and then there is no end of them.
SHOWN = 20


@dataclass(slots=True)
class Traced:
    """One service as Jaeger has it."""

    operations: list[str] = field(default_factory=list)
    calls: set[str] = field(default_factory=set)
    called_by: set[str] = field(default_factory=set)


def traced(link: Link, span: Span) -> dict[str, Traced]:
    """Every service that has spans."""
    found = {service: Traced(_operations(link, service)) for service in _services(link)}
    asked = {
        "endTs": str(int(span.until * 1000)),
        "lookback": str(int(span.seconds * 1000)),
    }
    for each in link.known("/api/dependencies", **asked) or ():
        parent, child = each.get("parent"), each.get("child")
        if parent in found and child in found and parent != child:
            found[parent].calls.add(child)
            found[child].called_by.add(parent)
    return found


def _services(link: Link) -> list[str]:
    return _names(link, "/api/services", "/api/v3/services", "services")


def _operations(link: Link, service: str) -> list[str]:
    where = path("api", "services", service, "operations")
    found = link.known(where)
    if found is None:
        found = link.known("/api/v3/operations", service=service)
    listed = found.get("operations", ()) if isinstance(found, dict) else found or ()
    return sorted({_name(each) for each in listed})


def _names(link: Link, old: str, new: str, key: str) -> list[str]:
    found: Any = link.known(old)
    if found is None:
        found = link.data(new)
    listed = found.get(key, ()) if isinstance(found, dict) else found or ()
    return sorted(str(each) for each in listed)


def _name(operation: Any) -> str:
    return str(operation.get("name", "")) if isinstance(operation, dict) else str(operation)
