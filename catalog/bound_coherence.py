"""Faults of bounds: a limit that can never be passed, or one on what has no such thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.bounds import Watch
from catalog.faults import Fault
from catalog.service import Service
from catalog.signals import Event, Metric, one_of
from catalog.yaml_file import Location

#: The units of a time; what is slow is measured in one of them.
TIMES = ("milliseconds", "seconds")
#: Gauges of these units say what there is or when, and not how much.
_NO_LEVEL = frozenset({"info", "timestamp"})


def bound_faults(service: Service) -> Iterator[Fault]:
    """Every bound of the service's metrics and events that nothing can come of."""
    for index, metric in enumerate(service.metrics):
        where: Location = ("metrics", index)
        yield from _slow_metric(metric, where)
        yield from _metric_ceiling(metric, where)
        yield from _watched_metric(metric, where)
    for index, event in enumerate(service.logs.events):
        where = ("logs", "events", index)
        yield from _measured(service, event, where)
        yield from _watched_event(service, event, where)


def _slow_metric(metric: Metric, where: Location) -> Iterator[Fault]:
    if metric.slow is None:
        return
    at = (*where, "slow")
    if metric.type != "histogram":
        yield Fault(
            at,
            f"'{metric.name}' is a {metric.type}, and only a histogram has a 99th percentile",
            "Remove it, or name a histogram",
        )
    elif metric.role == "requests":
        yield Fault(
            at,
            f"'{metric.name}' counts requests, and 'latency_p99_seconds' of platform.yaml "
            "bounds those of every service",
            "Remove it, or promise a latency under 'objectives'",
        )
    elif metric.unit not in TIMES:
        yield Fault(
            at,
            f"'{metric.name}' is in {metric.unit}, and slow is what takes a long time",
            f"Remove it, or write the unit: {' or '.join(TIMES)}",
        )
    elif metric.slow.above >= metric.buckets[-1]:
        yield _never_slower(metric, metric.slow.above, (*at, "above"))
    elif metric.slow.above < metric.buckets[0]:
        yield Fault(
            (*at, "above"),
            f"'slow' is {metric.slow.above:g}, and whatever falls below the lowest bucket of "
            f"'{metric.name}', {metric.buckets[0]:g}, may count as slower",
            f"Write {metric.buckets[0]:g}, or add a bucket of at most {metric.slow.above:g}",
        )


def _never_slower(metric: Metric, above: float, at: Location) -> Fault:
    """``histogram_quantile`` answers with the highest bound for whatever lies beyond it."""
    highest = metric.buckets[-1]
    lower = [bound for bound in metric.buckets if bound < highest]
    nearest = f"Write {lower[-1]:g}" if lower else "Write less"
    return Fault(
        at,
        f"'slow' is {above:g}, and no percentile of '{metric.name}' is ever above its highest "
        f"bucket, {highest:g}",
        f"{nearest}, or add a bucket above {above:g}",
    )


def _metric_ceiling(metric: Metric, where: Location) -> Iterator[Fault]:
    if metric.ceiling is None:
        return
    if metric.type != "gauge":
        yield Fault(
            (*where, "ceiling"),
            f"'{metric.name}' is a {metric.type}, and only a gauge stands at a level",
            "Remove it, or name a gauge",
        )
    elif metric.unit in _NO_LEVEL:
        yield Fault(
            (*where, "ceiling"),
            f"'{metric.name}' is in {metric.unit}, which is no level",
            "Remove it",
        )


def _measured(service: Service, event: Event, where: Location) -> Iterator[Fault]:
    field = service.logs.field(event.measures) if event.measures else None
    for key, declared in (("slow", event.slow), ("ceiling", event.ceiling)):
        if declared is None:
            continue
        if field is None:
            yield Fault(
                (*where, key),
                f"'{key}' bounds what '{event.id}' measures, and it measures nothing",
                "Add 'measures' with a numeric field, or remove the bound",
            )
        elif (field.unit in TIMES) != (key == "slow"):
            right = "slow" if field.unit in TIMES else "ceiling"
            yield Fault(
                (*where, key),
                f"'{key}' bounds '{field.name}', which is in {field.unit}",
                f"Write it as '{right}'",
            )


def _watched_metric(metric: Metric, where: Location) -> Iterator[Fault]:
    if metric.watch and metric.type == "gauge":
        yield Fault(
            (*where, "watch"),
            f"'{metric.name}' is a gauge and counts no events",
            "Remove it, or name a counter or a histogram",
        )
        return
    telling = metric.bad or metric.good or {}
    for index, watch in enumerate(metric.watch):
        at = (*where, "watch", index)
        if metric.role == "requests" and watch.label in telling:
            yield Fault(
                (*at, "label"),
                f"'{watch.label}' says which requests failed, and HighErrorRatio counts those",
                "Watch another label, or remove it",
            )
    yield from _watches(metric.watch, metric.labels, "label", where)


def _watched_event(service: Service, event: Event, where: Location) -> Iterator[Fault]:
    if event.watch and event.counted_by is not None:
        yield Fault(
            (*where, "watch"),
            f"'{event.counted_by}' counts these events, and is cheaper to ask than the lines",
            "Move it to that metric",
        )
        return
    fields = {field.name: field.values for field in service.logs.fields}
    yield from _watches(event.watch, fields, "field", where)


def _watches(
    watches: tuple[Watch, ...],
    known: Mapping[str, tuple[str, ...] | None],
    what: str,
    where: Location,
) -> Iterator[Fault]:
    ids: set[str] = set()
    taken: set[tuple[str, str]] = set()
    for index, watch in enumerate(watches):
        at = (*where, "watch", index)
        if watch.id in ids:
            yield Fault((*at, "id"), f"'{watch.id}' is watched a second time", "Choose another id")
        ids.add(watch.id)
        if watch.label not in known:
            yield Fault(
                (*at, "label"),
                f"'{watch.id}' watches the {what} '{watch.label}', which is not declared",
                one_of(watch.label, known),
            )
            continue
        values = known[watch.label]
        for place, value in enumerate(watch.values):
            if values is not None and value not in values:
                yield Fault(
                    (*at, "values", place),
                    f"'{watch.id}' watches '{value}', a value that '{watch.label}' never has",
                    one_of(value, values),
                )
            elif (watch.label, value) in taken:
                yield Fault(
                    (*at, "values", place),
                    f"'{watch.id}' watches '{value}', which is watched already",
                    "Watch it once: one alert a cause",
                )
            taken.add((watch.label, value))
