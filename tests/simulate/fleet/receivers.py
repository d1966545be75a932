"""Servers that take spans and lines and keep them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from simulate.fleet.http_server import Answer, Request, Server


@dataclass(frozen=True)
class Seen:
    """A span, with what its resource says."""

    service: str
    pod: str
    resource: dict[str, str]
    trace_id: str
    span_id: str
    parent: str
    name: str
    kind: int
    seconds: float
    failed: bool
    tags: dict[str, str]


@dataclass
class SpanReceiver:
    """OTLP over HTTP, in its protobuf form."""

    spans: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = Server(0, self._take)
        self.url = f"http://127.0.0.1:{self.server.port}"

    def _take(self, asked: Request) -> Answer:
        body = asked.body
        if asked.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        self.spans += _spans(ExportTraceServiceRequest.FromString(body))
        return Answer(200, b"", "application/x-protobuf")


def _spans(request: Any) -> Iterator[Seen]:
    for of_pod in request.resource_spans:
        resource = _tags(of_pod.resource.attributes)
        for scope in of_pod.scope_spans:
            for span in scope.spans:
                yield Seen(
                    resource["service.name"],
                    resource["k8s.pod.name"],
                    resource,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    span.name,
                    span.kind,
                    (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                    span.status.code == 2,
                    _tags(span.attributes),
                )


def _tags(attributes: Any) -> dict[str, str]:
    return {each.key: each.value.string_value for each in attributes}


@dataclass
class LineReceiver:
    """Loki's push endpoint; answers with ``status``."""

    streams: list[dict[str, Any]] = field(default_factory=list)
    tenants: set[str | None] = field(default_factory=set)
    status: int = 204

    def __post_init__(self) -> None:
        self.server = Server(0, self._take)
        self.url = f"http://127.0.0.1:{self.server.port}"

    def _take(self, asked: Request) -> Answer:
        if self.status < 400:
            self.tenants.add(asked.headers.get("x-scope-orgid"))
            self.streams += json.loads(asked.body)["streams"]
        return Answer(self.status)

    @property
    def lines(self) -> list[tuple[dict[str, str], list[Any]]]:
        """The labels of each line and what was pushed of it."""
        return [(each["stream"], value) for each in self.streams for value in each["values"]]
