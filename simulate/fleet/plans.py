"""What a request will be like: its labels, whether it fails, how long it takes, whom it calls.

A plan is a function of the request's key and of the moment at which its root was due. So the same
seed brings the same requests, however busy the machine is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from catalog.service import Service
from catalog.signals import Metric
from simulate import chance
from simulate.fleet.ids import Key
from simulate.fleet.sharing import Sharing
from simulate.traces import attribute
from simulate.world import Pod, Requests, World

#: As the buckets of the history have it: simulate.exposition.
SIGMA = 0.55
#: Where no metric says how long a request takes: the quick ones and the slow ones, in seconds.
_UNTOLD = (0.02, 0.5)
#: The share of slow requests there.
_UNTOLD_SLOW = 0.006
#: Rates are looked at over so many seconds: within a burst of trouble more requests fail.
_SLOT = 60.0
#: A call that is answered in time takes this part of its time limit, or more.
_IN_TIME = 0.7
#: The part of the bound of a promise that is left to the services that are asked.
_FOR_CALLS = 0.6


@dataclass(frozen=True, slots=True)
class Plan:
    """One request of one pod, before anything goes wrong.

    ``seconds`` is what it takes in all; each of its calls may take ``time_limit``.
    """

    key: Key
    moment: float
    requests: Requests
    bad: bool
    seconds: float
    callers: tuple[str, ...]
    calls: tuple[Pod, ...]
    time_limit: float

    @property
    def name(self) -> str:
        """What its span is called."""
        tags = self.attributes
        wanted = ("http.request.method", "http.route")
        return " ".join(tags[name] for name in wanted if name in tags) or "handle"

    @property
    def attributes(self) -> dict[str, str]:
        """What its span tells, in OpenTelemetry's words."""
        return attributes_of(self.requests.labels)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call says of itself: where it comes from, and how long it may take."""

    key: Key
    moment: float
    callers: tuple[str, ...]
    time_limit: float


class Planner:
    """Plans the requests of a world."""

    def __init__(self, world: World) -> None:
        self.world, self._sharing = world, Sharing(world.catalog)
        self._weights = lru_cache(maxsize=256)(self._weigh)
        self._untold = lru_cache(maxsize=256)(self._make_up)

    def sets(self, pod: Pod) -> tuple[Requests, ...]:
        """The sets of labels that the pod's requests have; one without any where none counts."""
        metric = pod.service.by_role("requests")
        return self.world.requests(pod, metric) if metric else (self._untold(pod),)

    def comes_from_outside(self, pod: Pod, key: Key) -> bool:
        """Whether an arrival is nobody's call: the others are made by those who call."""
        return chance.uniform(*key, "outside") < self._sharing.outside(pod.service)

    def arrival(self, pod: Pod, requests: Requests, late: bool, key: Key, moment: float) -> Plan:
        """Of a request that comes from outside."""
        seconds = self.draw(pod.service, late, key)
        return self._plan(pod, requests, seconds, Asked(key, moment, (), math.inf))

    def call(self, pod: Pod, asked: Asked) -> Plan:
        """Of a request that another service sends; it keeps to the caller's time limit."""
        sets = self.sets(pod)
        weights = self._weights(pod, int(asked.moment // _SLOT))
        requests, late = chance.weighted(
            [(each, late) for each in sets for late in (False, True)], weights, *asked.key, "set"
        )
        limit = asked.time_limit * (
            _IN_TIME + (1 - _IN_TIME) * chance.uniform(*asked.key, "in time")
        )
        seconds = min(self.draw(pod.service, late, asked.key), limit)
        return self._plan(pod, requests, seconds, asked)

    def failing(self, pod: Pod, requests: Requests, key: Key) -> Requests | None:
        """A set of labels that means failure, of the same kind of request if there is one."""
        bad = [each for each in self.sets(pod) if each.bad]
        most = max((_alike(each, requests) for each in bad), default=0)
        alike = [each for each in bad if _alike(each, requests) == most]
        return chance.choose(alike, *key, "failing") if alike else None

    def draw(self, service: Service, late: bool, key: Key) -> float:
        """How long an answer takes, in seconds."""
        quick, slow = self.medians(service)
        return chance.log_normal(slow if late else quick, SIGMA, *key, "took")

    def medians(self, service: Service) -> tuple[float, float]:
        """Of quick and of slow answers, in seconds."""
        metric = service.by_role("requests")
        if metric is None:
            return _UNTOLD
        quick, slow = self.world.medians(service, metric)
        unit = seconds_of(metric)
        return quick * unit, slow * unit

    def _time_for_calls(self, service: Service, limit: float) -> float:
        """How long its calls may take in all, in seconds, and its promise still holds."""
        # The slow ones take 1.6 times the bound: simulate.world.
        return min(self.medians(service)[1] / 1.6, limit) * _FOR_CALLS

    def _plan(self, pod: Pod, requests: Requests, seconds: float, asked: Asked) -> Plan:
        calls = tuple(self._calls(pod.service, asked))
        each = self._time_for_calls(pod.service, asked.time_limit) / max(1, len(calls))
        callers = (*asked.callers, pod.service.id)
        return Plan(asked.key, asked.moment, requests, requests.bad, seconds, callers, calls, each)

    def _calls(self, service: Service, asked: Asked) -> Iterator[Pod]:
        for identifier in service.depends_on:
            # Services may depend on each other, but no request goes round.
            if identifier in asked.callers:
                continue
            callee = self.world.catalog.service(identifier)
            if chance.uniform(*asked.key, "calls", identifier) < self._sharing.calls(callee):
                pods = self.world.pods_of(callee)
                weights = [pod.weight for pod in pods]
                yield chance.weighted(pods, weights, *asked.key, "pod", identifier)

    def _weigh(self, pod: Pod, slot: int) -> list[float]:
        since, until = slot * _SLOT, (slot + 1) * _SLOT
        flows = [flow for each in self.sets(pod) for flow in (each.quick, each.slow)]
        found = [flow.count(until) - flow.count(since) for flow in flows]
        return found if sum(found) > 0 else [flow.rate for flow in flows]

    def _make_up(self, pod: Pod) -> Requests:
        rate = pod.service.volume.lines_per_minute / 60 / 2 / len(self._stable(pod)) * pod.weight
        quick = self.world.flow(pod.service, rate * (1 - _UNTOLD_SLOW), pod.name, "handle", "quick")
        slow = self.world.flow(pod.service, rate * _UNTOLD_SLOW, pod.name, "handle", "slow")
        return Requests({}, False, quick, slow)

    def _stable(self, pod: Pod) -> list[Pod]:
        return [each for each in self.world.pods_of(pod.service) if each.weight == 1]


def attributes_of(labels: Mapping[str, str]) -> dict[str, str]:
    """A metric's labels as a span names them."""
    return {attribute(label): value for label, value in labels.items()}


def seconds_of(metric: Metric) -> float:
    """How many seconds the metric's unit is."""
    return 0.001 if metric.unit == "milliseconds" else 1.0


def _alike(one: Requests, other: Requests) -> int:
    return sum(other.labels.get(name) == value for name, value in one.labels.items())
