"""The series that show an objective's story, as promtool takes them.

They follow from what the catalog declares: the metric's labels, which of them tell good from
bad, a histogram's bounds, whether a counter is there from the start or born with its first
event. A scrape that fails leaves Prometheus' stale marker and ``up`` at 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog import names
from catalog.model import Catalog
from catalog.service import Objective, Service
from catalog.signals import Metric
from queries.counters import counter
from simulate.backtest.incident import Fault
from simulate.backtest.story import Pod, Story

Labels = Mapping[str, str]
#: A value of a label whose set of values is open.
_ANY = "any"


@dataclass(frozen=True, slots=True)
class Replayed:
    """What is told to Prometheus: series by their text, values ``interval`` seconds apart."""

    interval: int
    series: Mapping[str, str]


def telemetry(catalog: Catalog, service: Service, objective: Objective, story: Story) -> Replayed:
    """The series of one objective's story."""
    metric = service.metric(objective.sli.metric)
    if metric is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: no metric {objective.sli.metric}")
    told: dict[str, str] = {}
    for pod, extra, seen in _scrapes(story):
        target = _target(catalog, service, metric, pod.name, extra)
        for name, labels, counts in _counters(metric, objective, pod):
            text = _series(name, {**target, **labels})
            told[text] = _values(counts, seen, pod.resets, lazy=metric.emission == "lazy")
        up = {key: value for key, value in target.items() if not _of_lines(metric, key)}
        text = _series("up", up)
        # One agent reads the lines of all pods: what any of them shows of it is the same.
        told[text] = _merged(told[text], _up(seen)) if text in told else _up(seen)
    return Replayed(story.step, told)


def _scrapes(story: Story) -> Iterator[tuple[Pod, str, Sequence[bool]]]:
    """Each pod as each scraper sees it."""
    doubled = [fault for fault in story.incident.faults if fault.kind == "duplicate"]
    for pod in story.pods:
        yield pod, "", pod.seen
        for fault in doubled:
            yield pod, "-again", _during(fault, story, pod.seen)


def _during(fault: Fault, story: Story, seen: Sequence[bool]) -> list[bool]:
    since, until = fault.span(story.incident.start)
    return [
        is_seen and since < number * story.step <= until for number, is_seen in enumerate(seen)
    ]


def _target(catalog: Catalog, service: Service, metric: Metric, pod: str, extra: str) -> Labels:
    """The labels of a target: the pod itself, or for what lines tell the agent that reads them."""
    agent = metric.emitted_by == "agent"
    environment = catalog.default_environment
    return {
        names.CLUSTER: environment.cluster,
        names.ENVIRONMENT: environment.environment,
        names.NAMESPACE: service.workload.namespace,
        names.SERVICE: service.id,
        names.POD: f"{service.workload.app}-{pod}",
        names.JOB: "agent" if agent else "services",
        names.INSTANCE: f"agent{extra}" if agent else f"{pod}{extra}:{service.workload.metrics_port}",
    }


def _of_lines(metric: Metric, label: str) -> bool:
    """Whether the agent's own ``up`` lacks what it says of the lines' pods."""
    return metric.emitted_by == "agent" and label in {names.NAMESPACE, names.SERVICE, names.POD}


def _counters(
    metric: Metric, objective: Objective, pod: Pod
) -> Iterator[tuple[str, Labels, Sequence[int]]]:
    """Each counter of a pod: its name, its own labels, what it counted."""
    if objective.sli.type == "latency":
        labels = {name: values[0] if values else _ANY for name, values in metric.labels.items()}
        whole = [good + bad for good, bad in zip(pod.good, pod.bad, strict=True)]
        bound = f"{objective.sli.threshold or 0:g}"
        yield f"{metric.name}_bucket", {**labels, names.LE: bound}, pod.good
        yield f"{metric.name}_bucket", {**labels, names.LE: "+Inf"}, whole
        yield f"{metric.name}_count", labels, whole
        return
    good, bad = good_and_bad(metric)
    yield counter(metric), good, pod.good
    yield counter(metric), bad, pod.bad


def good_and_bad(metric: Metric) -> tuple[Labels, Labels]:
    """The labels of one kind of good events of a metric, and of one kind of bad ones."""
    common = {name: values[0] if values else _ANY for name, values in metric.labels.items()}
    telling = metric.bad or metric.good or {}
    told = {name: values[0] for name, values in telling.items()}
    other = dict(told)
    for name, values in telling.items():
        known = metric.labels.get(name) or (_ANY,)
        others = [value for value in known if value not in values]
        if others:
            other[name] = others[0]
            break
    good, bad = (other, told) if metric.bad else (told, other)
    return {**common, **good}, {**common, **bad}


def _values(
    counts: Sequence[int], seen: Sequence[bool], resets: tuple[int, ...], *, lazy: bool
) -> str:
    """A counter's values: from 0 again after a reset; a lazy one is born with its first event."""
    told: list[str] = []
    base, alive, waiting = 0, False, sorted(resets)
    for number, (count, is_seen) in enumerate(zip(counts, seen, strict=True)):
        if waiting and number == waiting[0]:
            base = count
            waiting.pop(0)
        shown = is_seen and not (lazy and count == base)
        if shown:
            told.append(str(count - base))
        else:
            told.append("stale" if alive else "_")
        alive = shown
    return " ".join(told)


def _up(seen: Sequence[bool]) -> str:
    """1 where it answered, 0 where it did not, nothing before and after it was a target."""
    known = [number for number, is_seen in enumerate(seen) if is_seen]
    if not known:
        return " ".join("_" for _ in seen)
    return " ".join(
        str(int(is_seen)) if known[0] <= number <= known[-1] else "_"
        for number, is_seen in enumerate(seen)
    )


def _merged(one: str, other: str) -> str:
    return " ".join(max(a, b) if "_" not in {a, b} else (a if b == "_" else b)
                    for a, b in zip(one.split(), other.split(), strict=True))


def _series(name: str, labels: Labels) -> str:
    inside = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items())
    return f"{name}{{{inside}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def promtool_series(series: Mapping[str, str]) -> Iterable[dict[str, str]]:
    """As a test file holds them."""
    return [{"series": name, "values": values} for name, values in series.items()]
