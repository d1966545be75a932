"""What stories are told with: series, their values, moments, and what is good or bad of a metric.

A story is written for any catalog, so that nothing here knows a name or a limit: a metric says
by which labels its events are read and which of them are bad, the clock how often rules are
evaluated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Moment
from catalog import names
from catalog.model import Catalog
from catalog.scalars import parse_duration
from catalog.service import Service
from catalog.signals import Metric
from queries.counters import counter
from queries.service_alerts import read_labels
from queries.text import braces, equal

Labels = Mapping[str, str]
Series = dict[str, str]

#: Where the trouble is, and a second cluster in which all is well.
HERE: Labels = {names.CLUSTER: "one", names.ENVIRONMENT: "test"}
THERE: Labels = {names.CLUSTER: "two", names.ENVIRONMENT: "test"}

#: A value of a label whose set of values is open.
ANY = "any"


def plain(number: float) -> str:
    """A number as promtool's notation takes it: no exponent, no needless digits."""
    return f"{number:.9f}".rstrip("0").rstrip(".")


def one_series(name: str, *labels: Labels) -> str:
    """A series by its text; of a label that is given twice the later value holds."""
    merged = {key: value for each in labels for key, value in each.items()}
    return name + braces(tuple(equal(key, value) for key, value in merged.items()))


def counting(*phases: tuple[int, float], start: float = 0) -> str:
    """A counter's values: for so many samples it rises by so much from one to the next."""
    told: list[str] = []
    value = start
    for number, (samples, step) in enumerate(phases):
        value += step if number else 0
        rise = f"+{plain(step)}" if step else ""
        told.append(f"{plain(value)}{rise}x{samples - 1}")
        value += step * (samples - 1)
    return " ".join(told)


def holding(*phases: tuple[int, float | None]) -> str:
    """A gauge's values: for so many samples it shows one value, or is missed."""
    return " ".join(
        f"_x{samples}" if value is None else f"{plain(value)}x{samples - 1}"
        for samples, value in phases
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """When rules are evaluated, so that a story knows when an alert can fire and when not yet.

    Samples come once a minute. What happens to a story's series happens at a sample that is
    an evaluation too, so that it is seen at once.
    """

    evaluation: int

    @property
    def lead(self) -> int:
        """Samples before anything happens: ten minutes of them or a little more."""
        common = math.lcm(INTERVAL_SECONDS, self.evaluation)
        return math.ceil(600 / common) * common // INTERVAL_SECONDS

    def samples(self, seconds: float) -> int:
        """At least so many seconds in samples, so that the last of them is an evaluation."""
        common = math.lcm(INTERVAL_SECONDS, self.evaluation)
        return math.ceil(seconds / common) * common // INTERVAL_SECONDS

    def up_to(self, seconds: float) -> int:
        """The first evaluation that is not before this second."""
        return math.ceil(seconds / self.evaluation) * self.evaluation

    def moments(
        self,
        hold: int,
        firing: Iterable[Firing],
        *,
        since: float,
        over: float,
        at_last: float | None = None,
    ) -> tuple[Moment, ...]:
        """Silent for as long as it has to be, then firing, then silent again.

        The expression holds ``since`` that second at the earliest and ``at_last`` at the latest
        (where it cannot be said to the second), and no more when it is ``over``.
        """
        waits = self.up_to(hold)
        before = self.up_to(since) + waits - self.evaluation
        fires = self.up_to(since if at_last is None else at_last) + waits
        return (Moment(before), Moment(fires, tuple(firing)), Moment(self.up_to(over)))

    def silent(self, hold: int, *, since: float, over: float) -> tuple[Moment, ...]:
        """Silent as it would have fired, and until the story is over."""
        return (Moment(self.up_to(since) + self.up_to(hold)), Moment(self.up_to(over)))


def clock(catalog: Catalog) -> Clock:
    """When the catalog's rules are evaluated."""
    return Clock(catalog.platform.scrape.evaluation)


def seconds(window: str) -> int:
    """The length of a query's window."""
    return parse_duration(window)


def after(window: int, samples: int) -> int:
    """When what the last of the samples added has left a window for certain."""
    return samples * INTERVAL_SECONDS + window + INTERVAL_SECONDS


# What is good and bad of a metric.


def good(metric: Metric) -> tuple[Labels, ...]:
    """Each of the ways in which an event of the metric is a good one."""
    if metric.good:
        return _each(metric.good)
    return tuple(
        {**_first(metric.bad or {}), label: value}
        for label, values in (metric.bad or {}).items()
        for value in _others(metric, label, values)
    )


def bad(metric: Metric) -> Labels:
    """One way in which an event of the metric is a bad one."""
    if metric.bad:
        return _first(metric.bad)
    chosen = _first(metric.good or {})
    for label, values in (metric.good or {}).items():
        for value in _others(metric, label, values):
            return {**chosen, label: value}
    return chosen


def _first(selection: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {label: values[0] for label, values in selection.items()}


def _each(selection: Mapping[str, tuple[str, ...]]) -> tuple[Labels, ...]:
    return tuple(
        {**_first(selection), label: value}
        for number, (label, values) in enumerate(selection.items())
        for value in (values[1:] if number else values)
    )


def _others(metric: Metric, label: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """What the label can be that is none of these: where the set is open, anything."""
    declared = metric.labels.get(label)
    return (ANY,) if declared is None else tuple(each for each in declared if each not in values)


def share_above(maximum: float) -> float:
    """A share that is too much, and less than twice the maximum."""
    return min(1.5 * maximum, (1 + maximum) / 2)


def parts(metric: Metric) -> tuple[Labels, Labels | None]:
    """Two parts of the service that a metric's events are read by; or one, if there is no other."""
    return two_of({label: metric.labels.get(label) for label in read_labels(metric)})


def two_of(declared: Mapping[str, tuple[str, ...] | None]) -> tuple[Labels, Labels | None]:
    """Two sets of values of labels, unlike in one of them; None where there is only one set."""
    one = {label: values[0] if values else ANY for label, values in declared.items()}
    for label, values in declared.items():
        if values is None:
            return one, {**one, label: f"{ANY}-other"}
        if len(values) > 1:
            return one, {**one, label: values[1]}
    return one, None


# Who exposes a series.


def target(service: Service, pod: str = "1") -> Labels:
    """The labels that Prometheus gives a pod of a service."""
    port = service.workload.metrics_port
    return {
        names.JOB: "services",
        names.NAMESPACE: service.workload.namespace,
        names.SERVICE: service.id,
        names.POD: f"{service.workload.app}-{pod}",
        names.INSTANCE: f"{service.workload.app}-{pod}:{port}",
    }


def server(component: str, number: str = "1") -> Labels:
    """The labels that Prometheus gives a server of the platform."""
    instance = f"{component}-{number}"
    return {names.JOB: component, names.COMPONENT: component, names.INSTANCE: instance}


def exposed(component: str, number: str = "1") -> Labels:
    """The labels of what a server says of itself, less the component's."""
    return {names.JOB: component, names.INSTANCE: f"{component}-{number}"}


def origin(service: Service, metric: Metric, pod: str = "1") -> Labels:
    """The labels of the target that exposes a metric of a service: its pod, or the agent."""
    if metric.emitted_by == "application":
        return target(service, pod)
    return {**exposed("agent"), **{name: target(service, pod)[name] for name in _OF_A_POD}}


#: What the agent takes over of the pod whose lines it counts.
_OF_A_POD = (names.NAMESPACE, names.SERVICE, names.POD)


def up(values: str, of: Labels, scope: Labels = HERE) -> Series:
    """Whether a target answers."""
    return {one_series("up", scope, of): values}


def emitter(service: Service, metric: Metric, values: str) -> Series:
    """Whether the target that exposes a metric answers."""
    of = target(service) if metric.emitted_by == "application" else server("agent")
    return up(values, of)


def events(
    service: Service, metric: Metric, labels: Labels, values: str, scope: Labels = HERE
) -> Series:
    """A metric's events, counted."""
    return {one_series(counter(metric), scope, origin(service, metric), labels): values}


def near(title: str, series: Series, moments: Iterable[Moment]) -> Incident:
    """What comes close and must not fire."""
    return Incident(title, series, tuple(moments))
