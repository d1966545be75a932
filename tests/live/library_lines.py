"""Lines that are known to the last one, as the agents would have sent them to a release of Loki."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from catalog import names
from catalog.model import Catalog
from catalog.service import Service

Json = dict[str, Any]
#: A trace that passes through three services, and one of which two complain.
TRACE, FAILING = "4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"
_WORDS = ("timeout", "refused", "Denied", "done", "loaded", "unavailable")


@dataclass(frozen=True)
class Line:
    """One line: its fields as the service writes them, and what of them Loki gets where."""

    moment: int  # nanoseconds
    service: Service
    pod: str
    values: dict[str, Any]
    labels: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def level(self) -> str:
        return str(self.values["level"])


def made(catalog: Catalog, release: str, now: int) -> list[Line]:
    """Two hours of lines of three services, in order of time."""
    chance = random.Random(18)  # noqa: S311 - the same lines on every run
    place = catalog.default_environment
    lines = []
    for offset in range(7200, 6, -7):
        for identifier in ("agents", "ryot", "sigmavault"):
            service = catalog.service(identifier)
            moment = (now - offset) * 10**9 + chance.randrange(10**9)
            values = _values(service, chance)
            lines.append(
                line_of(
                    service, f"{identifier}-{chance.randrange(3)}", moment, values, place, release
                )
            )
    # A spike within five minutes, of as many as nothing before would explain.
    agents = catalog.service("agents")
    for number in range(60):
        moment = (now - 200) * 10**9 + number * 2 * 10**9 + 1
        values = {"level": "error", "message": f"queue {number} is full", "event": "note"}
        lines.append(line_of(agents, "agents-9", moment, values, place, release))
    for number, (identifier, trace, level) in enumerate(
        [
            ("agents", TRACE, "info"),
            ("ryot", TRACE, "warn"),
            ("sigmavault", TRACE, "info"),
            ("sigmavault", FAILING, "error"),
            ("ryot", FAILING, "error"),
        ]
    ):
        values = {"level": level, "message": f"step {number}", "event": "note", "trace_id": trace}
        moment = (now - 1000) * 10**9 + number * 25 * 10**6
        service = catalog.service(identifier)
        lines.append(line_of(service, f"{identifier}-0", moment, values, place, release))
    return sorted(lines, key=lambda line: line.moment)


def _values(service: Service, chance: random.Random) -> dict[str, Any]:
    word = chance.choice(_WORDS)
    level = chance.choices(("debug", "info", "warn", "error"), (2, 12, 3, 1))[0]
    values: dict[str, Any] = {
        "level": level,
        "message": f'{word} after {chance.randrange(900)} ms of "{chance.choice("abc")}"',
        "event": "note",
        # Lines of one service only, and so never of several.
        "trace_id": f"{chance.getrandbits(128):032x}",
    }
    events = service.logs.events
    if events and chance.random() < 0.6:
        event = events[0]
        for name, chosen in event.match.items():
            values[name] = chosen[0]
        for name in {*event.by, event.outcome.field if event.outcome else "outcome"}:
            known = service.logs.field(name)
            if known and known.values:
                values[name] = chance.choice(known.values)
        if event.measures:
            values[event.measures] = round(chance.lognormvariate(5, 1.2), 1)
    return values


def line_of(
    service: Service, pod: str, moment: int, values: dict[str, Any], place: Any, release: str
) -> Line:
    """A line as it arrives: each field where the catalog says that it lives in that release."""
    labels = {
        names.CLUSTER: place.cluster,
        names.ENVIRONMENT: place.environment,
        names.NAMESPACE: service.workload.namespace,
        names.SERVICE: service.id,
        names.POD: pod,
    }
    metadata: dict[str, str] = {}
    written: dict[str, Any] = {}
    for name, value in values.items():
        declared = service.logs.field(name)
        assert declared is not None, name
        old = release.startswith("2.")
        home = declared.lives.loki_2_9 if old else declared.lives.loki_3
        if home == "stream_label":
            labels[name] = str(value)
        elif home == "structured_metadata":
            metadata[name] = str(value)
        else:
            written[name] = value
    text = json.dumps(written) if service.logs.format == "json" else _logfmt(written)
    return Line(moment, service, pod, values, labels, metadata, text)


def _logfmt(written: dict[str, Any]) -> str:
    return " ".join(f"{name}={json.dumps(value)}" for name, value in written.items())


def push(url: str, lines: list[Line]) -> None:
    """Hand them over, each stream in order."""
    for start in range(0, len(lines), 1000):
        streams: dict[str, tuple[dict[str, str], list[Any]]] = {}
        for line in lines[start : start + 1000]:
            key = json.dumps(line.labels, sort_keys=True)
            entry: list[Any] = [str(line.moment), line.text]
            if line.metadata:
                entry.append(line.metadata)
            streams.setdefault(key, (line.labels, []))[1].append(entry)
        post(url, [{"stream": labels, "values": values} for labels, values in streams.values()])


def post(url: str, streams: list[Json]) -> None:
    """One request."""
    answer = requests.post(f"{url}/loki/api/v1/push", json={"streams": streams}, timeout=60)
    assert answer.status_code == requests.codes.no_content, answer.text


def since(lines: list[Line], after: int, until: int) -> Iterator[Line]:
    """Those in (after, until], in seconds: as a range of Loki's reads them."""
    return (line for line in lines if after * 10**9 < line.moment <= until * 10**9)
