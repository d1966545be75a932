"""Traces across the services that call each other, as OTLP over HTTP in its JSON form.

Trace number n is a function of the seed, so a log line and an exemplar can name one without
asking whoever sent it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import requests

from catalog import names
from catalog.service import Service
from catalog.signals import Metric
from simulate import chance
from simulate.flow import Flow
from simulate.world import Pod, World

Json = dict[str, Any]

#: Traces a second before the world's scale: a sample of the requests.
_RATE = 4.0
_FAILED, _SLOW = 0.02, 0.03
#: The share of requests that go on to each of the services that one depends on.
_CALLS = 0.6
#: How far back a log line or an exemplar looks for a trace of its service.
_LOOK_BACK = 40
#: Traces are made for so many seconds together.
_SLOT = 5.0
_SERVER, _CLIENT, _ERROR = 2, 3, 2
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Span:
    """One service's part in a trace; times are in seconds since 1970."""

    pod: Pod
    span_id: str
    parent: str
    name: str
    kind: int
    start: float
    duration: float
    failed: bool
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that one request caused."""

    trace_id: str
    spans: tuple[Span, ...]

    def span_of(self, service: Service) -> Span | None:
        """The first span in which the service answers, if it has a part in the trace."""
        return next(
            (span for span in self.spans if span.pod.service is service and span.kind == _SERVER),
            None,
        )

    @property
    def failed(self) -> bool:
        """Whether any part of it went wrong."""
        return any(span.failed for span in self.spans)


class Traces:
    """All traces of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._flow = Flow(_RATE * world.scale, world.start, f"{world.seed}/traces", "traces")
        self._slot = lru_cache(maxsize=4096)(self._within)
        # Lines are looked up kind by kind, each over the same stretch of time.
        self._recent = lru_cache(maxsize=1024)(self._newest)

    def between(self, since: float, until: float) -> Iterator[Trace]:
        """The traces that began after ``since`` and no later than ``until``."""
        for place in range(int(since // _SLOT), int(until // _SLOT) + 1):
            for moment, trace in self._slot(place):
                if since < moment <= until:
                    yield trace

    def _within(self, place: int) -> tuple[tuple[float, Trace], ...]:
        """The traces of a slot. So each is built once, and the same for whoever asks for it."""
        begin = place * _SLOT
        found = self._flow.between(begin, begin + _SLOT)
        moments = ((number, round(moment, 6)) for number, moment in found)
        return tuple((moment, self._build(number, moment)) for number, moment in moments)

    def recent(self, service: Service, now: float) -> list[Trace]:
        """The newest traces that the service has a part in, newest first."""
        return self._recent(service.id, now // _SLOT * _SLOT)

    def _newest(self, service: str, slot: float) -> list[Trace]:
        since = slot - _LOOK_BACK / self._flow.rate
        known = self._world.catalog.service(service)
        found = [each for each in self.between(since, slot) if each.span_of(known)]
        return list(reversed(found))

    def _build(self, number: int, moment: float) -> Trace:
        world = self._world
        key = (world.seed, "trace", number, int(world.start))
        services = world.catalog.services
        entry = chance.prefer(services, *key, "entry")
        failed = chance.uniform(*key, "failed") < _FAILED
        slow = chance.uniform(*key, "slow") < _SLOW
        spans = tuple(_Builder(world, key, failed, slow).call(entry, "", moment, ()))
        return Trace(chance.hexadecimal(32, *key), spans)


class _Builder:
    """Builds one trace, from the span that the request enters by."""

    def __init__(self, world: World, key: tuple[object, ...], failed: bool, slow: bool) -> None:
        self._world, self._key, self._failed, self._slow = world, key, failed, slow

    def call(
        self, service: Service, parent: str, start: float, callers: tuple[str, ...]
    ) -> list[Span]:
        """The span of one service, with the calls it makes to those that it depends on."""
        depth = len(callers)
        key = (*self._key, depth, parent, service.id)
        pod = chance.choose(self._world.pods_of(service), *key, "pod")
        span_id = chance.hexadecimal(16, *key, "span")
        own = self._own_time(service, key, self._slow and depth == 0)
        below: list[Span] = []
        moment = start + own * 0.3
        for callee in service.depends_on:
            # Services may depend on each other, but no request goes round.
            seldom = callee in callers or chance.uniform(*key, "calls", callee) >= _CALLS
            if not seldom:
                spans = self._to(pod, callee, span_id, moment, (*callers, service.id))
                below += spans
                moment += spans[0].duration
        duration = moment - start + own * 0.7
        deepest = not below
        failed = self._failed and (deepest or any(span.failed for span in below))
        name, tags = self._request(service, failed, key)
        own_span = Span(pod, span_id, parent, name, _SERVER, start, duration, failed, tags)
        return [own_span, *below]

    def _to(
        self, pod: Pod, callee: str, parent: str, start: float, callers: tuple[str, ...]
    ) -> list[Span]:
        """The client's span around the server's: the network is what lies between them."""
        span_id = chance.hexadecimal(16, *self._key, parent, callee, "client")
        service = self._world.catalog.service(callee)
        inner = self.call(service, span_id, start + 0.0004, callers)
        duration = inner[0].duration + 0.0008
        tags = (("peer.service", callee),)
        name = f"call {callee}"
        outer = Span(pod, span_id, parent, name, _CLIENT, start, duration, inner[0].failed, tags)
        return [outer, *inner]

    def _own_time(self, service: Service, key: tuple[object, ...], late: bool) -> float:
        metric = service.by_role("requests")
        quick, slow = self._world.medians(service, metric) if metric else (0.02, 0.5)
        scale = 0.001 if metric and metric.unit == "milliseconds" else 1.0
        return chance.log_normal((slow if late else quick) * scale, 0.5, *key, "took")

    def _request(
        self, service: Service, failed: bool, key: tuple[object, ...]
    ) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What was asked, in the words of the metric that counts requests."""
        metric = service.by_role("requests")
        if metric is None:
            return "handle", ()
        tags = dict(self._labels(service, metric, failed, key))
        name = " ".join(
            tags[label] for label in ("http.request.method", "http.route") if label in tags
        )
        return name or "handle", tuple(tags.items())

    def _labels(
        self, service: Service, metric: Metric, failed: bool, key: tuple[object, ...]
    ) -> Iterator[tuple[str, str]]:
        pod = self._world.pods_of(service)[0]
        alike = [each for each in self._world.requests(pod, metric) if each.bad == failed]
        if not alike:
            return
        chosen = chance.weighted(alike, [each.quick.rate for each in alike], *key, "request")
        for label, value in chosen.labels.items():
            yield attribute(label), value


def attribute(label: str) -> str:
    """OpenTelemetry's name of what Prometheus calls ``http_response_status_code``."""
    known = {
        "http_request_method": "http.request.method",
        "http_route": "http.route",
        "http_response_status_code": "http.response.status_code",
    }
    return known.get(label, label)


def otlp(traces: Iterable[Trace], scope: dict[str, str], version: str) -> Json:
    """The body of ``POST /v1/traces``: the spans of each pod together."""
    by_pod: dict[str, tuple[Pod, list[Json]]] = {}
    for trace in traces:
        for span in trace.spans:
            by_pod.setdefault(span.pod.name, (span.pod, []))[1].append(_span(trace, span))
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource(pod, scope, version))},
                "scopeSpans": [{"scope": {"name": "simulate"}, "spans": spans}],
            }
            for pod, spans in by_pod.values()
        ]
    }


def resource(pod: Pod, scope: dict[str, str], version: str) -> dict[str, str]:
    """What its spans say of the pod."""
    return {
        "service.name": pod.service.id,
        "service.version": version,
        "k8s.namespace.name": pod.service.workload.namespace,
        "k8s.pod.name": pod.name,
        "k8s.cluster.name": scope[names.CLUSTER],
        "deployment.environment": scope[names.ENVIRONMENT],
    }


def _span(trace: Trace, span: Span) -> Json:
    result: Json = {
        "traceId": trace.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(round(span.start * 1e9)),
        "endTimeUnixNano": str(round((span.start + span.duration) * 1e9)),
        "attributes": _attributes(dict(span.tags)),
        "status": {"code": _ERROR, "message": "it failed"} if span.failed else {},
    }
    if span.parent:
        result["parentSpanId"] = span.parent
    return result


def _attributes(values: dict[str, str]) -> list[Json]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def push(session: requests.Session, url: str, body: Json) -> None:
    """Hand spans to an OTLP receiver.

    :raises requests.RequestException: it cannot be reached or refuses them.
    """
    if not body["resourceSpans"]:
        return
    answer = session.post(f"{url}/v1/traces", json=body, timeout=_TIMEOUT_SECONDS)
    answer.raise_for_status()
