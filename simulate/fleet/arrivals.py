"""What is due within a second: requests from outside, lines, and what other metrics count.

All of it follows from the flows of simulate.world, which history was written from, too. It is
looked up second by second, so that the course of events does not depend on how busy the machine is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.service import Service
from catalog.signals import Metric
from simulate import chance
from simulate.fleet.ids import Key
from simulate.fleet.plans import Planner
from simulate.world import LineKind, Pod, Requests, World

#: How far ahead is looked, in seconds.
WINDOW = 1.0


@dataclass(frozen=True, slots=True)
class DueRequest:
    """A request from outside reaches a pod."""

    moment: float
    pod: Pod
    requests: Requests
    late: bool
    key: Key


@dataclass(frozen=True, slots=True)
class DueLine:
    """A line is to be written; ``copy`` tells the lines of a flood apart."""

    moment: float
    pod: Pod
    kind: LineKind
    number: int
    copy: int


@dataclass(frozen=True, slots=True)
class DueCount:
    """Something happens that is no request, and a metric counts it or takes its measure."""

    moment: float
    pod: Pod
    metric: Metric
    requests: Requests
    late: bool
    key: Key


Due = DueRequest | DueLine | DueCount


class Arrivals:
    """What comes to the pods of one service of a world."""

    def __init__(self, planner: Planner, service: Service) -> None:
        self._planner, self._service = planner, service
        self._world: World = planner.world
        wanted = self._world.pods_of(service)
        self._kinds = {
            pod.name: [kind for kind in self._world.line_kinds if kind.pod is pod] for pod in wanted
        }

    def due(self, pod: Pod, since: float, flood: float) -> list[Due]:
        """What is due at one pod in the second that begins then, in order.

        ``flood`` is how many times as many lines as usual are written.
        """
        until = since + WINDOW
        found: list[Due] = [
            *self._requests(pod, since, until),
            *self._counts(pod, since, until),
            *self._lines(pod, since, until, flood),
        ]
        return sorted(found, key=lambda each: each.moment)

    def _requests(self, pod: Pod, since: float, until: float) -> Iterator[DueRequest]:
        for requests in self._planner.sets(pod):
            for moment, late, key in self._events(requests, since, until):
                if self._planner.comes_from_outside(pod, key):
                    yield DueRequest(moment, pod, requests, late, key)

    def _counts(self, pod: Pod, since: float, until: float) -> Iterator[DueCount]:
        for metric in counted_apart(pod.service):
            for requests in self._world.requests(pod, metric):
                for moment, late, key in self._events(requests, since, until):
                    yield DueCount(moment, pod, metric, requests, late, key)

    def _events(
        self, requests: Requests, since: float, until: float
    ) -> Iterator[tuple[float, bool, Key]]:
        for late, flow in ((False, requests.quick), (True, requests.slow)):
            for number, moment in flow.between(since, until):
                yield moment, late, (self._world.seed, flow.key, number)

    def _lines(self, pod: Pod, since: float, until: float, flood: float) -> Iterator[DueLine]:
        for kind in self._kinds[pod.name]:
            for number, moment in kind.flow.between(since, until):
                more = chance.uniform(kind.key, number, "flood") < flood % 1
                copies = int(flood) + more
                for copy in range(copies):
                    # A flood is spread over what is left of the second.
                    apart = (until - moment) * copy / copies
                    yield DueLine(moment + apart, pod, kind, number, copy)


def counted_apart(service: Service) -> Iterable[Metric]:
    """The metrics of the application that count neither requests nor its release, nor a level."""
    return (
        metric
        for metric in service.metrics
        if metric.emitted_by == "application"
        and metric.role not in {"requests", "build_info"}
        and metric.type != "gauge"
    )
