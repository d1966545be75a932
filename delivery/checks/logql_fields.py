"""What log lines carry, by service and by Loki release: labels, metadata, fields in the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Field_
from delivery.checks.labels import Values, union
from queries.library import loki_lines

#: The releases a query may have to run on: what stands in the line on the one may be
#: structured metadata on the other.
OLD: Final = "2.9.4"
NEW: Final = "3.x"
BOTH = frozenset({OLD, NEW})

_NUMBERS = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class Name:
    """A name that a stage can read, and where it can."""

    values: Values = None
    number: bool = False
    unit: str = ""
    releases: frozenset[str] = BOTH
    stream: bool = False


def either(left: Name, right: Name) -> Name:
    """A name that some of the services have like this, and some like that."""
    return Name(
        union(left.values, right.values),
        left.number or right.number,
        left.unit if left.unit == right.unit else "",
        left.releases | right.releases,
        left.stream and right.stream,
    )


def joined(many: Iterable[dict[str, Name]]) -> dict[str, Name]:
    """The names of several services."""
    result: dict[str, Name] = {}
    for each in many:
        for key, name in each.items():
            result[key] = either(result[key], name) if key in result else name
    return result


@dataclass(frozen=True, slots=True)
class Source:
    """The streams of one service."""

    service: str
    format: str
    labels: dict[str, Name]
    metadata: dict[str, Name]
    fields: dict[str, Name]
    homes: dict[str, str] = field(default_factory=dict)


class Streams:
    """The streams of all services, and the releases that the system runs."""

    def __init__(self, catalog: Catalog) -> None:
        self.sources = tuple(_source(service) for service in catalog.services)
        loki = catalog.platform.components.get("loki")
        old = {release.startswith("2.") for release in (loki.releases if loki else ())}
        self.releases = frozenset(OLD if each else NEW for each in old) or BOTH

    def of(self, service: str | None) -> tuple[Source, ...]:
        """The streams of one service, or of all where none is named."""
        # Loki's own lines are those of no declared service: whoever wants them says so.
        known = (*self.sources, _LOKI)
        found = tuple(source for source in known if source.service == service)
        return found or self.sources


def _source(service: Service) -> Source:
    labels = {
        label: Name(frozenset(values) if values else None, stream=True)
        for label, values in service.stream_labels.items()
    }
    metadata: dict[str, Name] = {}
    fields: dict[str, Name] = {}
    for each in service.logs.fields:
        if each.lives.loki_3 == "structured_metadata":
            metadata[each.name] = _name(each, frozenset({NEW}))
        in_line = {
            release
            for release, home in ((OLD, each.lives.loki_2_9), (NEW, each.lives.loki_3))
            if home == "line"
        }
        if in_line:
            fields[each.name] = _name(each, frozenset(in_line))
    homes = {each.name: each.lives.loki_3.replace("_", " ") for each in service.logs.fields}
    return Source(service.id, service.logs.format, labels, metadata, fields, homes)


def _name(each: Field_, releases: frozenset[str]) -> Name:
    values = frozenset(each.values) if each.values else None
    return Name(values, each.type in _NUMBERS, each.unit, releases)


_LOKI = Source(
    loki_lines.SERVICE,
    loki_lines.FORMAT,
    {
        **{label: Name(stream=True) for label in loki_lines.LABELS},
        names.SERVICE: Name(frozenset({loki_lines.SERVICE}), stream=True),
    },
    {},
    {field: Name() for field in loki_lines.FIELDS},
    dict.fromkeys(loki_lines.FIELDS, "line"),
)
