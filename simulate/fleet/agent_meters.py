"""What a log agent would count of the lines that were written, where there is no agent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.openmetrics.exposition import generate_latest

from catalog.service import Service
from catalog.signals import Metric
from simulate import exposition
from simulate.exposition import OWN, PREFIX, REASONS, Agent
from simulate.world import LineKind, World

_HOST = {"host": "loki"}
Labels = tuple[tuple[str, str], ...]


class AgentMeters:
    """The counters of one service's lines, and what the agent says of itself."""

    def __init__(self, world: World, service: Service, agent: Agent) -> None:
        self._world, self.registry = world, CollectorRegistry()
        self._metrics = [each for each in service.metrics if each.emitted_by == "agent"]
        self._made = {each.name: self._make(service, each, agent) for each in self._metrics}
        written, read, sent, dropped = OWN[agent]
        self._written = self._gauge(f"{written}_total", "Bytes in a file.")
        self._read = self._gauge(f"{read}_total", "Bytes read of a file.")
        self._sent = Counter(sent, "Entries sent.", ["host"], registry=self.registry)
        self._dropped = Counter(
            dropped, "Entries given up.", ["host", "reason"], registry=self.registry
        )
        self.sent(0)
        for reason in REASONS:
            self.dropped(reason, 0)
        self._counted = lru_cache(maxsize=8192)(self._find)

    def line(self, kind: LineKind, values: Mapping[str, object], path: str, size: int) -> None:
        """A line was written to a file, and read at once."""
        self._written.labels(path=path).inc(size)
        self._read.labels(path=path).inc(size)
        measured = values.get(kind.event.measures) if kind.event and kind.event.measures else None
        value = float(measured) if isinstance(measured, int | float) else None
        for made in self._counted(kind):
            if isinstance(made, Counter):
                made.inc()
            elif value is None:
                continue
            elif isinstance(made, Histogram):
                made.observe(value)
            else:
                made.set(value)

    def sent(self, lines: int) -> None:
        """So many were taken by Loki."""
        self._sent.labels(**_HOST).inc(lines)

    def dropped(self, reason: str, lines: int) -> None:
        """So many were given up."""
        self._dropped.labels(**_HOST, reason=reason).inc(lines)

    def page(self) -> bytes:
        """As OpenMetrics."""
        return bytes(generate_latest(self.registry))  # type: ignore[no-untyped-call]

    def _find(self, kind: LineKind) -> tuple[Counter | Gauge | Histogram, ...]:
        """The series that such a line counts in."""
        return tuple(self._series(kind))

    def _series(self, kind: LineKind) -> Iterator[Counter | Gauge | Histogram]:
        for metric in self._metrics:
            if exposition.counts(self._world, metric, kind):
                labels = exposition.agent_labels(self._world, kind.pod, metric, kind)
                yield self._made[metric.name].labels(**labels)

    def _make(self, service: Service, metric: Metric, agent: Agent) -> Counter | Gauge | Histogram:
        pod = self._world.pods_of(service)[0]
        kind = next(each for each in self._world.line_kinds if each.pod is pod)
        labels = list(exposition.agent_labels(self._world, pod, metric, kind))
        name = PREFIX[agent] + metric.name
        if metric.type == "counter":
            return Counter(name, metric.help, labels, registry=self.registry)
        if metric.type == "gauge":
            return Gauge(name, metric.help, labels, registry=self.registry)
        return Histogram(name, metric.help, labels, registry=self.registry, buckets=metric.buckets)

    def _gauge(self, name: str, told: str) -> Gauge:
        return Gauge(name, told, ["path"], registry=self.registry)


def merged(pages: list[str]) -> str:
    """The pages of several processes as one: families stand together, equal series are added up."""
    heads: dict[str, list[str]] = {}
    families: dict[str, dict[str, float]] = {}
    for page in pages:
        series: dict[str, float] = {}
        for line in page.splitlines():
            if line.startswith("# HELP "):
                name = line.split(" ", 3)[2]
                heads.setdefault(name, [line])
                series = families.setdefault(name, {})
            elif line.startswith("# TYPE "):
                heads[name][1:] = [line]
            elif line != "# EOF":
                known, _, value = line.rpartition(" ")
                series[known] = series.get(known, 0.0) + float(value)
    parts = [
        [*heads[name], *(f"{known} {value}" for known, value in series.items())]
        for name, series in families.items()
    ]
    return "\n".join([*(line for part in parts for line in part), "# EOF", ""])
