"""What a scrape of each pod and of the log agent answers, now or at any moment of the past.

Families are built once; each knows how to count itself at a moment. The same families are
written as a page for a scrape and as history for ``promtool tsdb create-blocks-from``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from catalog import names
from catalog.agent_metrics import counted_events
from catalog.service import Service
from catalog.signals import Metric
from simulate import chance
from simulate.traces import Traces
from simulate.world import LineKind, Pod, Requests, World

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
Agent = Literal["promtail", "alloy"]
#: What each agent puts before the names of the metrics that it makes of lines.
PREFIX = {"promtail": "promtail_custom_", "alloy": "loki_process_custom_"}
_SIGMA = 0.55
#: A new version of a service every so often: a deploy on the time axis.
_RELEASE_PERIOD = 9.0 * 3600
#: As many as a world can see.
_RELEASES = 60

#: None while the series is not there.
Value = Callable[[float], float | None]


@dataclass(frozen=True, slots=True)
class Sample:
    """One series: the ending of its name, its labels and its value at a moment.

    ``exemplars`` gives, for a bucket, the trace and the value to show beside it.
    """

    ending: str
    labels: Mapping[str, str]
    value: Value
    exemplars: Callable[[float], tuple[str, float] | None] | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """A metric as OpenMetrics groups its series; counters go without ``_total``."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    help: str
    samples: tuple[Sample, ...]


def page(families: Iterable[Family], now: float) -> str:
    """The text of ``/metrics``."""
    parts: list[str] = []
    for family in families:
        parts.append(_head(family))
        for sample in family.samples:
            value = sample.value(now)
            if value is None:
                continue
            line = f"{family.name}{sample.ending}{_braces(sample.labels)} {_number(value)}"
            found = sample.exemplars(now) if sample.exemplars else None
            if found:
                line += f' # {{trace_id="{found[0]}"}} {found[1]:.6g} {now:.3f}'
            parts.append(line + "\n")
    return "".join(parts) + "# EOF\n"


def history(
    families: Iterable[tuple[Mapping[str, str], Family]], moments: list[float]
) -> Iterator[str]:
    """The same as OpenMetrics with timestamps; the labels of the target come on top."""
    merged: dict[str, list[tuple[Mapping[str, str], Family]]] = {}
    for target, family in families:
        merged.setdefault(family.name, []).append((target, family))
    for alike in merged.values():
        yield _head(alike[0][1])
        for target, family in alike:
            for sample in family.samples:
                series = f"{family.name}{sample.ending}{_braces({**target, **sample.labels})}"
                yield "".join(
                    f"{series} {_number(value)} {moment:.0f}\n"
                    for moment in moments
                    if (value := sample.value(moment)) is not None
                )
    yield "# EOF\n"


def _head(family: Family) -> str:
    return f"# HELP {family.name} {family.help}\n# TYPE {family.name} {family.type}\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:.9g}"


def _braces(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


# What a service exposes itself


def of_pod(world: World, traces: Traces, pod: Pod) -> list[Family]:
    """The application's own metrics of one pod."""
    return [
        _application(world, traces, pod, metric)
        for metric in pod.service.metrics
        if metric.emitted_by == "application"
    ]


def _application(world: World, traces: Traces, pod: Pod, metric: Metric) -> Family:
    if metric.type == "gauge":
        return _family(metric, levels(world, pod, metric))
    samples: list[Sample] = []
    for each in world.requests(pod, metric):
        if metric.type == "histogram":
            samples += _histogram(world, traces, pod, metric, each)
        else:
            samples.append(Sample("_total", each.labels, partial(_both, each)))
    return _family(metric, samples)


def _family(metric: Metric, samples: Iterable[Sample], prefix: str = "") -> Family:
    name = prefix + metric.name
    bare = name.removesuffix("_total") if metric.type == "counter" else name
    return Family(bare, metric.type, metric.help, tuple(samples))


def _both(each: Requests, now: float) -> float:
    return int(each.quick.count(now)) + int(each.slow.count(now))


def _histogram(
    world: World, traces: Traces, pod: Pod, metric: Metric, each: Requests
) -> Iterator[Sample]:
    quick, slow = world.medians(pod.service, metric)

    def within(share: tuple[float, float], now: float) -> float:
        # Of whole events, or a bucket would rise between two of them, when the count does not.
        quickly, slowly = int(each.quick.count(now)), int(each.slow.count(now))
        return int(quickly * share[0]) + int(slowly * share[1])

    def total(now: float) -> float:
        return round(each.quick.count(now) * quick * 1.16 + each.slow.count(now) * slow * 1.16, 3)

    lower = 0.0
    for bound in metric.buckets:
        share = (
            chance.log_normal_share(bound, quick, _SIGMA),
            chance.log_normal_share(bound, slow, _SIGMA),
        )
        exemplars = None
        if metric.exemplars:
            exemplars = partial(_exemplar, traces, pod.service, each.bad, (lower, bound))
        labels = {**each.labels, "le": _bound(bound)}
        yield Sample("_bucket", labels, partial(within, share), exemplars)
        lower = bound
    yield Sample("_bucket", {**each.labels, "le": "+Inf"}, partial(_both, each))
    yield Sample("_count", each.labels, partial(_both, each))
    yield Sample("_sum", each.labels, total)


def _bound(bound: float) -> str:
    """As OpenMetrics wants it: 1 is written 1.0."""
    return f"{bound:g}" if "." in f"{bound:g}" else f"{bound:g}.0"


def _exemplar(
    traces: Traces, service: Service, bad: bool, bucket: tuple[float, float], now: float
) -> tuple[str, float] | None:
    """A trace of just before in which the service took as long as the bucket says."""
    for trace in traces.recent(service, now):
        span = trace.span_of(service)
        if span and span.failed == bad and bucket[0] < span.duration <= bucket[1]:
            return trace.trace_id, span.duration
    return None


def _release(service: Service, now: float) -> int:
    offset = chance.uniform(service.id, "release") * _RELEASE_PERIOD
    return int((now + offset) // _RELEASE_PERIOD)


def version(service: Service, now: float) -> str:
    """What runs at that moment."""
    return f"1.{_release(service, now) % 100}.0"


def _builds(world: World, service: Service, metric: Metric) -> Iterator[Sample]:
    """One series a version, each only while it runs."""
    first = _release(service, world.start)
    for release in range(first, first + _RELEASES):
        told = f"1.{release % 100}.0"
        labels = {name: (values or (told,))[0] for name, values in metric.labels.items()}

        def running(now: float, release: int = release) -> float | None:
            return 1.0 if _release(service, now) == release else None

        yield Sample("", labels, running)


def levels(world: World, pod: Pod, metric: Metric) -> Iterator[Sample]:
    """What a gauge of the application shows: its release, or a level that follows the traffic."""
    if metric.role == "build_info":
        yield from _builds(world, pod.service, metric)
        return
    for each in world.requests(pod, metric):
        median = 20 * (0.5 + chance.uniform(pod.name, metric.name, sorted(each.labels.items())))

        def level(now: float, each: Requests = each, median: float = median) -> float:
            busy = (each.quick.count(now) - each.quick.count(now - 60)) / 60
            return round(median * (0.5 + busy / max(each.quick.rate, 1e-9) / 2), 2)

        yield Sample("", each.labels, level)


# What the log agent exposes


def of_agent(world: World, agent: Agent) -> list[Family]:
    """What the agent counts of the services' lines, and what it says of itself."""
    found: dict[str, list[Sample]] = {}
    metrics: dict[str, Metric] = {}
    for pod in world.pods:
        kinds = [kind for kind in world.line_kinds if kind.pod is pod]
        for metric in pod.service.metrics:
            if metric.emitted_by == "agent":
                metrics.setdefault(metric.name, metric)
                found.setdefault(metric.name, []).extend(_counted(world, pod, metric, kinds))
    counted = [_family(metrics[name], found[name], PREFIX[agent]) for name in found]
    return [*counted, *_own(world, agent)]


def _counted(world: World, pod: Pod, metric: Metric, kinds: list[LineKind]) -> Iterator[Sample]:
    """One series for each set of labels that occurs among the lines the metric counts."""
    groups: dict[tuple[tuple[str, str], ...], list[LineKind]] = {}
    for kind in kinds:
        if counts(world, metric, kind):
            labels = agent_labels(world, pod, metric, kind)
            groups.setdefault(tuple(labels.items()), []).append(kind)
    for key, alike in groups.items():
        labels = dict(key)
        if metric.type == "gauge":
            yield Sample("", labels, partial(_last, alike, metric.name))
        elif metric.type == "histogram":
            yield from _durations(pod, metric, labels, alike)
        else:
            yield Sample("_total", labels, partial(_lines, alike))


def counts(world: World, metric: Metric, kind: LineKind) -> bool:
    """Whether the metric counts lines of that kind."""
    if metric.role == "log_lines":
        return True
    if metric.role == "log_errors":
        return kind.values.get(names.LEVEL) in world.catalog.platform.error_levels
    return kind.event in counted_events(kind.pod.service, metric)


def agent_labels(world: World, pod: Pod, metric: Metric, kind: LineKind) -> dict[str, str]:
    """The labels of the series that counts such a line."""
    service = pod.service
    own = {**kind.values, "container_name": service.workload.app}
    labels = {
        **world.scope(),
        names.NAMESPACE: service.workload.namespace,
        names.SERVICE: service.id,
        names.POD: pod.name,
        **({names.TRACK: pod.track} if pod.track else {}),
    }
    for name, values in metric.labels.items():
        known = own.get(name) or (values or service.stream_labels.get(name) or ("",))[0]
        labels[name] = known
    return labels


def _lines(kinds: list[LineKind], now: float) -> float:
    return sum(int(kind.flow.count(now)) for kind in kinds)


def _last(kinds: list[LineKind], name: str, now: float) -> float:
    """What the last line reported; it wanders slowly."""
    number = sum(int(kind.flow.count(now)) for kind in kinds)
    return 1 + int(chance.log_normal(4, 0.5, name, kinds[0].key, number // 3))


def _durations(
    pod: Pod, metric: Metric, labels: dict[str, str], kinds: list[LineKind]
) -> Iterator[Sample]:
    median = 40 * (0.6 + chance.uniform(pod.service.id, metric.name, sorted(labels.items())))

    def within(share: float, now: float) -> float:
        return int(sum(kind.flow.count(now) for kind in kinds) * share)

    for bound in metric.buckets:
        share = chance.log_normal_share(bound, median, 0.7)
        yield Sample("_bucket", {**labels, "le": _bound(bound)}, partial(within, share))
    yield Sample("_bucket", {**labels, "le": "+Inf"}, partial(within, 1.0))
    yield Sample("_count", labels, partial(within, 1.0))
    yield Sample("_sum", labels, lambda now: round(within(1.0, now) * median * 1.28, 1))


#: How the two agents name what they say of themselves.
OWN: dict[Agent, tuple[str, str, str, str]] = {
    "promtail": (
        "promtail_file_bytes",
        "promtail_read_bytes",
        "promtail_sent_entries",
        "promtail_dropped_entries",
    ),
    "alloy": (
        "loki_source_file_file_bytes",
        "loki_source_file_read_bytes",
        "loki_write_sent_entries",
        "loki_write_dropped_entries",
    ),
}
#: Why an agent gives lines up.
REASONS = ("ingester_error", "line_too_long", "rate_limited", "stream_limited")
_BYTES_A_LINE = 260


def _own(world: World, agent: Agent) -> Iterator[Family]:
    written, read, sent, dropped = OWN[agent]
    kinds = {pod.name: [k for k in world.line_kinds if k.pod is pod] for pod in world.pods}

    def size(name: str, now: float) -> float:
        return _lines(kinds[name], now) * _BYTES_A_LINE

    def behind(name: str, now: float) -> float:
        lag = 900 * (1 + chance.uniform(name, int(now // 15)))
        return max(0.0, size(name, now) - int(lag))

    # Both agents export sizes as gauges that are called ``_total`` all the same.
    files = {pod.name: {"path": f"/var/log/{pod.service.id}/{pod.name}.log"} for pod in world.pods}
    yield Family(
        f"{written}_total",
        "gauge",
        "Bytes in a file.",
        tuple(Sample("", files[name], partial(size, name)) for name in files),
    )
    yield Family(
        f"{read}_total",
        "gauge",
        "Bytes read of a file.",
        tuple(Sample("", files[name], partial(behind, name)) for name in files),
    )
    host = {"host": "loki"}
    yield Family(
        sent,
        "counter",
        "Entries sent.",
        (Sample("_total", host, lambda now: sum(_lines(k, now) for k in kinds.values())),),
    )
    yield Family(
        dropped,
        "counter",
        "Entries given up.",
        tuple(Sample("_total", {**host, "reason": reason}, lambda _now: 0.0) for reason in REASONS),
    )
