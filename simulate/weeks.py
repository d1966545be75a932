"""Weeks of recorded volumes, for the rules that look weeks back.

Raw metrics of weeks would take minutes to write and say no more: those rules read only what was
recorded of each service's volume. Its days swing as the live part's do, so that the last of these
weeks goes over into it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from catalog import names
from catalog.service import Service
from queries import anomaly
from simulate import chance
from simulate.exposition import Family, Sample
from simulate.flow import Flow
from simulate.world import World

STEP_SECONDS = 300
#: The noise of a day, as the standard deviation of its logarithm.
_NOISE = 0.04
#: An hour of trouble yesterday: when it began before now, how long it took, what was left.
_BEGAN_SECONDS, _LASTED_SECONDS, _LEFT = 20 * 3600, 3600, 0.35


def families(
    world: World, since: float, until: float
) -> Iterator[tuple[Mapping[str, str], Family]]:
    """The recorded volumes of each service; the first one had an hour of trouble yesterday."""
    for number, service in enumerate(world.catalog.services):
        trouble = (until - _BEGAN_SECONDS, until - _BEGAN_SECONDS + _LASTED_SECONDS)
        for signal, rate in _rates(service):
            value = partial(
                _value,
                _flow(world, service, signal, rate, since),
                (world.seed, service.id, signal),
                trouble if number == 0 else (until, until),
            )
            labels = {**world.scope(), names.SERVICE: service.id, names.SIGNAL: signal}
            sample = Sample("", labels, value)
            yield {}, Family(names.ANOMALY_VALUE, "gauge", "Recorded volume.", (sample,))


def _rates(service: Service) -> Iterator[tuple[str, float]]:
    lines = service.volume.lines_per_minute / 60
    yield anomaly.LINES, lines
    if service.by_role("requests") is not None:
        # As simulate.world has it: two lines a request.
        yield anomaly.REQUESTS, lines / 2


def _flow(world: World, service: Service, signal: str, rate: float, since: float) -> Flow:
    place = f"{world.seed}/{service.id}"
    return Flow(rate * world.scale, since, place, f"{place}/weeks/{signal}")


def _value(
    flow: Flow, key: tuple[object, ...], trouble: tuple[float, float], now: float
) -> float | None:
    noise = chance.log_normal(1, _NOISE, *key, int(now // 86400))
    mean = (flow.count(now) - flow.count(now - STEP_SECONDS)) / STEP_SECONDS
    return mean * noise * (_LEFT if trouble[0] <= now < trouble[1] else 1.0)
