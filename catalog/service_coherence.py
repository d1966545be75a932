"""Faults of one service: what its parts say of each other and of the platform."""

from __future__ import annotations

from collections.abc import Iterator

from catalog import names
from catalog.agent_coherence import line_faults
from catalog.bound_coherence import bound_faults
from catalog.canary_coherence import canary_faults
from catalog.faults import Fault
from catalog.platform import Platform
from catalog.scalars import format_duration
from catalog.service import Service
from catalog.signals import Event, Metric, one_of
from catalog.sli_coherence import no_one_emits, sli_faults
from catalog.yaml_file import Location

#: Every query selects by these.
_STREAM_LABELS = (
    names.CLUSTER,
    names.ENVIRONMENT,
    names.NAMESPACE,
    names.SERVICE,
    names.POD,
    names.LEVEL,
)


#: What a generator asks of the metric that plays a role.
_TYPE_OF_A_ROLE = {
    "build_info": "gauge",
    "log_errors": "counter",
    "log_lines": "counter",
    "requests": "histogram",
}


def service_faults(service: Service, platform: Platform) -> Iterator[Fault]:
    """Every contradiction within the service's file, or between it and the platform's."""
    yield from _folder(service, platform)
    yield from _stream_labels(service, platform)
    yield from canary_faults(service, platform)
    yield from _homes(service)
    yield from _metrics(service)
    yield from _bounds(service, platform)
    for index, event in enumerate(service.logs.events):
        yield from _event(service, index, event)
    yield from bound_faults(service)
    yield from line_faults(service, platform)
    yield from _objectives(service, platform)


def _folder(service: Service, platform: Platform) -> Iterator[Fault]:
    folders = [folder.id for folder in platform.folders]
    if service.folder is not None and service.folder not in folders:
        yield Fault(
            ("folder",),
            f"platform.yaml has no folder '{service.folder}'",
            one_of(service.folder, folders),
        )


def _stream_labels(service: Service, platform: Platform) -> Iterator[Fault]:
    declared = service.stream_labels
    where: Location = ("stream_labels",)
    for label in _STREAM_LABELS:
        if label not in declared:
            yield Fault(
                where,
                f"the stream label '{label}' is missing, and every query selects by it",
                f"Add a line '{label}: ...' with its values, or null where the set is open",
            )
    if declared.get(names.SERVICE, (service.id,)) != (service.id,):
        yield Fault(
            (*where, names.SERVICE),
            "the label 'service' is not the service's id",
            f"Write 'service: [{service.id}]'",
        )
    limit = platform.limits.labels_per_stream
    if len(declared) > limit:
        yield Fault(
            where,
            f"{len(declared)} stream labels, and Loki takes {limit}",
            "Keep some of them in the line or in structured metadata",
        )
    levels = declared.get(names.LEVEL, ())
    # The pod knows where a line is from, and one value holds for all: the rest the line says.
    if (levels is None or len(levels) > 1) and service.logs.field(names.LEVEL) is None:
        yield Fault(
            (*where, names.LEVEL),
            "no field of the lines carries the stream label 'level'",
            "Add the field 'level' to 'logs.fields', and let it live in its stream label",
        )
    for index, level in enumerate(levels or ()):
        if level not in platform.levels:
            yield Fault(
                (*where, names.LEVEL, index),
                f"'levels' of platform.yaml lacks '{level}'",
                one_of(level, platform.levels),
            )


def _homes(service: Service) -> Iterator[Fault]:
    """A field lives in a stream label in both releases or in none, and as 'stream_labels' says."""
    declared = service.stream_labels
    for index, field in enumerate(service.logs.fields):
        where: Location = ("logs", "fields", index)
        homes = (field.lives.loki_2_9, field.lives.loki_3)
        if field.name not in declared and "stream_label" in homes:
            yield Fault(
                (*where, "lives"),
                f"'{field.name}' lives in a stream label, and 'stream_labels' lacks it",
                "Write 'line' here, or add the label to 'stream_labels'",
            )
        elif field.name in declared and field.type in {"trace_id", "span_id"}:
            yield Fault(
                ("stream_labels", field.name),
                f"'{field.name}' would make a stream of every request",
                "Remove it, and let the field live in the line or in structured metadata",
            )
        elif field.name in declared and homes != ("stream_label", "stream_label"):
            yield Fault(
                (*where, "lives"),
                f"'{field.name}' lives elsewhere than in its stream label",
                "Write 'stream_label' for both releases, or remove it from 'stream_labels'",
            )
        elif field.name in declared and field.values != declared[field.name]:
            yield Fault(
                (*where, "values"),
                f"'{field.name}' has other values than in 'stream_labels'",
                "Make the two agree",
            )


def _metrics(service: Service) -> Iterator[Fault]:
    seen: set[str] = set()
    roles: dict[str, str] = {}
    for index, metric in enumerate(service.metrics):
        where: Location = ("metrics", index)
        if metric.name in seen:
            yield Fault(
                (*where, "name"),
                f"the metric '{metric.name}' is declared a second time",
                "Keep one of the two",
            )
        seen.add(metric.name)
        for label in metric.labels:
            if label in names.TARGET_LABELS or label == names.LE:
                yield Fault(
                    (*where, "labels", label),
                    f"Prometheus sets the label '{label}' itself",
                    "Remove it, or rename it",
                )
        if metric.role is not None:
            if metric.role in roles:
                yield Fault(
                    (*where, "role"),
                    f"'{roles[metric.role]}' has the role '{metric.role}' already",
                    "Leave the role to one metric",
                )
            roles[metric.role] = metric.name
        yield from _role(index, metric)


def _role(index: int, metric: Metric) -> Iterator[Fault]:
    needed = _TYPE_OF_A_ROLE.get(metric.role or "", metric.type)
    if metric.type != needed:
        yield Fault(
            ("metrics", index, "role"),
            f"'{metric.name}' is a {metric.type}, and the role '{metric.role}' is for a {needed}",
            f"Write 'type: {needed}', or remove the role",
        )
    if metric.role == "requests" and not (metric.good or metric.bad):
        yield Fault(
            ("metrics", index),
            f"'{metric.name}' has the role 'requests' and says neither 'good' nor 'bad'",
            "Add 'bad' with the label values of a failed request, or 'good' with the others",
        )


def _bounds(service: Service, platform: Platform) -> Iterator[Fault]:
    """A percentile is never above the highest bound, so that some bound has to be too slow."""
    limit = platform.thresholds.latency_p99_seconds
    for index, metric in enumerate(service.metrics):
        in_unit = limit * (1000 if metric.unit == "milliseconds" else 1)
        if metric.role == "requests" and metric.buckets and metric.buckets[-1] <= in_unit:
            yield Fault(
                ("metrics", index, "buckets"),
                f"the highest is {metric.buckets[-1]:g}, and requests are too slow above "
                f"{in_unit:g} ('thresholds.latency_p99_seconds' of platform.yaml): "
                "no histogram with these buckets could say so",
                f"Add a bucket above {in_unit:g}, or lower the threshold",
            )


def _event(service: Service, index: int, event: Event) -> Iterator[Fault]:
    if event.counted_by is None:
        return
    metric = service.metric(event.counted_by)
    where: Location = ("logs", "events", index, "counted_by")
    if metric is None:
        yield no_one_emits(service, event.counted_by, where)
    elif metric.type != "counter":
        yield Fault(
            where,
            f"'{metric.name}' is a {metric.type}, and events are counted by a counter",
            "Name a counter, or remove the line",
        )


def _objectives(service: Service, platform: Platform) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, objective in enumerate(service.objectives):
        if objective.id in seen:
            yield Fault(
                ("objectives", index, "id"),
                f"the objective '{objective.id}' is declared a second time",
                "Choose another id",
            )
        seen.add(objective.id)
        kept = platform.retention.metrics
        if objective.period > kept:
            yield Fault(
                ("objectives", index, "period"),
                f"metrics are kept for {format_duration(kept)}, "
                f"and the objective looks back {format_duration(objective.period)}",
                "Shorten the period, or raise 'retention.metrics' in platform.yaml",
            )
        yield from sli_faults(service, platform, index, objective)
