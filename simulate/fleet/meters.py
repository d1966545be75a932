"""The metrics of one pod, by prometheus_client: a registry of its own, exemplars on buckets.

Names, labels, buckets and units are the catalog's, and the same that simulate.exposition writes
into the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from catalog.signals import Metric
from simulate import exposition
from simulate.fleet.clock import Clock
from simulate.world import Pod, World

CONTENT_TYPE = CONTENT_TYPE_LATEST

# Series that tell when another one began are as many again, and nothing here reads them.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Meters:
    """What a pod counts and measures. All of it begins at 0, as after a restart."""

    def __init__(self, world: World, pod: Pod, clock: Clock) -> None:
        self._world, self._pod, self._clock = world, pod, clock
        self.registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        for metric in pod.service.metrics:
            if metric.emitted_by == "application":
                self._declare(metric)

    def happened(
        self, metric: Metric, labels: Mapping[str, str], value: float, trace_id: str
    ) -> None:
        """Count it, and measure it in the metric's unit; the trace is shown beside its bucket."""
        exemplar = {"trace_id": trace_id} if metric.exemplars and trace_id else None
        if metric.name in self._counters:
            counter = self._counters[metric.name]
            (counter.labels(**labels) if labels else counter).inc(exemplar=exemplar)
        else:
            histogram = self._histograms[metric.name]
            chosen = histogram.labels(**labels) if labels else histogram
            chosen.observe(value, exemplar=exemplar)

    def page(self) -> bytes:
        """The answer to a scrape, as OpenMetrics."""
        return bytes(generate_latest(self.registry))  # type: ignore[no-untyped-call]

    def _declare(self, metric: Metric) -> None:
        if metric.type == "gauge":
            self._gauge(metric)
            return
        labels = list(metric.labels)
        made: Counter | Histogram
        if metric.type == "counter":
            made = self._counters[metric.name] = Counter(
                metric.name, metric.help, labels, registry=self.registry
            )
        else:
            made = self._histograms[metric.name] = Histogram(
                metric.name, metric.help, labels, registry=self.registry, buckets=metric.buckets
            )
        if metric.emission == "always" and labels:
            for each in self._world.requests(self._pod, metric):
                made.labels(**each.labels)

    def _now(self, sample: exposition.Sample) -> float:
        return sample.value(self._clock.now()) or 0.0

    def _gauge(self, metric: Metric) -> None:
        gauge = Gauge(metric.name, metric.help, list(metric.labels), registry=self.registry)
        samples = exposition.levels(self._world, self._pod, metric)
        now = self._clock.now()
        for sample in samples:
            value = sample.value(now)
            if value is None:  # a release that does not run
                continue
            chosen = gauge.labels(**sample.labels) if sample.labels else gauge
            if metric.role == "build_info":
                chosen.set(value)
            else:
                chosen.set_function(partial(self._now, sample))
