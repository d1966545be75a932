"""Canaries that are worse than stable, and those that only look so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from alerts.canary import compared, slow_threshold
from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Prove
from catalog import names
from catalog.canary import Canary
from catalog.model import Catalog
from catalog.signals import Metric
from queries.canary import LATENCY, LOG_PATTERNS

_SCOPE = {names.CLUSTER: "c", names.ENVIRONMENT: "e"}
#: Minutes: the canary begins, the verdict is clear, the canary is gone, and all is over.
_BEGINS, _CLEAR, _GONE, _OVER = 5, 45, 50, 52
#: Minutes in which stable goes on.
_WHOLE = 60


@dataclass(frozen=True, slots=True)
class _Flow:
    """Good and bad requests a minute of one track: before a moment of the story, and after."""

    good: int
    bad: int
    later: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells what a service's two tracks answer, as the series that the alert is made of."""

    service: str
    metric: Metric
    canary: Canary
    #: The bucket within which a request is quick; None where errors are told.
    quick: float | None

    def story(self, stable: _Flow, ours: _Flow) -> dict[str, str]:
        """Stable is there all the time; the canary comes and goes."""
        begins = f"_x{_BEGINS} "
        lasting = _GONE - _BEGINS
        return {
            **self._track(self.canary.stable, stable, "", _WHOLE, _BEGINS + 15, ""),
            **self._track(self.canary.canary, ours, begins, lasting, 15, " stale"),
        }

    def _track(  # noqa: PLR0917 - how one track's values are spelled
        self, track: str, flow: _Flow, before: str, minutes: int, turn: int, end: str
    ) -> dict[str, str]:
        target = {**_SCOPE, names.JOB: "services", names.SERVICE: self.service, names.TRACK: track}
        target |= {names.INSTANCE: f"{track}:1", names.POD: track}

        def rising(now: int, later: int) -> str:
            if flow.later is None:
                return f"{before}0+{now}x{minutes}{end}"
            return f"{before}0+{now}x{turn} {now * turn + later}+{later}x{minutes - turn - 1}{end}"

        later = flow.later or (flow.good, flow.bad)
        found = {f"up{_braces(target)}": f"{before}1x{minutes}{end}"}
        counts = {True: rising(flow.bad, later[1]), False: rising(flow.good, later[0])}
        if self.quick is None:
            for bad, values in counts.items():
                found[f"{self.metric.name}_count{_braces({**target, **self._told(bad)})}"] = values
            return found
        labels = {**target, **self._told(bad=False)}
        every = rising(flow.good + flow.bad, sum(later))
        found[f"{self.metric.name}_count{_braces(labels)}"] = every
        bucket = {**labels, names.LE: f"{self.quick:g}"}
        found[f"{self.metric.name}_bucket{_braces(bucket)}"] = counts[False]
        return found

    def _told(self, bad: bool) -> dict[str, str]:
        """Labels of a request that failed, or of one that did not."""
        telling = self.metric.bad or self.metric.good or {}
        named = {label: values[0] for label, values in telling.items()}
        if bad == bool(self.metric.bad):
            return named
        label, values = next(iter(telling.items()))
        others = [each for each in self.metric.labels.get(label) or () if each not in values]
        return {**named, label: others[0] if others else "another"}


def _braces(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


def _at(minutes: int, *firing: Firing) -> Moment:
    return Moment(minutes * 60, firing)


def _worse(catalog: Catalog, alert: Alert) -> tuple[Incident, ...]:
    canary = catalog.platform.canary
    service = next(each for each in catalog.services if each.id == alert.service)
    metric = compared(service)
    if canary is None or metric is None:
        raise LookupError(f"{alert.service} has no canary")
    reason = alert.labels[names.REASON]
    quick = slow_threshold(catalog, service) if reason == LATENCY else None
    teller = _Teller(service.id, metric, canary, quick)
    return _patterns(teller) if reason == LOG_PATTERNS else _shares(teller)


def _shares(teller: _Teller) -> tuple[Incident, ...]:
    """Of bad or of slow requests."""
    firing = {**_SCOPE, names.TRACK: teller.canary.canary}

    def incident(title: str, stable: _Flow, ours: _Flow, value: str = "") -> Incident:
        clear = (Firing(firing, value),) if value else ()
        return Incident(
            title,
            teller.story(stable, ours),
            (_at(_BEGINS - 1), _at(_CLEAR, *clear), _at(_OVER)),
        )

    return (
        incident(
            "a fifth is bad on the canary and one in a hundred on stable",
            _Flow(990, 10),
            _Flow(80, 20),
            "20%",
        ),
        incident(
            "with few requests: half of two a minute is bad, on stable none of twenty",
            _Flow(20, 0),
            _Flow(1, 1),
            "50%",
        ),
        incident(
            "a canary that turns bad late",
            _Flow(98, 2),
            _Flow(10, 0, later=(0, 10)),
            # 25 of 40 minutes at the moment of asking.
            "62.5%",
        ),
        incident("a canary that is as good as stable", _Flow(980, 20), _Flow(98, 2)),
        incident(
            "an incident hits both: half is bad everywhere",
            _Flow(990, 10, later=(500, 500)),
            _Flow(99, 1, later=(50, 50)),
        ),
        incident("stable is bad, the canary is not", _Flow(80, 20), _Flow(99, 1)),
        incident(
            "a difference that is sure and too small to matter",
            _Flow(98000, 2000),
            _Flow(97600, 2400),
        ),
        Incident(
            "one of the canary's first requests is bad: that may happen to anyone",
            {
                **teller.story(_Flow(98, 2), _Flow(0, 0)),
                **teller.story(_Flow(98, 2), _Flow(0, 1, later=(1, 0))),
            },
            (_at(_BEGINS + 1),),
        ),
    )


def _patterns(teller: _Teller) -> tuple[Incident, ...]:
    """Of error messages that only the canary writes, as Loki's ruler counts them."""
    counted = f"{names.CANARY_NEW_PATTERNS}{_braces({**_SCOPE, names.SERVICE: teller.service})}"
    requests = teller.story(_Flow(98, 2), _Flow(49, 1))
    found = f"_x{_BEGINS + 10} 3x{_CLEAR - _BEGINS - 10} stale"
    ours = f'{names.TRACK}="{teller.canary.canary}"'
    alone = {name: values for name, values in requests.items() if ours in name}
    return (
        Incident(
            "three messages that stable does not know",
            {**requests, counted: found},
            (
                _at(_BEGINS + 5),
                _at(_CLEAR - 5, Firing(_SCOPE, "3")),
                _at(_OVER),
            ),
        ),
        Incident(
            "new messages are left over from a canary that is gone",
            {**requests, counted: f"3x{_WHOLE}"},
            (_at(_BEGINS - 1), _at(_OVER)),
        ),
        Incident(
            "stable has no traffic, so that every message is new",
            {**alone, counted: found},
            (_at(_CLEAR - 5),),
        ),
        Incident(
            "no message is new",
            {**requests, counted: f"0x{_WHOLE}"},
            (_at(_CLEAR - 5),),
        ),
    )


PROOFS: Final[Mapping[str, Prove]] = {"CanaryWorse": _worse}
