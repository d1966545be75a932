"""Lines as the services write them, odd ones and secrets among them, and what is to come of them.

What is promised is reckoned here from the catalog once more, apart from the generator.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from catalog import names
from catalog.agent_metrics import counted_events
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from simulate.log_lines import LogLine, LogLines, WrittenLine
from simulate.traces import Traces
from simulate.world import World
from tests.live.stack import ROOT
from tests.pipeline.planted import PLANTED

Labels = tuple[tuple[str, str], ...]

SHIPPED = load_catalog(ROOT / "catalog")
#: Seconds of lines, and how many of the seed's volume: some 1,500 lines, of every kind.
_SECONDS, _SCALE = 300, 0.05


def written(catalog: Catalog, environment: str, structured: bool, now: float) -> list[WrittenLine]:
    """The lines of every service; the same ones for both releases of Loki."""
    place = next(each for each in catalog.platform.environments if each.id == environment)
    world = World(catalog, place, now - 3600, 1, _SCALE)
    release = "loki_3" if structured else "loki_2_9"
    begin = now - _SECONDS - 60
    lines = LogLines(world, Traces(world), release).written_between(begin, now - 60)
    return [*lines, *odd_lines(lines, catalog), *secret_lines(lines, catalog)]


def altered(line: WrittenLine, seconds: float, /, **values: object) -> WrittenLine:
    """The line some seconds later, with other values; a label that is not declared goes."""
    service = line.pod.service
    moment = line.sent.moment + int(seconds * 1e9)
    told = {**line.values, **values, service.logs.timestamp: rfc3339(moment)}
    labels = dict(line.sent.labels)
    for name, value in values.items():
        declared = service.stream_labels.get(name, ())
        if declared and value not in declared:
            labels.pop(name, None)
    sent = LogLine(moment, tuple(sorted(labels.items())), line.sent.text, line.sent.metadata)
    return WrittenLine(line.pod, json.dumps(told, ensure_ascii=False), told, sent)


def odd_lines(lines: list[WrittenLine], catalog: Catalog) -> list[WrittenLine]:
    """Of each service: an undeclared level, an undeclared value of an event, a null."""
    found: list[WrittenLine] = []
    for service in catalog.services:
        last = [line for line in lines if line.pod.service is service and "event" in line.values][
            -1
        ]
        found += [
            altered(last, 61, level="catastrophe"),
            altered(last, 62, outcome="perhaps", message="nobody declared this outcome"),
            altered(last, 63, duration_ms=None, memory_operations=None),
        ]
    return found


def secret_lines(lines: list[WrittenLine], catalog: Catalog) -> list[WrittenLine]:
    """Each planted secret in the message of each service."""
    return [
        altered(
            [line for line in lines if line.pod.service is service][-1],
            70 + at,
            message=planted.message,
        )
        for service in catalog.services
        for at, planted in enumerate(PLANTED)
    ]


def rfc3339(moment: int) -> str:
    whole = datetime.fromtimestamp(moment // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{moment % 10**9:09d}Z"


def nanoseconds(text: str) -> int:
    whole, _, rest = text.removesuffix("Z").partition(".")
    seconds = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()
    return int(seconds) * 10**9 + int(rest.ljust(9, "0"))


def told_of(service: Service, metric: Metric, line: WrittenLine) -> float | None:
    """What the metric takes of a line: 1 if it counts it, a measure, None if it passes."""
    values = line.values
    if metric.role == "log_lines":
        return 1
    if metric.role == "log_errors":
        return 1 if values.get(names.LEVEL) in SHIPPED.platform.error_levels else None
    for event in counted_events(service, metric):
        if all(values.get(name) in wanted for name, wanted in event.match.items()):
            if metric.type == "counter":
                return 1
            measured = values.get(event.measures or "")
            return float(str(measured)) if measured is not None else None
    return None


def labels_of(service: Service, metric: Metric, line: WrittenLine) -> Labels:
    """The labels of the line's pod, and those that are declared of the metric."""
    declared = {each.name: each.values for each in service.logs.fields}
    where = (
        names.CLUSTER,
        names.ENVIRONMENT,
        names.NAMESPACE,
        names.SERVICE,
        names.POD,
        names.TRACK,
    )
    known = {**{name: str(value) for name, value in line.values.items()}, **dict(line.sent.labels)}
    return tuple(
        sorted(
            (name, known[name])
            for name in {*where, *metric.labels}
            if name in known and known[name] in (declared.get(name) or (known[name],))
        )
    )


def promised(lines: list[WrittenLine]) -> dict[str, dict[Labels, float]]:
    """Each series that the agent is to show: counters, the last of a gauge, a histogram's sums."""
    found: dict[str, dict[Labels, float]] = {}

    def add(name: str, labels: Labels, value: float) -> None:
        series = found.setdefault(name, {})
        series[labels] = series.get(labels, 0) + value

    for line in lines:
        service = line.pod.service
        for metric in service.metrics:
            value = told_of(service, metric, line) if metric.emitted_by == "agent" else None
            if value is None:
                continue
            labels = labels_of(service, metric, line)
            if metric.type == "gauge":
                found.setdefault(metric.name, {})[labels] = value
            elif metric.type == "counter":
                add(metric.name, labels, value)
            else:
                add(f"{metric.name}_count", labels, 1)
                add(f"{metric.name}_sum", labels, value)
                for bound in (*metric.buckets, float("inf")):
                    inside = tuple(sorted((*labels, (names.LE, str(float(bound))))))
                    add(f"{metric.name}_bucket", inside, float(value <= bound))
    return found
