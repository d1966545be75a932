"""Which lines each metric of a service counts that the log agent makes.

One answer for all who ask: the agents' configuration, the telemetry that is made up, and the
catalog's own check that there is one.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog import names
from catalog.platform import Platform
from catalog.service import Service
from catalog.signals import Event, Metric, one_of
from catalog.yaml_file import Location

#: Counters that are told by what a line is, not by what it reports.
BY_LINE = frozenset({"log_lines", "log_errors"})


def counted_events(service: Service, metric: Metric) -> tuple[Event, ...]:
    """The events that a counter counts, or whose measure a gauge or a histogram takes.

    A measure is taken if the metric has its unit.
    """
    if metric.type == "counter":
        return tuple(each for each in service.logs.events if each.counted_by == metric.name)
    return tuple(
        each
        for each in service.logs.events
        if each.measures is not None
        and (field := service.logs.field(each.measures)) is not None
        and field.unit == metric.unit
    )


def metric_faults(service: Service, platform: Platform) -> Iterator[tuple[Location, str, str]]:
    """Location, fault and remedy of each metric that no agent could make as it is declared."""
    for index, metric in enumerate(service.metrics):
        if metric.emitted_by != "agent":
            continue
        where: Location = ("metrics", index)
        if metric.role in BY_LINE and metric.type == "counter":
            yield from _levels(service, metric, platform, where)
        elif not counted_events(service, metric) and not _misnamed(service, metric):
            yield _no_event(metric, where)
        known = {*service.stream_labels, *(field.name for field in service.logs.fields)}
        for label in metric.labels:
            if label not in known:
                yield (
                    (*where, "labels", label),
                    (
                        f"the agent counts '{metric.name}' from lines, and '{label}' is neither a "
                        "stream label nor a field of them"
                    ),
                    one_of(label, known),
                )


def _misnamed(service: Service, metric: Metric) -> bool:
    """Whether an event names a counter that is none: that is told there, and may be this one."""
    named = (service.metric(each.counted_by) for each in service.logs.events if each.counted_by)
    return metric.type == "counter" and any(
        each is None or each.type != "counter" for each in named
    )


def _no_event(metric: Metric, where: Location) -> tuple[Location, str, str]:
    if metric.type == "counter":
        return (
            where,
            f"the agent is to count '{metric.name}', and no event of the logs says which lines",
            f"Write 'counted_by: {metric.name}' at the event, or 'emitted_by: application'",
        )
    return (
        (*where, "unit"),
        f"the agent is to take '{metric.name}' from lines, and no event measures {metric.unit}",
        (
            "Name a field of that unit in the 'measures' of an event, "
            "or write 'emitted_by: application'"
        ),
    )


def _levels(
    service: Service, metric: Metric, platform: Platform, where: Location
) -> Iterator[tuple[Location, str, str]]:
    """An error line is told by its level, and the label then has no other values."""
    declared = metric.labels.get(names.LEVEL)
    if metric.role != "log_errors" or declared is None:
        return
    for at, level in enumerate(declared):
        if level not in platform.error_levels:
            yield (
                (*where, "labels", names.LEVEL, at),
                f"'{metric.name}' counts error lines, and '{level}' is no error level",
                one_of(level, platform.error_levels),
            )
