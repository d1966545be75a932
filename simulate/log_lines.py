"""Log lines in each service's own format, and Loki's push body of them.

A field is written where the catalog says that it lives in that release of Loki: as a stream
label, as structured metadata or in the line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import requests

from catalog import names
from catalog.service import Service
from catalog.signals import Field_
from simulate import canary, chance
from simulate.traces import Trace, Traces
from simulate.world import LineKind, Pod, World

Release = Literal["loki_2_9", "loki_3"]
Json = dict[str, Any]

#: Of the lines that report an event, those that were written outside of any trace.
_UNTRACED = 0.08
#: How many different values an open field has.
_OPEN_VALUES = 14
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line on its way to Loki; ``moment`` is in nanoseconds."""

    moment: int
    labels: tuple[tuple[str, str], ...]
    text: str
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line as the service writes it to its output, with all of its fields in it.

    ``sent`` is how it is to arrive in Loki, but for the text, which the agents leave alone.
    """

    pod: Pod
    text: str
    values: dict[str, object]
    sent: LogLine


class LogLines:
    """Every line that the services of a world write."""

    def __init__(self, world: World, traces: Traces, release: Release) -> None:
        self._world, self._traces, self._release = world, traces, release

    def between(self, since: float, until: float) -> list[LogLine]:
        """The lines written after ``since`` and no later than ``until``, in order."""
        lines = [
            self._line(kind, number, moment)
            for kind in self._world.line_kinds
            for number, moment in kind.flow.between(since, until)
        ]
        return sorted(lines, key=lambda line: line.moment)

    def written_between(self, since: float, until: float) -> list[WrittenLine]:
        """The same lines before any agent has read them."""
        written: list[WrittenLine] = []
        for kind in self._world.line_kinds:
            for number, moment in kind.flow.between(since, until):
                values = self._values(kind, number, moment)
                whole = text(kind.pod.service, values, kind.bad)
                sent = self.sent(kind, values, moment)
                written.append(WrittenLine(kind.pod, whole, values, sent))
        return sorted(written, key=lambda line: line.sent.moment)

    def _line(self, kind: LineKind, number: int, moment: float) -> LogLine:
        return self.sent(kind, self._values(kind, number, moment), moment)

    def sent(self, kind: LineKind, values: dict[str, object], moment: float) -> LogLine:
        """How the agent hands on what the service wrote with these values."""
        service = kind.pod.service
        home = {field.name: self._home(field) for field in service.logs.fields}
        told = {name: value for name, value in values.items() if home.get(name) == "line"}
        metadata = {
            name: str(value)
            for name, value in values.items()
            if home.get(name) == "structured_metadata"
        }
        labels = tuple(sorted(self._labels(kind).items()))
        return LogLine(int(moment * 1e9), labels, text(service, told, kind.bad), metadata)

    def _home(self, field: Field_) -> str:
        return field.lives.loki_3 if self._release == "loki_3" else field.lives.loki_2_9

    def _labels(self, kind: LineKind) -> dict[str, str]:
        service = kind.pod.service
        known = {
            **self._world.scope(),
            names.NAMESPACE: service.workload.namespace,
            names.POD: kind.pod.name,
            names.SERVICE: service.id,
            **({names.TRACK: kind.pod.track} if kind.pod.track else {}),
            **kind.labels,
        }
        return {
            name: known.get(name) or (values or (service.workload.app,))[0]
            for name, values in service.stream_labels.items()
        }

    def _values(self, kind: LineKind, number: int, moment: float) -> dict[str, object]:
        key = (kind.key, number)
        found: dict[str, object] = {}
        trace = self._trace(kind, key, moment)
        span = trace.span_of(kind.pod.service) if trace else None
        logs = kind.pod.service.logs
        for field in logs.fields:
            value: object | None
            if field.name == logs.timestamp:
                value = timestamp(moment)
            elif field.name == logs.message:
                value = message(kind, number, self._world.catalog.platform.error_levels)
            elif field.type == "trace_id":
                value = trace.trace_id if trace else None
            elif field.type == "span_id":
                value = span.span_id if span else None
            else:
                value = kind.values.get(field.name) or open_value(kind, field, key)
            if value is not None:
                found[field.name] = value
        return found

    def _trace(self, kind: LineKind, key: tuple[object, ...], moment: float) -> Trace | None:
        """A trace of the service from just before; a failed one for a line that says so."""
        is_error = kind.values.get(names.LEVEL) in self._world.catalog.platform.error_levels
        if (kind.event is None and not is_error) or chance.uniform(*key, "traced") < _UNTRACED:
            return None
        recent = self._traces.recent(kind.pod.service, moment)
        if not recent:
            return None
        failed = [trace for trace in recent if trace.failed]
        return failed[0] if kind.bad and failed else chance.prefer(recent, *key, "trace")


def open_value(kind: LineKind, field: Field_, key: tuple[object, ...]) -> object | None:
    """A field without a closed set of values: a number, or one of some names."""
    event = kind.event
    of_event = {*event.trail, *event.by, event.measures} if event else set()
    everywhere = field.lives.loki_3 == "structured_metadata"
    if field.values or not (field.name in of_event or everywhere):
        return None
    if field.type == "integer":
        return 1 + int(chance.log_normal(4, 0.8, *key, field.name))
    if field.type == "number":
        median = _median(kind, field)
        return round(chance.log_normal(median, 0.7, *key, field.name), 2)
    names = [f"{field.name}-{place:02d}" for place in range(1, _OPEN_VALUES + 1)]
    return chance.prefer(names, *key, field.name)


def _median(kind: LineKind, field: Field_) -> float:
    """Around which a number lies; each value of the event's fields has its own."""
    base = {"milliseconds": 40.0, "seconds": 0.04, "bytes": 2000.0}.get(field.unit, 10.0)
    told = sorted(kind.values.items())
    return base * (0.4 + 2 * chance.uniform(kind.pod.service.id, field.name, told))


def timestamp(moment: float) -> str:
    """RFC 3339 with nanoseconds, in UTC."""
    whole = int(moment)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{int((moment - whole) * 1e9):09d}Z"


def message(kind: LineKind, number: int, error_levels: tuple[str, ...]) -> str:
    """What a person would have written: the event and what is told of it."""
    if kind.pod.bad and kind.bad:
        return canary.message(kind.flow, number)
    event = kind.event
    if event is None:
        level = kind.values.get(names.LEVEL)
        what = "could not reach a peer, tries again" if level in error_levels else "is at work"
        return f"{kind.pod.service.name} {what}"
    told = [kind.values[name] for name in event.by if name in kind.values]
    outcome = kind.values.get(event.outcome.field) if event.outcome else None
    words = [*told, outcome] if outcome and outcome not in told else told
    return f"{event.title}: {', '.join(words)}" if words else event.title


def text(service: Service, values: dict[str, object], bad: bool) -> str:
    """The line; an error of a service that spans lines is written over several."""
    if service.logs.format == "logfmt":
        return " ".join(f"{name}={_logfmt(str(value))}" for name, value in values.items())
    if not (bad and service.logs.multiline):
        return json.dumps(values, ensure_ascii=False)
    written = json.dumps(values, ensure_ascii=False, indent=2)
    # The last brace must not look like the first line of the next record.
    ends_apart = re.match(service.logs.multiline.first_line, "}")
    return written.removesuffix("}") + "  }" if ends_apart else written


def _logfmt(value: str) -> str:
    plain = value and not any(character in value for character in ' "=\\')
    return value if plain else json.dumps(value, ensure_ascii=False)


def push_body(lines: Iterable[LogLine], release: Release) -> Json:
    """The body of ``POST /loki/api/v1/push``, the lines of each stream together."""
    streams: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
    for line in lines:
        entry: list[Any] = [str(line.moment), line.text]
        if release == "loki_3" and line.metadata:
            entry.append(line.metadata)
        streams.setdefault(line.labels, []).append(entry)
    return {
        "streams": [
            {"stream": dict(labels), "values": values} for labels, values in streams.items()
        ]
    }


def push(session: requests.Session, url: str, body: Json, tenant: str | None) -> None:
    """Hand lines to Loki.

    :raises requests.RequestException: it cannot be reached or refuses them.
    """
    if not body["streams"]:
        return
    headers = {"X-Scope-OrgID": tenant} if tenant else {}
    answer = session.post(
        f"{url}/loki/api/v1/push", json=body, headers=headers, timeout=_TIMEOUT_SECONDS
    )
    if answer.status_code >= requests.codes.bad_request:
        raise requests.HTTPError(f"Loki refuses the lines: {answer.text[:400]}", response=answer)


def batches(lines: Iterable[LogLine], size: int = 2000) -> Iterator[list[LogLine]]:
    """The lines in portions that Loki takes in one request."""
    portion: list[LogLine] = []
    for line in lines:
        portion.append(line)
        if len(portion) == size:
            yield portion
            portion = []
    if portion:
        yield portion
