"""The services in one thread with a clock of the test's: what they do, and in which order."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from catalog.load import load_catalog
from simulate.fleet.arrivals import Due
from simulate.fleet.engine import Engine
from simulate.fleet.formatter import ServiceFormatter
from simulate.fleet.incidents import Incident, Kind
from simulate.fleet.replica import Replica
from simulate.world import LineKind, Pod, World

#: A quiet hour: no burst of trouble of any service of the three catalogs.
BEGIN = 1_800_000_000.0


class HandClock:
    """Stands still until somebody sleeps or it is set."""

    def __init__(self, now: float) -> None:
        self.at = now

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


class Kept(logging.Handler):
    """Keeps each record's values with the kind of line that it is."""

    def __init__(self, records: list[tuple[LineKind, dict[str, Any]]]) -> None:
        super().__init__()
        self.records = records

    def emit(self, record: logging.LogRecord) -> None:
        assert isinstance(self.formatter, ServiceFormatter)
        values = self.formatter.values(record)
        # The machine's clock stamps it; all else repeats.
        del values[record.__dict__["line"].kind.pod.service.logs.timestamp]
        self.records.append((record.__dict__["line"].kind, values))


class Rehearsal:
    """Every service of a catalog; calls are made on the spot."""

    def __init__(self, catalog: Path, logs: Path, seed: int = 1, scale: float = 1.0) -> None:
        loaded = load_catalog(catalog)
        environment = loaded.default_environment

        def world(*bad: str) -> World:
            start = BEGIN - 3600
            return World(loaded, environment, start, seed, scale, frozenset(bad))

        self.clock, self.exporter = HandClock(BEGIN), InMemorySpanExporter()
        self.world = world()
        self.records: list[tuple[LineKind, dict[str, Any]]] = []
        self.engines = {
            service.id: Engine(
                self.world,
                world(service.id),
                service,
                logs=logs,
                clock=self.clock,
                network=self,
                spans=lambda: self.exporter,
                others=(Kept(self.records),),
            )
            for service in loaded.services
        }
        self._numbers = 0

    def __enter__(self) -> Rehearsal:
        return self

    def __exit__(self, *_: object) -> None:
        for engine in self.engines.values():
            for replica in engine.replicas:
                replica.close(1000)
                replica.program.spans.close()

    def send(self, pod: Pod, headers: Mapping[str, str]) -> bool:
        """As the network does."""
        replica = self.replica(pod.name)
        return replica.program.alive and replica.program.called(dict(headers))

    def replica(self, pod: str) -> Replica:
        return next(
            each
            for engine in self.engines.values()
            for each in engine.replicas
            if each.pod.name == pod
        )

    def incident(self, kind: Kind, service: str, **more: float) -> str:
        self._numbers += 1
        chosen = Incident(
            f"{kind}-{self._numbers}",
            kind,
            service,
            self.clock.now(),
            more.get("seconds", 600),
            more.get("share"),
            more.get("factor"),
        )
        self.engines[service].incidents.add(chosen)
        return chosen.id

    def run(self, seconds: int) -> None:
        """What is due in the seconds to come, one after the other."""
        begin = int(self.clock.now()) + 1
        for since in range(begin, begin + seconds):
            self.clock.at = max(self.clock.at, float(since))
            due = [
                (engine, replica, each)
                for engine in self.engines.values()
                for replica, each in engine.due(float(since))
            ]
            for engine, replica, each in sorted(due, key=_moment):
                self.clock.at = max(self.clock.at, each.moment)
                engine.do(replica, each, lambda work, *what: work(*what))
        for engine in self.engines.values():
            for replica in engine.replicas:
                replica.flush()
                replica.program.spans.flush(10_000)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self.exporter.get_finished_spans())

    def lines(self, service: str) -> list[tuple[LineKind, dict[str, Any]]]:
        return [each for each in self.records if each[0].pod.service.id == service]

    def forget(self) -> None:
        self.records.clear()
        self.exporter.clear()

    def total(self, service: str, ending: str, **labels: str) -> float:
        """The sum of the samples of a service whose name ends so and that have the labels."""
        return sum(
            sample.value
            for replica in self.engines[service].replicas
            for family in replica.program.meters.registry.collect()
            for sample in family.samples
            if sample.name.endswith(ending)
            and all(sample.labels.get(name) == value for name, value in labels.items())
        )


def _moment(each: tuple[Engine, Replica, Due]) -> float:
    return each[2].moment
