"""The metrics that an agent makes of a service's lines, with the labels that are declared.

A metrics stage takes every label that the line has at that moment. So labels come and go between
metrics: a value that is no stream label is one only while it is counted by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from catalog import names
from catalog.agent_metrics import BY_LINE, counted_events
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Event, Metric
from pipeline.agent import stages
from pipeline.agent.stages import Stage
from pipeline.agent.templates import among, when

#: The labels that every metric of a service has, whoever counted it.
_OF_EACH = (
    *(names.CLUSTER, names.ENVIRONMENT, names.NAMESPACE),
    *(names.SERVICE, names.POD, names.TRACK),
)


@dataclass(frozen=True, slots=True)
class Counting:
    """The stages, and the fields of a line that they read."""

    stages: tuple[Stage, ...]
    fields: tuple[str, ...]


def of_service(service: Service, catalog: Catalog, idle: int) -> Counting:
    """Counts each metric of the service that the catalog declares as the agent's."""
    metrics = [each for each in service.metrics if each.emitted_by == "agent"]
    declared = {field.name for field in service.logs.fields}
    fields: dict[str, None] = {}
    made: list[Stage] = []
    for metric in metrics:
        for event in _events(service, metric):
            measured = () if metric.type == "counter" else (event.measures or "",)
            fields |= dict.fromkeys((*event.match, *measured))
        fields |= dict.fromkeys(label for label in metric.labels if label in declared)
        condition = _condition(service, metric, catalog)
        if condition is not None:
            made.append(stages.Template(_key(metric), condition))
    home = frozenset(service.stream_labels)
    labels = home
    for wanted, alike in groupby(metrics, lambda metric: _labels(service, metric)):
        made += _change(service, labels, wanted)
        made.append(stages.Metrics(tuple(_count(metric, catalog, idle) for metric in alike)))
        labels = wanted
    made += _change(service, labels, home)
    return Counting(tuple(made), tuple(fields))


def _events(service: Service, metric: Metric) -> tuple[Event, ...]:
    return () if _by_line(metric) else counted_events(service, metric)


def _by_line(metric: Metric) -> bool:
    return metric.role in BY_LINE and metric.type == "counter"


def _key(metric: Metric) -> str:
    """The value by which a line counts: no field of a line is called so."""
    return f"counted_{metric.name}"


def _condition(service: Service, metric: Metric, catalog: Catalog) -> str | None:
    """The template of what is counted of a line, empty where nothing is; None: every line."""
    if _by_line(metric):
        if metric.role == "log_lines":
            return None
        return when([among(names.LEVEL, catalog.platform.error_levels)], "1")
    return "".join(
        when(
            [among(name, values) for name, values in event.match.items()],
            "1" if metric.type == "counter" else f"{{{{ .{event.measures} }}}}",
            () if metric.type == "counter" else (f".{event.measures}",),
        )
        for event in _events(service, metric)
    )


def _labels(service: Service, metric: Metric) -> frozenset[str]:
    """The labels that the metric is to have on the agent's page."""
    return frozenset(
        {label for label in _OF_EACH if label in service.stream_labels} | {*metric.labels}
    )


def _change(service: Service, now: frozenset[str], wanted: frozenset[str]) -> Iterator[Stage]:
    """From the labels that a line has to those that it is to be counted by."""
    order = (*service.stream_labels, *(field.name for field in service.logs.fields))
    for stage, of in ((stages.Labels, wanted - now), (stages.LabelDrop, now - wanted)):
        if of:
            yield stage(tuple(dict.fromkeys(label for label in order if label in of)))


def _count(metric: Metric, catalog: Catalog, idle: int) -> stages.Count:
    return stages.Count(
        name=metric.name,
        # One page, one help a metric, though each service may word it otherwise.
        help=next(
            each.help
            for service in catalog.services
            for each in service.metrics
            if each.name == metric.name and each.emitted_by == "agent"
        ),
        type=metric.type,
        source=None if metric.role == "log_lines" and _by_line(metric) else _key(metric),
        idle=idle,
        buckets=metric.buckets,
    )
