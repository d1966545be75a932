"""Weeks of a volume, and what is said of it when it falls or grows.

A sample every half hour is enough for the rules' offsets, and six weeks of them are soon replayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Prove
from catalog import names
from catalog.model import Catalog
from queries import anomaly

_STEP = 1800
_DAY = 86400
#: Five weeks and a day: as many as are looked at.
_HISTORY = anomaly.WEEKS * 7 * _DAY + _DAY
_TROUBLE = 6 * 3600
_PLACE = {names.CLUSTER: "a", names.ENVIRONMENT: "b"}
#: A second: so many that chance is less than the least spread.
_USUAL = 1000.0


def _volume_anomaly(catalog: Catalog, alert: Alert) -> tuple[Incident, ...]:
    limit = catalog.platform.anomalies.score * catalog.platform.anomalies.spread_minimum
    service = catalog.service(alert.service)
    fallen, grown = round((1 - limit) / 2, 3), 2 + 2 * limit
    stories = [
        _fires(catalog, alert, anomaly.LINES, fallen),
        _near_miss(alert, "the volume falls within what is usual", 1 - 0.9 * limit),
        _near_miss(
            alert, "too few events are missing to say anything", fallen, usual=_few(catalog)
        ),
        _spike_of_last_week(alert),
        _young(alert, fallen),
    ]
    if service.by_role("requests") is not None:
        stories.insert(1, _fires(catalog, alert, anomaly.REQUESTS, grown))
    return tuple(stories)


def _few(catalog: Catalog) -> float:
    """A rate whose events in the window that is judged are fewer than have to be missing."""
    return 0.9 * catalog.platform.thresholds.minimum_events / anomaly.RECENT_SECONDS


def _series(alert: Alert, signal: str) -> str:
    labels = {**_PLACE, names.SERVICE: alert.service}
    if signal == anomaly.LINES:
        name, labels = names.LOG_LINES_RATE, {**labels, names.LEVEL: "info"}
    else:
        name = names.REQUESTS_RATE
    written = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{written}}}"


def _steady(rate: float, seconds: int) -> str:
    return f"{rate:.10g}+0x{seconds // _STEP - 1}"


def _told(usual: float, factor: float, history: int = _HISTORY) -> str:
    """As usual, then trouble, then as usual."""
    parts = (usual, history), (usual * factor, _TROUBLE), (usual, _DAY // 4)
    return " ".join(_steady(rate, seconds) for rate, seconds in parts)


def _fires(catalog: Catalog, alert: Alert, signal: str, factor: float) -> Incident:
    held = -(-catalog.platform.anomalies.hold // _STEP) * _STEP
    now = f"{_USUAL * factor:.4g}" if factor < 1 else f"{_USUAL * factor / 1000:.4g}k"
    says = Firing(
        {**_PLACE, names.SIGNAL: signal},
        now,
        f"1k a second were usual, and now it is {factor * 100:.4g}% of that",
    )
    begin, end = _HISTORY, _HISTORY + _TROUBLE
    return Incident(
        f"{signal} at {factor:.0%} of what is usual",
        {_series(alert, signal): _told(_USUAL, factor)},
        (
            Moment(begin - _STEP),
            Moment(begin + held, (says,)),
            Moment(end - _STEP, (says,)),
            Moment(end + _STEP),
        ),
        _STEP,
    )


def _near_miss(alert: Alert, title: str, factor: float, usual: float = _USUAL) -> Incident:
    series = {_series(alert, anomaly.LINES): _told(usual, factor)}
    return Incident(title, series, (Moment(_HISTORY + _TROUBLE - _STEP),), _STEP)


def _spike_of_last_week(alert: Alert) -> Incident:
    """One week of five had six hours of ten times as much at this time."""
    week = 7 * _DAY
    parts = (_USUAL, _HISTORY - week), (10 * _USUAL, _TROUBLE), (_USUAL, week)
    values = " ".join(_steady(rate, seconds) for rate, seconds in parts)
    series = {_series(alert, anomaly.LINES): values}
    return Incident("a spike a week ago", series, (Moment(_HISTORY + _TROUBLE // 2),), _STEP)


def _young(alert: Alert, factor: float) -> Incident:
    """Of two earlier weeks nobody can say which was usual."""
    history = (anomaly.WEEKS_MINIMUM - 1) * 7 * _DAY + _DAY
    series = {_series(alert, anomaly.LINES): _told(_USUAL, factor, history)}
    return Incident("a young service", series, (Moment(history + _TROUBLE - _STEP),), _STEP)


PROOFS: Final[Mapping[str, Prove]] = {"VolumeAnomaly": _volume_anomaly}
