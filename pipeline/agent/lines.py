"""The stages of a service's lines, of a pod's that nobody declared, and of syslog's.

Their order is the point. Lines are joined before secrets are sought, which may span them. Secrets
go before anything is read out of a line, so that no label and no metadata can hold one. Metrics
come after all labels that no stream has are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from catalog import names
from catalog.log_agent import LogAgent
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Field_
from pipeline.agent import counts, stages
from pipeline.agent.stages import Stage
from pipeline.agent.templates import among, if_line_holds, literal, when

#: Both agents label a line with its file, and the runtime's stage with stdout or stderr. They
#: keep apart what is joined; as labels of a stream each restart of a container would begin one.
FILENAME = "filename"
CONTAINER = "container_name"
#: A line that may hold a secret, while it is searched; no line has a field of that name.
_SUSPECT = "suspect_line"
#: A level that a line says of itself in JSON or logfmt.
_SAID_LEVEL = r"\b{level}\\*[\"']?\s*[=:]\s*\\*[\"']?(?P<{level}>{values})\b"

Place = Literal["files", "kubernetes"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Where lines come from, and which release of Loki they go to."""

    catalog: Catalog
    agent: LogAgent
    place: Place
    structured: bool

    def home(self, field: Field_) -> str:
        """Where the field lives in that release."""
        return field.lives.loki_3 if self.structured else field.lives.loki_2_9


def found_labels(reading: Reading) -> frozenset[str]:
    """The stream labels that say where a line comes from: the pod knows them, not the line."""
    track = {names.TRACK} if reading.catalog.platform.canary else set()
    where = {names.CLUSTER, names.ENVIRONMENT, names.NAMESPACE, names.SERVICE, names.POD}
    return frozenset(where | {CONTAINER} | track)


def fixed_labels(service: Service, reading: Reading) -> dict[str, str]:
    """Stream labels that have one value in every line of the service."""
    told = {field.name for field in service.logs.fields} | found_labels(reading)
    return {
        label: values[0]
        for label, values in service.stream_labels.items()
        if values is not None and len(values) == 1 and label not in told
    }


def said_labels(service: Service, reading: Reading) -> tuple[str, ...]:
    """Stream labels that a line says itself, whether or not its field is declared."""
    known = found_labels(reading) | fixed_labels(service, reading).keys()
    return tuple(label for label in service.stream_labels if label not in known)


def of_service(service: Service, reading: Reading) -> tuple[Stage, ...]:
    """Everything that is done with the lines of a service."""
    logs, agent = service.logs, reading.agent
    said = said_labels(service, reading)
    metadata = tuple(
        field.name for field in logs.fields if reading.home(field) == "structured_metadata"
    )
    counting = counts.of_service(service, reading.catalog, agent.counting.idle)
    fields = dict.fromkeys((logs.timestamp, *said, *metadata, *counting.fields))
    joined = (
        [stages.Multiline(logs.multiline.first_line, agent.joining.lines, agent.joining.wait)]
        if logs.multiline
        else []
    )
    return (
        *_opening(reading),
        *joined,
        *_cleaning(reading),
        stages.Parse(logs.format, tuple(fields)),
        stages.Timestamp(logs.timestamp, "fudge" if reading.place == "files" else "skip"),
        *_guards(service, (*said, *counting.fields)),
        *([stages.Labels(said)] if said else []),
        stages.LabelKeep(tuple(service.stream_labels)),
        *counting.stages,
        *([stages.StructuredMetadata(metadata)] if metadata else []),
    )


def of_any_pod(reading: Reading, kept: tuple[str, ...]) -> tuple[Stage, ...]:
    """What is done with lines of which nobody has said how they look: their level is sought."""
    level = names.LEVEL
    values = "|".join(literal(each) for each in reading.catalog.platform.levels)
    return (
        *_opening(reading),
        *_cleaning(reading),
        stages.Match(_SAID_LEVEL.format(level=level, values=values)),
        stages.Labels((level,)),
        stages.LabelKeep(kept),
    )


def of_syslog(
    reading: Reading, kept: tuple[str, ...], metadata: tuple[str, ...]
) -> tuple[Stage, ...]:
    """A message is whole as it arrives; where it is from goes beside it, if Loki takes that."""
    beside = [stages.StructuredMetadata(metadata)] if reading.structured else []
    return (*_cleaning(reading), *beside, stages.LabelKeep(kept))


def _opening(reading: Reading) -> Iterator[Stage]:
    """Which pod a line is from, and the line as the service wrote it."""
    if reading.place == "kubernetes" and reading.agent.kubernetes:
        yield stages.Runtime(reading.agent.kubernetes.log_format)
        return
    groups = [names.TRACK] if reading.catalog.platform.canary else []
    path = "".join(rf"(?P<{group}>[^/]+)/" for group in groups)
    yield stages.Match(rf"/{path}(?P<{names.POD}>[^/]+)\.log$", FILENAME)
    yield stages.Labels((*groups, names.POD))


def _cleaning(reading: Reading) -> Iterator[Stage]:
    """What goes before anyone reads the line: blank lines and secrets."""
    for drop in reading.agent.drops:
        yield stages.Drop(drop.pattern, drop.id)
    redactions = reading.agent.redactions
    if not redactions:
        return
    hints = dict.fromkeys(hint for redaction in redactions for hint in redaction.hints)
    yield stages.Template(_SUSPECT, if_line_holds(hints))
    for redaction in redactions:
        yield stages.Replace(redaction.pattern, redaction.replacement, _SUSPECT)
    yield stages.Output(_SUSPECT)


def _guards(service: Service, used: Iterable[str]) -> Iterator[Stage]:
    """A value that is not declared becomes no label: one bad line a second is a stream each."""
    declared = {field.name: field.values for field in service.logs.fields}
    for name in dict.fromkeys(used):
        values = service.stream_labels.get(name) or declared.get(name)
        if values:
            yield stages.Template(name, when([among(name, values)], f"{{{{ .{name} }}}}"))
