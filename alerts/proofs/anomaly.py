"""Weeks of a volume, and what is said of it when it falls or grows.

A sample every half hour is enough for the rules' offsets, and six weeks of them are soon replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Prove
from alerts.proofs.shown import number
from catalog import names
from catalog.expectations import WEEKS_MINIMUM
from catalog.model import Catalog
from queries import anomaly

_STEP = 1800
_DAY = 86400
_WEEK = 7 * _DAY
#: As many weeks as there have to be, and the day over which their level is found.
_BEGAN = WEEKS_MINIMUM * _WEEK + _DAY
_OVER = _BEGAN + 6 * 3600
_END = _OVER + 6 * 3600
#: A second: so many that chance is less than the least spread.
_USUAL = 1000.0
#: A rate, for so many seconds; nothing where there was no series yet.
_Part = tuple[float | None, int]


def _volume_anomaly(catalog: Catalog, alert: Alert) -> tuple[Incident, ...]:
    limits = catalog.platform.anomalies
    limit = limits.score * limits.spread_minimum
    fallen, grown = round((1 - limit) / 2, 3), 2 + 2 * limit
    factors = {anomaly.LINES: fallen}
    if catalog.service(alert.service).by_role("requests") is not None:
        factors[anomaly.REQUESTS] = grown
    least = catalog.platform.thresholds.minimum_events
    few = 0.9 * least / anomaly.RECENT_SECONDS
    return (
        _unusual(alert, factors, limits.hold, least),
        Incident(
            "a fall within what is usual, one of too few events, a spike a week ago, and a service "
            "of two weeks",
            {
                _series(alert, anomaly.LINES, "within"): _told(_USUAL, 1 - 0.9 * limit),
                _series(alert, anomaly.LINES, "few"): _told(few, fallen),
                _series(alert, anomaly.LINES, "spike"): _values(
                    (_USUAL, _BEGAN - _WEEK),
                    (10 * _USUAL, _OVER - _BEGAN),
                    (_USUAL, _WEEK + _END - _OVER),
                ),
                _series(alert, anomaly.LINES, "young"): _values(
                    (None, _WEEK + _DAY),
                    (_USUAL, _BEGAN - _WEEK - _DAY),
                    (_USUAL * fallen, _OVER - _BEGAN),
                ),
            },
            (Moment(_OVER - _STEP),),
            _STEP,
        ),
    )


def _unusual(alert: Alert, factors: Mapping[str, float], hold: int, least: int) -> Incident:
    """The lines fall, the requests grow; and in another place there are just enough more lines."""
    held = -(-hold // _STEP) * _STEP
    one = 1 / anomaly.RECENT_SECONDS
    told = [("a", signal, _USUAL, factor) for signal, factor in factors.items()]
    told.append(("few", anomaly.LINES, one, 1 + 1.5 * least))
    says = tuple(
        Firing(
            {**_place(cluster), names.SIGNAL: signal},
            number(usual * factor),
            queried={
                names.ANOMALY_EXPECTED: number(usual),
                names.ANOMALY_RECENT: f"{factor * 100:.4g}%",
            },
        )
        for cluster, signal, usual, factor in told
    )
    return Incident(
        "a volume falls or grows by more than is usual",
        {
            _series(alert, signal, cluster): _told(usual, factor)
            for cluster, signal, usual, factor in told
        },
        (
            Moment(_BEGAN + held - _STEP),
            Moment(_BEGAN + held, says),
            Moment(_OVER - _STEP, says),
            Moment(_OVER + _STEP),
        ),
        _STEP,
    )


def _place(cluster: str) -> dict[str, str]:
    return {names.CLUSTER: cluster, names.ENVIRONMENT: "b"}


def _series(alert: Alert, signal: str, cluster: str) -> str:
    labels = {**_place(cluster), names.SERVICE: alert.service}
    name = names.REQUESTS_RATE
    if signal == anomaly.LINES:
        name, labels = names.LOG_LINES_RATE, {**labels, names.LEVEL: "info"}
    written = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{written}}}"


def _told(usual: float, factor: float) -> str:
    """As usual, then trouble, then as usual."""
    return _values((usual, _BEGAN), (usual * factor, _OVER - _BEGAN), (usual, _END - _OVER))


def _values(*parts: _Part) -> str:
    return " ".join(
        f"_x{seconds // _STEP}" if rate is None else f"{rate:.10g}+0x{seconds // _STEP - 1}"
        for rate, seconds in parts
    )


PROOFS: Final[Mapping[str, Prove]] = {"VolumeAnomaly": _volume_anomaly}
