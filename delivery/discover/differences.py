"""What a service that the catalog knows does, beside what the catalog says of it.

What was not seen is no proof: a field of a rare event is in no sample, and a counter that is lazy
waits for its first event. So only what is always there is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from catalog import names
from catalog.service import Service
from delivery.discover.loki import MADE_UP
from delivery.discover.sight import Sight

_OF_THE_TARGET = frozenset({*names.TARGET_LABELS, names.TRACK})


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One signal that is only on one side."""

    service: str
    signal: Literal["calls", "field", "format", "metric", "metric label", "stream label"]
    name: str
    side: Literal["declared and not seen", "seen and not declared"]

    def __str__(self) -> str:
        return f"{self.service}: the {self.signal} '{self.name}' is {self.side}"


def differences(service: Service, sight: Sight) -> list[Difference]:
    """What differs, in order; nothing is said of what no server was asked for."""
    return sorted({*_streams(service, sight), *_metrics(service, sight), *_calls(service, sight)})


def _streams(service: Service, sight: Sight) -> Iterator[Difference]:
    seen = sight.streams
    if seen is None or not seen.count:
        return
    for label in set(seen.labels) - set(service.stream_labels) - MADE_UP:
        yield Difference(service.id, "stream label", label, "seen and not declared")
    for label in set(service.stream_labels) - set(seen.labels):
        yield Difference(service.id, "stream label", label, "declared and not seen")
    if seen.sample.format not in {None, service.logs.format}:
        yield Difference(service.id, "format", str(seen.sample.format), "seen and not declared")
        return
    declared = {field.name for field in service.logs.fields}
    everywhere = {name for name, each in seen.sample.fields.items() if not each.nested} | set(
        seen.metadata
    )
    for name in everywhere - declared - set(service.stream_labels):
        yield Difference(service.id, "field", name, "seen and not declared")
    always = {service.logs.timestamp, service.logs.message}
    for name in always - everywhere if seen.sample.lines else ():
        yield Difference(service.id, "field", name, "declared and not seen")


def _metrics(service: Service, sight: Sight) -> Iterator[Difference]:
    if sight.scraped is None or sight.scraped.page is None:
        return
    families = sight.scraped.page.families
    declared = {metric.name: metric for metric in service.metrics}
    for name in set(families) - set(declared):
        yield Difference(service.id, "metric", name, "seen and not declared")
    for name, metric in declared.items():
        if name not in families:
            if metric.emission == "always" and metric.emitted_by == "application":
                yield Difference(service.id, "metric", name, "declared and not seen")
            continue
        for label in set(families[name].labels) - set(metric.labels) - _OF_THE_TARGET:
            if metric.emitted_by == "application":
                yield Difference(
                    service.id, "metric label", f"{name}: {label}", "seen and not declared"
                )


def _calls(service: Service, sight: Sight) -> Iterator[Difference]:
    if sight.traced is None:
        return
    for callee in sight.traced.calls - set(service.depends_on):
        yield Difference(service.id, "calls", callee, "seen and not declared")
    for callee in set(service.depends_on) - sight.traced.calls:
        yield Difference(service.id, "calls", callee, "declared and not seen")
