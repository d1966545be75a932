"""The system that is made up: its pods, its requests and the kinds of lines it writes.

Everything follows from the catalog. What no file can say (how fast a service answers, which
of two outcomes is the common one) follows from its promises: most services keep theirs, and
spend part of the budget.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from catalog import names
from catalog.model import Catalog
from catalog.platform import Environment
from catalog.service import Service
from catalog.signals import Event, Field_, Metric
from simulate import canary, chance
from simulate.flow import Flow

PODS = 2
#: Share of what goes wrong where no objective says how much may.
_RARE = 0.01
#: Of the budget of an objective, what is spent, and how much of that in bursts.
_SPENT, _IN_BURSTS = 0.45, 0.6
_SLOW_IN_BURSTS = 0.85
#: Values that are neither the usual one nor wrong: a denial, a 404.
_UNUSUAL = 0.03
#: More combinations of a line's values than this say nothing more.
_COMBINATIONS = 240
_STATUS = re.compile(r"[1-5]\d\d")


@dataclass(frozen=True, slots=True, eq=False)
class Pod:
    """One replica of a service; ``track`` is None where no one speaks of canaries.

    ``weight`` is its share of what a replica gets; a ``bad`` one is a canary that is worse.
    """

    service: Service
    name: str
    track: str | None = None
    weight: float = 1.0
    bad: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Requests:
    """Requests of one set of labels: how many, and how long they take."""

    labels: Mapping[str, str]
    bad: bool
    quick: Flow
    slow: Flow


@dataclass(frozen=True, slots=True, eq=False)
class LineKind:
    """Lines of one pod that have the same values in every field of a closed set."""

    pod: Pod
    labels: Mapping[str, str]
    values: Mapping[str, str]
    event: Event | None
    bad: bool
    flow: Flow

    @property
    def key(self) -> str:
        """Names the kind among all others."""
        return self.flow.key


class World:
    """The whole system in one environment, from ``start`` on."""

    def __init__(  # noqa: PLR0917 - the facts of one world
        self,
        catalog: Catalog,
        environment: Environment,
        start: float,
        seed: int = 1,
        scale: float = 0.2,
        bad_canaries: frozenset[str] = frozenset(),
    ) -> None:
        self.catalog, self.environment, self.start = catalog, environment, start
        self.seed, self.scale, self.bad_canaries = seed, scale, bad_canaries
        self._requests: dict[tuple[str, str], tuple[Requests, ...]] = {}

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """Two of each service, named as a deployment names them, and a canary if there are any."""
        tracks = self.catalog.platform.canary
        found: list[Pod] = []
        for service in self.catalog.services:
            for number in range(PODS):
                name = f"{service.workload.app}-{self._suffix(service, number)}"
                found.append(Pod(service, name, tracks.stable if tracks else None))
            if tracks:
                name = f"{service.workload.app}-canary-{self._suffix(service, PODS)}"
                bad = service.id in self.bad_canaries
                found.append(Pod(service, name, tracks.canary, canary.WEIGHT, bad))
        return tuple(found)

    def _suffix(self, service: Service, number: int) -> str:
        key = (self.seed, service.id, "pod")
        return f"{chance.hexadecimal(9, *key)}-{chance.hexadecimal(5, *key, number)}"

    def pods_of(self, service: Service) -> tuple[Pod, ...]:
        """The pods of one service."""
        return tuple(pod for pod in self.pods if pod.service is service)

    def scope(self) -> dict[str, str]:
        """The labels that say where all of it runs."""
        return {
            names.CLUSTER: self.environment.cluster,
            names.ENVIRONMENT: self.environment.environment,
        }

    def flow(self, service: Service, rate: float, *key: object, in_bursts: float = 0.0) -> Flow:
        """Events of a service; its flows swing together."""
        place = f"{self.seed}/{service.id}"
        name = "/".join(map(str, (place, *key)))
        return Flow(rate * self.scale, self.start, place, name, in_bursts)

    # Requests

    def requests(self, pod: Pod, metric: Metric) -> tuple[Requests, ...]:
        """Each set of labels that the pod's counter or histogram has, with its flows."""
        key = (pod.name, metric.name)
        if key not in self._requests:
            self._requests[key] = tuple(self._sets_of(pod, metric))
        return self._requests[key]

    def _sets_of(self, pod: Pod, metric: Metric) -> Iterator[Requests]:
        total = pod.service.volume.lines_per_minute / 60 / 2 / PODS * pod.weight
        slow = self.slow_share(pod.service, metric)
        sets = self._label_sets(pod.service, metric)
        if pod.bad:
            slow, sets = canary.LATE, iter(canary.failing(sets))
        for labels, bad, share in sets:
            key = (pod.name, metric.name, *labels.values())
            bursts = _IN_BURSTS if bad and not pod.bad else 0.0
            whole = total * share
            quick = self.flow(pod.service, whole * (1 - slow), *key, "quick", in_bursts=bursts)
            slow_bursts = 0.0 if pod.bad else _SLOW_IN_BURSTS
            late = self.flow(pod.service, whole * slow, *key, "slow", in_bursts=slow_bursts)
            yield Requests(labels, bad, quick, late)

    def _label_sets(
        self, service: Service, metric: Metric
    ) -> Iterator[tuple[dict[str, str], bool, float]]:
        """The labels that occur, whether they mean an error, and the share of each set.

        Routes are told apart by their first label with few values; each has its usual method
        and a few of the unusual answers, as a real service has.
        """
        telling = metric.bad or metric.good or {}
        closed = {name: values for name, values in metric.labels.items() if values}
        spread = [name for name in metric.by if name in closed and name not in telling][:1]
        leading = closed[spread[0]] if spread else ("",)
        for (place, lead), share in zip(
            enumerate(leading), chance.shares(len(leading)), strict=True
        ):
            base = {
                name: chance.choose(values, self.seed, service.id, name, lead)
                for name, values in closed.items()
                if name not in telling
            }
            if spread:
                base[spread[0]] = lead
            base |= {name: "unknown" for name, values in metric.labels.items() if not values}
            for answer, bad, part in self._answers(service, metric, place):
                yield base | answer, bad, share * part

    def _answers(
        self, service: Service, metric: Metric, place: int
    ) -> Iterator[tuple[dict[str, str], bool, float]]:
        """The values of the labels that tell good from bad, and the share of each."""
        telling = metric.bad or metric.good
        if not telling:
            yield {}, False, 1.0
            return
        name, told = next(iter(telling.items()))
        known = metric.labels.get(name)
        rest = tuple(value for value in known or () if value not in told)
        if not known:
            # Of an open set the catalog names one side alone; there is another all the same.
            rest = (_opposite(told, bad=not metric.bad),)
        bad, good = (told, rest) if metric.bad else (rest, told)
        share = self.bad_share(service, metric) if bad else 0.0
        usual, unusual = good[:1], good[1:]
        odd = _UNUSUAL if unusual else 0.0
        for value in usual:
            yield {name: value}, False, 1 - share - odd
        if unusual:
            yield {name: unusual[place % len(unusual)]}, False, odd
        if bad:
            yield {name: bad[place % len(bad)]}, True, share

    def bad_share(self, service: Service, metric: Metric) -> float:
        """Part of the strictest budget on the metric; about 1 % where none is promised."""
        budgets = [
            each.budget
            for each in service.objectives
            if each.sli.metric == metric.name and each.sli.type == "availability"
        ]
        spread = 0.6 + 0.8 * chance.uniform(self.seed, service.id, metric.name, "spent")
        return min(0.2, min(budgets, default=_RARE / _SPENT) * _SPENT * spread)

    def slow_share(self, service: Service, metric: Metric) -> float:
        """The share of slow answers, within what the strictest latency objective allows."""
        budgets = [
            each.budget
            for each in service.objectives
            if each.sli.metric == metric.name and each.sli.type == "latency"
        ]
        return min(0.006, min(budgets, default=_RARE) * _SPENT)

    def medians(self, service: Service, metric: Metric) -> tuple[float, float]:
        """How long quick and slow answers take, in the metric's unit."""
        bounds = [
            each.sli.threshold
            for each in service.objectives
            if each.sli.metric == metric.name and each.sli.threshold
        ]
        fallback = metric.buckets[len(metric.buckets) // 2] if metric.buckets else 1.0
        bound = min(bounds, default=fallback * 2)
        spread = 0.7 + 0.6 * chance.uniform(self.seed, service.id, metric.name, "median")
        return bound / 12 * spread, bound * 1.6

    # Log lines

    @cached_property
    def line_kinds(self) -> tuple[LineKind, ...]:
        """Every kind of line of every pod."""
        return tuple(kind for pod in self.pods for kind in self._kinds(pod))

    def _kinds(self, pod: Pod) -> Iterator[LineKind]:
        service = pod.service
        rate = service.volume.lines_per_minute / 60 / PODS * pod.weight
        events = _distinct_events(service)
        spoken = 0.6 if events else 0.0
        for event in events:
            for values, bad, share in self._event_values(service, event):
                yield self._kind(pod, event, values, bad, rate * spoken / len(events) * share)
        for values, share in self._idle_values(service, events):
            yield self._kind(pod, None, values, False, rate * (1 - spoken) * share)

    def _kind(
        self, pod: Pod, event: Event | None, values: dict[str, str], bad: bool, rate: float
    ) -> LineKind:
        labels = {name: values[name] for name in pod.service.stream_labels if name in values}
        key = (pod.name, event.id if event else "idle", *values.values())
        rate *= canary.LINES if pod.bad and bad else 1.0
        bursts = _IN_BURSTS if bad and not pod.bad else 0.0
        flow = self.flow(pod.service, rate, *key, in_bursts=bursts)
        return LineKind(pod, labels, values, event, bad, flow)

    def _event_values(
        self, service: Service, event: Event
    ) -> Iterator[tuple[dict[str, str], bool, float]]:
        outcome = event.outcome.field if event.outcome else None
        read = [*event.match, *event.by, *event.trail, *service.stream_labels]
        closed = _closed(service, read)
        level = self._level_field(service)
        free = [name for name in closed if name not in {outcome, level, *event.match}]
        for result, bad, part in self._outcomes(service, event):
            # A field that says what failed is filled only where something did.
            told = [name for name in free if bad or "error" not in name]
            for values, share in _combinations({name: closed[name] for name in told}):
                matched = {name: chosen[0] for name, chosen in event.match.items()}
                told_level = {level: self._level(result, bad)} if level else {}
                yield {**told_level, **matched, **values, **result}, bad, part * share

    def _outcomes(
        self, service: Service, event: Event
    ) -> Iterator[tuple[dict[str, str], bool, float]]:
        if event.outcome is None:
            yield {}, False, 1.0
            return
        name = event.outcome.field
        known = _field(service, name).values or event.outcome.bad
        good = [value for value in known if value not in event.outcome.bad]
        metric = service.metric(event.counted_by) if event.counted_by else None
        share = self.bad_share(service, metric) if metric else _RARE
        odd = _UNUSUAL if len(good) > 1 else 0.0
        if good:
            yield {name: good[0]}, False, 1 - share - odd
        for value in good[1:]:
            yield {name: value}, False, odd / (len(good) - 1)
        for value in event.outcome.bad:
            yield {name: value}, True, share / len(event.outcome.bad)

    def _level_field(self, service: Service) -> str | None:
        """The level's name, if the service's lines have one at all, in the line or beside it."""
        known = service.logs.field(names.LEVEL) or names.LEVEL in service.stream_labels
        return names.LEVEL if known else None

    def _level(self, outcome: dict[str, str], bad: bool) -> str:
        """Errors are errors; what is unusual is a warning; everything else is information."""
        levels = self.catalog.platform.levels
        errors = self.catalog.platform.error_levels
        if bad:
            return errors[0]
        calm = [level for level in levels if level not in errors] or list(levels)
        unusual = outcome and uncommon(next(iter(outcome.values())))
        return calm[-1] if unusual else calm[min(1, len(calm) - 1)]

    def _idle_values(
        self, service: Service, events: tuple[Event, ...]
    ) -> Iterator[tuple[dict[str, str], float]]:
        """Lines that report no event: each level, each value of a stream label."""
        levels = self.catalog.platform.levels
        weights = {level: 0.5**place for place, level in enumerate(levels)}
        for level in self.catalog.platform.error_levels:
            weights[level] = 0.004
        closed = _closed(service, service.stream_labels)
        closed.pop(names.LEVEL, None)
        matched: dict[str, set[str]] = {}
        for event in events:
            for name, chosen in event.match.items():
                matched.setdefault(name, set()).update(chosen)
        for name, taken in matched.items():
            other = tuple(
                value for value in _field(service, name).values or () if value not in taken
            )
            closed[name] = other
        closed = {name: values for name, values in closed.items() if values}
        told = {
            level: {names.LEVEL: level} if self._level_field(service) else {} for level in levels
        }
        whole = math.fsum(weights.values())
        for level in levels:
            for values, share in _combinations(closed):
                yield {**told[level], **values}, weights[level] / whole * share


def uncommon(value: str) -> bool:
    """Whether an outcome that is no failure is still none that one hopes for."""
    return value in {"denied", "refused", "rejected", "skipped", "throttled"}


def _field(service: Service, name: str) -> Field_:
    found = service.logs.field(name)
    if found is None:  # the loader has refused such a catalog
        raise LookupError(f"{service.id}: no field {name}")
    return found


def _distinct_events(service: Service) -> tuple[Event, ...]:
    """The events, without those that only pick some lines of another one."""
    events = service.logs.events
    return tuple(
        event
        for event in events
        if not any(
            set(other.match) < set(event.match)
            and all(set(event.match[name]) <= set(values) for name, values in other.match.items())
            for other in events
        )
    )


def _opposite(told: Iterable[str], *, bad: bool) -> str:
    """What the other side of an open set may be called: an HTTP status beside such, else a word."""
    codes = all(_STATUS.fullmatch(value) for value in told)
    return ("500" if bad else "200") if codes else ("failed" if bad else "ok")


def _closed(service: Service, read: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Of the fields and stream labels those that have a closed set of values."""
    found: dict[str, tuple[str, ...]] = {}
    for name in read:
        known = service.logs.field(name)
        values = known.values if known else service.stream_labels.get(name)
        # Which track a line is of is its pod's affair.
        if values and len(values) > 1 and name != names.TRACK:
            found[name] = values
    return found


def _combinations(
    closed: Mapping[str, tuple[str, ...]],
) -> Iterator[tuple[dict[str, str], float]]:
    """Every combination of values and how large its share is; the first values are common."""
    limited = dict(closed)
    while math.prod(len(values) for values in limited.values()) > _COMBINATIONS:
        widest = max(limited, key=lambda name: len(limited[name]))
        limited[widest] = limited[widest][: len(limited[widest]) // 2]
    weighted = [
        [
            (name, value, share)
            for value, share in zip(values, chance.shares(len(values)), strict=True)
        ]
        for name, values in limited.items()
    ]
    for chosen in product(*weighted):
        yield (
            {name: value for name, value, _ in chosen},
            math.prod(share for _, _, share in chosen),
        )
