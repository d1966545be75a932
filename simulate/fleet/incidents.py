"""What can go wrong on demand, and what is going wrong at a moment."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from catalog.model import Catalog
from simulate.fleet.clock import Clock

Kind = Literal[
    "error-burst",
    "slow-dependency",
    "silence",
    "crash-loop",
    "flood",
    "lost-trace-ids",
    "bad-canary",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

#: What is taken where the request names no share or factor.
#: A fifth of the requests fails; every answer is as slow as the slow ones are; ten times the lines.
_SHARES: Final[Mapping[str, float]] = {"error-burst": 0.2, "slow-dependency": 1.0}
#: Of a slow dependency: times as slow as its slow answers. Of a crash loop: seconds from one death
#: to the next: as Kubernetes, which waits up to five minutes before it starts such a pod again, and
#: the pod needs its time to start.
_FACTORS: Final[Mapping[str, float]] = {"slow-dependency": 1.0, "flood": 10.0, "crash-loop": 420.0}
#: A crashing pod lives so long between two deaths, in seconds, and at most half of the time.
_ALIVE: Final = 15.0
#: A week: a typing error must not go on for ever.
_LONGEST: Final = 7 * 86_400


class RefusedError(Exception):
    """An incident that cannot be: what is wrong with it and what to write instead."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something goes wrong at a service from ``since`` for so many seconds."""

    id: str
    kind: Kind
    service: str
    since: float
    seconds: float
    share: float | None
    factor: float | None

    def active(self, now: float) -> bool:
        """Whether it goes on at that moment."""
        return self.since <= now < self.since + self.seconds

    def kills(self, now: float) -> bool:
        """Whether a pod that crashes again and again is dead at that moment."""
        dead, alive = self.rhythm
        return (now - self.since) % (dead + alive) < dead

    @property
    def rhythm(self) -> tuple[float, float]:
        """For how many seconds a crashing pod is dead, and for how many it lives, in turn."""
        period = self.factor or _FACTORS["crash-loop"]
        alive = min(_ALIVE, period / 2)
        return period - alive, alive

    def json(self) -> dict[str, Any]:
        """As the endpoint tells it."""
        return asdict(self)


def read(asked: object, catalog: Catalog, identifier: str, now: float) -> Incident:
    """The incident that somebody asks for.

    :raises RefusedError: it names no kind or service that there is, or a number makes no sense.
    """
    if not isinstance(asked, dict):
        raise RefusedError('the body is no JSON object: send {"kind": …, "service": …, …}')
    unknown = sorted(set(asked) - {"kind", "service", "seconds", "share", "factor"})
    if unknown:
        raise RefusedError(
            f"'{unknown[0]}' is not known: an incident has kind, service, seconds, "
            "and share or factor"
        )
    kind = _one_of(asked, "kind", KINDS)
    service = _one_of(asked, "service", tuple(each.id for each in catalog.services))
    if kind == "bad-canary" and catalog.platform.canary is None:
        raise RefusedError("'kind' is 'bad-canary', and this catalog has no canaries: name another")
    share = _number(asked, "share", 1.0, _SHARES, kind)
    factor = _number(asked, "factor", 1000.0, _FACTORS, kind)
    seconds = _seconds(asked)
    return Incident(identifier, kind, service, now, seconds, share, factor)  # type: ignore[arg-type]


def _one_of(asked: Mapping[str, object], name: str, known: tuple[str, ...]) -> str:
    value = asked.get(name)
    if not isinstance(value, str) or value not in known:
        raise RefusedError(f"'{name}' is {value!r}: write one of {', '.join(known)}")
    return value


def _seconds(asked: Mapping[str, object]) -> float:
    value = asked.get("seconds")
    if not _is_number(value) or not 0 < float(value) <= _LONGEST:  # type: ignore[arg-type]
        raise RefusedError(f"'seconds' is {value!r}: write a number above 0 and up to {_LONGEST}")
    return float(value)  # type: ignore[arg-type]


def _number(
    asked: Mapping[str, object], name: str, most: float, usual: Mapping[str, float], kind: str
) -> float | None:
    value = asked.get(name)
    if value is None:
        return usual.get(kind)
    if kind not in usual:
        raise RefusedError(f"'{name}' says nothing of the kind '{kind}': leave it out")
    if not _is_number(value) or not 0 < float(value) <= most:  # type: ignore[arg-type]
        raise RefusedError(f"'{name}' is {value!r}: write a number above 0 and up to {most:g}")
    return float(value)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class Incidents:
    """Those of one service; several threads ask at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._known: dict[str, Incident] = {}

    def add(self, incident: Incident) -> None:
        """It goes on from now."""
        with self._lock:
            self._known[incident.id] = incident

    def end(self, identifier: str) -> bool:
        """It is over; False where it is not known."""
        with self._lock:
            return self._known.pop(identifier, None) is not None

    def all(self) -> list[Incident]:
        """Those that go on; what is over is forgotten."""
        now = self._clock.now()
        with self._lock:
            self._known = {
                name: each for name, each in self._known.items() if now < each.since + each.seconds
            }
            return list(self._known.values())

    def active(self, kind: Kind) -> Incident | None:
        """The newest of the kind that goes on now."""
        if not self._known:  # asked for every request and line
            return None
        now = self._clock.now()
        found = [each for each in list(self._known.values()) if each.kind == kind]
        return next((each for each in reversed(found) if each.active(now)), None)
