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
from catalog.spans import RAW_SECONDS
from queries.counters import counter
from queries.slo_log import MINUTE_SECONDS
from simulate.backtest.incident import Fault
from simulate.backtest.story import Pod, Story

Labels = Mapping[str, str]
#: A value of a label whose set of values is open.
_ANY = "any"
#: Scrapes of the beginning.
_BEGINNING = 4


@dataclass(frozen=True, slots=True)
class Replayed:
    """What is told to Prometheus: series by their text, values ``interval`` seconds apart."""

    interval: int
    series: Mapping[str, str]


def telemetry(catalog: Catalog, service: Service, objective: Objective, story: Story) -> Replayed:
    """The series of one objective's story."""
    if objective.sli.log is not None:
        told = _minutes(catalog, service, objective, story)
    else:
        metric = service.metric(objective.sli.metric or "")
        if metric is None:  # the loader has refused such a catalog
            raise LookupError(f"{service.id}: no metric {objective.sli.metric}")
        told = dict(_of_metric(catalog, service, objective, metric, story))
    return Replayed(story.step, {**told, **_ups(catalog, service, story)})


def _of_metric(
    catalog: Catalog, service: Service, objective: Objective, metric: Metric, story: Story
) -> Iterator[tuple[str, str]]:
    """What the pods, or the agent that reads their lines, show of a metric."""
    lazy = metric.emission == "lazy"
    for pod, extra, seen in _scrapes(story):
        by_agent = metric.emitted_by == "agent"
        target = _target(catalog, service, pod.name, extra, by_agent=by_agent)
        for name, labels, counts in _counters(metric, objective, pod):
            text = _series(name, {**target, **labels})
            if metric.type == "gauge":
                yield text, _newest(counts, seen, story.step)
            else:
                born = lazy and not _began_earlier(counts, story)
                yield text, _values(counts, seen, pod.resets, lazy=lazy, born=born)


def _minutes(
    catalog: Catalog, service: Service, objective: Objective, story: Story
) -> dict[str, str]:
    """What Loki's ruler counted of each minute, a minute after it: nothing where it found none."""
    of = {names.SERVICE: service.id, names.OBJECTIVE: objective.id}
    told = {}
    for name, counts in (
        (names.LOG_SLI_EVENTS, story.events),
        (names.LOG_SLI_ERRORS, story.errors),
    ):
        text = _series(name, {**_scope(catalog), **of})
        told[text] = " ".join(_counted_minutes(counts, story.step))
    return told


def _counted_minutes(counts: Sequence[int], step: int) -> Iterator[str]:
    minute = MINUTE_SECONDS // step
    alive = False
    for number in range(len(counts)):
        if number % minute:
            yield "_"
            continue
        found = counts[max(0, number - minute)] - counts[max(0, number - 2 * minute)]
        yield str(found) if found else "stale" if alive else "_"
        alive = bool(found)


def _ups(catalog: Catalog, service: Service, story: Story) -> dict[str, str]:
    """Each pod's ``up``, and that of the agent, which answers while any pod does."""
    told: dict[str, str] = {}
    for pod, extra, seen in _scrapes(story):
        told[_series("up", _target(catalog, service, pod.name, extra, by_agent=False))] = _up(seen)
        agent = _series("up", {**_scope(catalog), **_agent(extra)})
        told[agent] = _merged(told[agent], _up(seen)) if agent in told else _up(seen)
    return told


def _scrapes(story: Story) -> Iterator[tuple[Pod, str, Sequence[bool]]]:
    """Each pod as each scraper sees it."""
    doubled = [fault for fault in story.incident.faults if fault.kind == "duplicate"]
    for pod in story.pods:
        yield pod, "", pod.seen
        for fault in doubled:
            yield pod, "-again", _during(fault, story, pod.seen)


def _during(fault: Fault, story: Story, seen: Sequence[bool]) -> list[bool]:
    since, until = fault.span(story.incident.start)
    return [is_seen and since < number * story.step <= until for number, is_seen in enumerate(seen)]


def _scope(catalog: Catalog) -> Labels:
    environment = catalog.default_environment
    return {
        names.CLUSTER: environment.cluster,
        names.ENVIRONMENT: environment.environment,
    }


def _agent(extra: str) -> Labels:
    return {names.JOB: "agent", names.INSTANCE: f"agent{extra}"}


def _target(catalog: Catalog, service: Service, pod: str, extra: str, *, by_agent: bool) -> Labels:
    """The labels of what a pod shows, or of what the agent tells of its lines."""
    port = service.workload.metrics_port
    itself = {names.JOB: "services", names.INSTANCE: f"{pod}{extra}:{port}"}
    return {
        **_scope(catalog),
        names.NAMESPACE: service.workload.namespace,
        names.SERVICE: service.id,
        names.POD: f"{service.workload.app}-{pod}",
        **(_agent(extra) if by_agent else itself),
    }


def _counters(
    metric: Metric, objective: Objective, pod: Pod
) -> Iterator[tuple[str, Labels, Sequence[int]]]:
    """Each counter of a pod: its name, its own labels, what it counted."""
    if objective.sli.type == "freshness":
        yield counter(metric), _any_of(metric), pod.good
        return
    if objective.sli.type == "latency":
        labels = _any_of(metric)
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
    common = _any_of(metric)
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


def _any_of(metric: Metric) -> Labels:
    return {name: values[0] if values else _ANY for name, values in metric.labels.items()}


def _newest(counts: Sequence[int], seen: Sequence[bool], step: int) -> str:
    """The moment of the newest of what was counted."""
    told: list[str] = []
    newest, alive = 0, False
    for number, is_seen in enumerate(seen):
        if number and counts[number] > counts[number - 1]:
            newest = number * step
        told.append(str(newest) if is_seen else "stale" if alive else "_")
        alive = is_seen
    return " ".join(told)


def _began_earlier(counts: Sequence[int], story: Story) -> bool:
    """Whether it counts before the incident, within an hour.

    A story begins in the middle of things, so it counted before that, too. Born within the story's
    first hour, a counter could not be told from an old one: nobody knows of the hour before.
    """
    return counts[min(story.incident.start, RAW_SECONDS) // story.step] > 0


def _values(
    counts: Sequence[int],
    seen: Sequence[bool],
    resets: tuple[int, ...],
    *,
    lazy: bool,
    born: bool,
) -> str:
    """A counter's values: from 0 again after a reset; a lazy one is born with its first event.

    One that is there from the story's beginning stands at 1 then, if it is lazy: it has counted.
    """
    told: list[str] = []
    base, alive, waiting = -1 if lazy and not born else 0, False, sorted(resets)
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
    """1 where it answered, 0 where it did not, nothing before and after it was a target.

    A story begins in the middle of things: of the first scrapes, before anything has two samples
    that could be told apart, nobody says that they answered.
    """
    known = [number for number, is_seen in enumerate(seen) if is_seen and number >= _BEGINNING]
    if not known:
        return " ".join("_" for _ in seen)
    return " ".join(
        str(int(is_seen)) if known[0] <= number <= known[-1] else "_"
        for number, is_seen in enumerate(seen)
    )


def _merged(one: str, other: str) -> str:
    return " ".join(
        max((a, b), key=("_", "0", "1").index)
        for a, b in zip(one.split(), other.split(), strict=True)
    )


def _series(name: str, labels: Labels) -> str:
    inside = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items())
    return f"{name}{{{inside}}}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def promtool_series(series: Mapping[str, str]) -> Iterable[dict[str, str]]:
    """As a test file holds them."""
    return [{"series": name, "values": values} for name, values in series.items()]
