"""What proves an alert: stories told to its rule, and what the rule has to say at which moment.

An alert ships only with an :class:`Incident` that fires it, one that comes near and must not,
and a moment after which it is silent again. Those of Prometheus' alerts become promtool's tests
in ``generated/prometheus/tests``; those of Loki's are replayed on a real Loki.

The stories live in :mod:`alerts.proofs`, one module an area, by the alert's name: a rule is read
without them, and they are written for any catalog, from what it declares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from alerts.model import Alert
from catalog.model import Catalog

#: One sample a minute: half as often as rules are evaluated, often enough for their ranges.
INTERVAL_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Firing:
    """One alert that fires: what tells it from the rule's others, and what it says.

    ``labels`` come on top of the rule's own (``rule`` is another one of the same name, where that
    fires too); ``value`` is what the templates show for
    ``$value`` (``10%``), ``budget`` what they show for the error budget that is left, and
    ``queried`` what for any other recorded series that they ask for, by its name.
    """

    labels: Mapping[str, str]
    value: str
    budget: str = "not yet known"
    queried: Mapping[str, str] = field(default_factory=dict)
    rule: Alert | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """All that fires of the rule, ``at`` seconds after the story began; empty for silence."""

    at: int
    firing: tuple[Firing, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """Series told to a Prometheus rule: each by its text, with promtool's values.

    ``0+60x30`` rises by 60 thirty times, ``_`` is a missed scrape, ``stale`` ends a series; one
    value every ``interval`` seconds.
    """

    title: str
    series: Mapping[str, str]
    moments: tuple[Moment, ...]
    interval: int = INTERVAL_SECONDS

    @property
    def fires(self) -> bool:
        """Whether it is meant to fire; one that never does is a near miss."""
        return any(moment.firing for moment in self.moments)


@dataclass(frozen=True, slots=True)
class Lines:
    """The same line again and again on one stream.

    The first is ``start`` seconds into the story, ``count`` lines follow ``every`` seconds from
    each other. In ``line`` the text ``{n}`` stands for the line's number, ``{trace}`` for a
    trace id of its own.
    """

    stream: Mapping[str, str]
    line: str
    start: int
    every: float
    count: int


@dataclass(frozen=True, slots=True)
class LogIncident:
    """Lines told to a rule of Loki's ruler."""

    title: str
    lines: tuple[Lines, ...]
    moments: tuple[Moment, ...]

    @property
    def fires(self) -> bool:
        """Whether it is meant to fire; one that never does is a near miss."""
        return any(moment.firing for moment in self.moments)


Proof = Incident | LogIncident
#: The stories of one alert of a catalog: at least one that fires and one near miss.
Prove = Callable[[Catalog, Alert], tuple[Proof, ...]]
