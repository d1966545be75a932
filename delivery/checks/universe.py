"""Every metric that something emits: the services, the agent, the platform, our own rules.

A metric is known by name and, where a query names one, by service: what Ryot's histogram
has for routes is not what another service has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from catalog import names
from catalog.exporters import Exporter, ExporterMetric
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from delivery.checks.labels import Known, Labels, Values, merged

#: What a series' number is, which decides the functions that may read it.
Role = Literal["counter", "gauge", "bucket", "recorded"]


@dataclass(frozen=True, slots=True)
class Signal:
    """One exposed name of one emitter."""

    name: str
    role: Role
    unit: str
    known: Known
    #: The emitters, as a finding names them.
    origin: str
    #: What the bounds of a histogram's buckets measure.
    bounds: str = ""
    #: Of series that are merged here, what is known of each.
    variants: tuple[Known, ...] = ()


#: The matchers of a selector: label, operator, value.
Wanted = tuple[tuple[str, str, str], ...]
#: What is left behind them, and what is wrong: id, reason, remedy, word.
Matched = tuple[Known, tuple[tuple[str, str, str, str], ...]]
_REMEMBERED = 4096

#: A name, the service it was asked for, and the answer.
Asked = tuple[str, str | None, Signal | None]


class Universe:
    """What can be asked; :meth:`signal` answers for a name.

    ``below`` is another that this one adds to, without changing it.
    """

    def __init__(self, signals: Iterable[Signal] = (), below: Universe | None = None) -> None:
        self._below = below
        self._listener: list[Asked] | None = None
        self._by_name: dict[str, dict[str, list[Signal]]] = {}
        self._merged: dict[tuple[str, str], Signal] = {}
        self._selected: dict[tuple[int, Wanted], tuple[Signal, Matched]] = {}
        for signal in signals:
            self.add(signal)

    def add(self, signal: Signal) -> None:
        """One more series of a name."""
        families = self._by_name.get(signal.name)
        if families is None:
            known = self._below._by_name.get(signal.name, {}) if self._below else {}
            families = {service: list(signals) for service, signals in known.items()}
            self._by_name[signal.name] = families
        for service in sorted(signal.known.labels.get(names.SERVICE) or {""}):
            families.setdefault(service, []).append(signal)
            self._merged.pop((signal.name, service), None)
        self._merged.pop((signal.name, ""), None)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name or (self._below is not None and name in self._below)

    @property
    def names(self) -> Iterable[str]:
        """Every name that is emitted."""
        if self._below is None:
            return self._by_name.keys()
        return {*self._below.names, *self._by_name}

    def remember(
        self, asked: tuple[Signal, Wanted], answer: Callable[[Signal, Wanted], Matched]
    ) -> Matched:
        """The answer, found once for the many queries that select the same series."""
        signal, wanted = asked
        key = id(signal), wanted
        known = self._selected.get(key)
        if known is None or known[0] is not signal:
            if len(self._selected) >= _REMEMBERED:
                self._selected.clear()
            known = self._selected[key] = signal, answer(signal, wanted)
        return known[1]

    @contextmanager
    def listening(self) -> Iterator[list[Asked]]:
        """Fills a list with what is asked meanwhile."""
        self._listener = []
        try:
            yield self._listener
        finally:
            self._listener = None

    def signal(self, name: str, service: str | None = None) -> Signal | None:
        """What a name means, for one service where that is asked; None if nobody emits it."""
        found = self._signal(name, service)
        if self._listener is not None:
            self._listener.append((name, service, found))
        return found

    def _signal(self, name: str, service: str | None) -> Signal | None:
        families = self._by_name.get(name)
        if families is None:
            return self._below.signal(name, service) if self._below else None
        key = service if service in families else ""
        found = self._merged.get((name, key or ""))
        if found is None:
            found = _merge(families[key] if key else _every(families))
            self._merged[name, key or ""] = found
        return found


def _every(families: dict[str, list[Signal]]) -> list[Signal]:
    return list({id(signal): signal for each in families.values() for signal in each}.values())


def _merge(signals: list[Signal]) -> Signal:
    first = signals[0]
    if len(signals) == 1:
        return first
    origins = dict.fromkeys(signal.origin for signal in signals)
    units = {signal.unit for signal in signals}
    return Signal(
        first.name,
        first.role,
        first.unit if len(units) == 1 else "",
        merged(signal.known for signal in signals),
        ", ".join(list(origins)[:4]),
        first.bounds,
        tuple(signal.known for signal in signals),
    )


def emitted(catalog: Catalog, exporters: Iterable[Exporter]) -> Iterator[Signal]:
    """What is emitted without any rule of ours."""
    place = _place(catalog)
    for service in catalog.services:
        for metric in service.metrics:
            yield from _of_metric(service, metric, {**place, **_tracks(catalog)})
    for exporter in exporters:
        if exporter.component in catalog.platform.components or exporter.component not in _OWN:
            for name, declared in exporter.metrics.items():
                yield from _of_exporter(exporter, name, declared, place)
    yield from _of_scrapes(catalog, place)


#: Components that a catalog declares; what is declared of others (kube-state-metrics) stands.
_OWN = frozenset(
    {"agent", "alertmanager", "jaeger", "kubernetes", "loki", "memcached", "prometheus", "syslog"}
)


def _place(catalog: Catalog) -> dict[str, Values]:
    environments = catalog.platform.environments
    return {
        names.CLUSTER: frozenset(each.cluster for each in environments),
        names.ENVIRONMENT: frozenset(each.environment for each in environments),
        names.JOB: None,
        names.INSTANCE: None,
    }


def _tracks(catalog: Catalog) -> dict[str, Values]:
    """The label that tells a canary apart, if the catalog speaks of canaries."""
    canary = catalog.platform.canary
    return {names.TRACK: frozenset(canary.tracks)} if canary else {}


def _of_metric(service: Service, metric: Metric, place: Labels) -> Iterator[Signal]:
    labels: dict[str, Values] = {
        **place,
        names.NAMESPACE: frozenset({service.workload.namespace}),
        names.SERVICE: frozenset({service.id}),
        names.POD: None,
    }
    if metric.emitted_by == "agent":
        # The agent sets the labels of the stream that it read the line from.
        for label, values in service.stream_labels.items():
            labels.setdefault(label, frozenset(values) if values else None)
    for label, values in metric.labels.items():
        labels[label] = frozenset(values) if values else None
    origin = f"service {service.id}"
    if metric.type == "histogram":
        counted = metric.counts or "events"
        yield from _histogram(metric.name, metric.unit, counted, labels, metric.buckets, origin)
        return
    role: Role = "counter" if metric.type == "counter" else "gauge"
    unit = metric.counts or metric.unit if role == "counter" else metric.unit
    yield Signal(metric.name, role, unit, _known(labels), origin)


def _histogram(  # noqa: PLR0917 - a histogram has that many sides
    name: str, unit: str, counted: str, labels: Labels, buckets: Iterable[float], origin: str
) -> Iterator[Signal]:
    bounds = {"+Inf"}
    for bound in buckets:
        # Go writes 1 and 1e+06, others 1.0 and 1000000.0.
        bounds |= {f"{bound:g}", repr(float(bound)), repr(float(bound)).removesuffix(".0")}
    bucketed = {**labels, names.LE: frozenset(bounds) if len(bounds) > 1 else None}
    yield Signal(f"{name}_bucket", "bucket", counted, _known(bucketed), origin, unit)
    yield Signal(f"{name}_count", "counter", counted, _known(labels), origin)
    yield Signal(f"{name}_sum", "counter", unit, _known(labels), origin)


def _of_exporter(
    exporter: Exporter, name: str, metric: ExporterMetric, place: Labels
) -> Iterator[Signal]:
    labels: dict[str, Values] = {**place, names.COMPONENT: frozenset({exporter.component})}
    for label, values in metric.labels.items():
        labels[label] = frozenset(values) if values else None
    origin = f"{exporter.component} {exporter.release}"
    if metric.type == "histogram":
        yield from _histogram(name, metric.unit, "events", labels, (), origin)
        return
    if metric.type == "summary":
        yield Signal(f"{name}_count", "counter", "events", _known(labels), origin)
        yield Signal(f"{name}_sum", "counter", metric.unit, _known(labels), origin)
        labels = {**labels, "quantile": None}
    role: Role = "counter" if metric.type == "counter" else "gauge"
    yield Signal(name, role, metric.unit, _known(labels), origin)


def _of_scrapes(catalog: Catalog, place: Labels) -> Iterator[Signal]:
    """What Prometheus itself adds for each target, and for each alert that is not silent."""
    for service in catalog.services:
        labels = {
            **place,
            names.NAMESPACE: frozenset({service.workload.namespace}),
            names.SERVICE: frozenset({service.id}),
            names.POD: None,
            **_tracks(catalog),
        }
        yield from _of_target(labels, f"the scrape of {service.id}")
    for component, facts in catalog.platform.components.items():
        if facts.metrics_port is not None:
            labels = {
                **place,
                names.JOB: frozenset({component}),
                names.COMPONENT: frozenset({component}),
            }
            yield from _of_target(labels, f"the scrape of {component}")


def _of_target(labels: Labels, origin: str) -> Iterator[Signal]:
    for name, unit in _SCRAPED.items():
        yield Signal(name, "gauge", unit, _known(labels), origin)


_SCRAPED = {
    "up": "none",
    "scrape_duration_seconds": "seconds",
    "scrape_samples_post_metric_relabeling": "samples",
    "scrape_samples_scraped": "samples",
    "scrape_series_added": "series",
}


def _known(labels: Labels) -> Known:
    return Known(labels, frozenset(labels))
