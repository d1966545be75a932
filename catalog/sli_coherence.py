"""Faults of an objective's indicator: what it reads must be there, and tell what it is asked."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.faults import Fault
from catalog.platform import Platform
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from catalog.signals import Event, Metric, one_of
from catalog.spans import RAW_SECONDS
from catalog.yaml_file import Location

#: A missed scrape, and one that is late at either end, still leave two samples.
_SAMPLES = 4
_TIMES = frozenset({"milliseconds", "seconds"})


def sli_faults(
    service: Service, platform: Platform, index: int, objective: Objective
) -> Iterator[Fault]:
    """What is wrong with the indicator of the service's objective of that index."""
    where: Location = ("objectives", index, "sli")
    if objective.sli.log is not None:
        yield from _of_log(service, where, objective)
        return
    name = objective.sli.metric or ""
    metric = service.metric(name)
    if metric is None:
        yield no_one_emits(service, name, (*where, "metric"))
    elif objective.sli.type == "latency":
        yield from _latency(where, objective, metric)
    elif objective.sli.type == "freshness":
        yield from _freshness(where, objective, metric, platform)
    elif metric.type == "gauge":
        yield Fault(
            (*where, "metric"),
            f"'{metric.name}' is a gauge and counts no events",
            "Name a counter or a histogram",
        )
    elif not (metric.good or metric.bad):
        yield Fault(
            (*where, "metric"),
            f"'{metric.name}' does not say which of its events are good or bad",
            "Add 'good' or 'bad' to the metric",
        )


def no_one_emits(service: Service, name: str, where: Location) -> Fault:
    """A metric is named that the service does not declare."""
    return Fault(
        where,
        f"no one emits the metric '{name}'",
        one_of(name, (metric.name for metric in service.metrics)),
    )


def _latency(where: Location, objective: Objective, metric: Metric) -> Iterator[Fault]:
    if metric.type != "histogram":
        yield Fault(
            (*where, "metric"),
            f"'{metric.name}' is a {metric.type}, and a latency is read from a histogram",
            "Name a histogram",
        )
    elif objective.sli.threshold not in metric.buckets:
        bounds = ", ".join(f"{bound:g}" for bound in metric.buckets)
        yield Fault(
            (*where, "threshold"),
            f"{objective.sli.threshold:g} is no bucket of '{metric.name}', "
            "and between two buckets the share is a guess",
            f"Write one of {bounds}",
        )


def _freshness(
    where: Location, objective: Objective, metric: Metric, platform: Platform
) -> Iterator[Fault]:
    age = objective.sli.threshold or 0.0
    shortest = _SAMPLES * platform.scrape.interval
    if metric.type == "gauge" and metric.unit != "timestamp":
        yield Fault(
            (*where, "metric"),
            f"'{metric.name}' is a gauge of {metric.unit}, which does not say how old anything is",
            "Name a gauge whose unit is timestamp, or a counter of what is to come in",
        )
    elif age != int(age) or age < shortest:
        yield Fault(
            (*where, "threshold"),
            f"{age:g} is no age that can be told at a scrape every {platform.scrape.interval}s",
            f"Write whole seconds, at least {shortest}",
        )
    elif metric.type != "gauge" and age > RAW_SECONDS:
        yield Fault(
            (*where, "threshold"),
            f"{age:g} would count '{metric.name}' over {format_duration(int(age))} at each "
            "evaluation",
            f"Write at most {RAW_SECONDS}, or name a gauge whose unit is timestamp",
        )


def _of_log(service: Service, where: Location, objective: Objective) -> Iterator[Fault]:
    name = objective.sli.log or ""
    event = service.event(name)
    if event is None:
        yield Fault(
            (*where, "log"),
            f"the logs report no event '{name}'",
            one_of(name, (event.id for event in service.logs.events)),
        )
    elif objective.sli.type == "availability" and event.outcome is None:
        yield Fault(
            (*where, "log"),
            f"the event '{name}' does not say which outcomes are bad",
            "Add 'outcome' to the event",
        )
    elif objective.sli.type == "latency":
        yield from _measured(service, where, event)


def _measured(service: Service, where: Location, event: Event) -> Iterator[Fault]:
    field = service.logs.field(event.measures) if event.measures else None
    if field is None:
        yield Fault(
            (*where, "log"),
            f"the event '{event.id}' measures nothing, and a latency is a measured time",
            "Add 'measures' with the field that holds the duration",
        )
    elif field.unit not in _TIMES:
        yield Fault(
            (*where, "log"),
            f"the event '{event.id}' measures {field.unit}, and a latency is a measured time",
            "Name an event that measures seconds or milliseconds",
        )
