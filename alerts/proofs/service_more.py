"""What proves the alerts on bounds that metrics declare, and those on log lines alike.

A story of an alert of Loki's ruler is in :mod:`alerts.proofs.logs_more`; the alert's label
``event`` tells which of the two it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Proof, Prove
from alerts.proofs import logs_more
from alerts.proofs.shown import in_unit, percentage
from alerts.proofs.told import HERE, MINUTE, counting, of, series, steady
from catalog.bounds import Watch
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from queries import bounds
from queries.service_alerts import read_labels

#: Steps of a story: quiet, then the trouble, then quiet again for longer than any window.
_QUIET, _TROUBLE, _AFTER = 40, 40, 60
_BEFORE, _WITHIN = 39 * MINUTE, 76 * MINUTE
_OVER = (_QUIET + _TROUBLE + _AFTER - 2) * MINUTE


def of_alert(catalog: Catalog, alert: Alert) -> tuple[Service, Metric]:
    """The service and the metric that an alert is about."""
    service = next(each for each in catalog.services if each.id == alert.service)
    metric = service.metric(alert.labels["metric"])
    if metric is None:  # the alert was made from it
        raise LookupError(f"{service.id}: no metric {alert.labels['metric']}")
    return service, metric


def _part(metric: Metric, labels: tuple[str, ...]) -> dict[str, str]:
    """The first value of each of the labels that an alert tells its parts by."""
    return {label: (metric.labels[label] or ("x",))[0] for label in labels}


def _story(title: str, told: Mapping[str, str], firing: Firing | None) -> Incident:
    fires = (firing,) if firing else ()
    moments = (Moment(_BEFORE), Moment(_WITHIN, fires), Moment(_OVER))
    return Incident(title, told, moments)


# Slow operations


def _slow(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    if "event" in alert.labels:
        return logs_more.slow(catalog, alert)
    service, metric = of_alert(catalog, alert)
    minimum = catalog.platform.thresholds.minimum_events
    part = _part(metric, read_labels(metric))
    many = max(200, minimum)

    def told(beyond: float, every: float) -> dict[str, str]:
        return _distribution(service, metric, part, beyond, every)

    shown = in_unit(metric.buckets[-1], metric.unit)
    few = max(1, minimum // 2) / _TROUBLE
    return (
        _story(
            "one in twenty takes longer than anything that is told apart",
            told(many / 20, many),
            Firing({**HERE, **part}, shown),
        ),
        _story("one in two hundred does", told(many / 200, many), None),
        _story("half as many events as it takes to judge, all of them slow", told(few, few), None),
    )


def _distribution(
    service: Service, metric: Metric, part: Mapping[str, str], beyond: float, every: float
) -> dict[str, str]:
    """``every`` event a minute is quick, but for those ``beyond`` the highest bucket in trouble."""
    quick = counting((every, _QUIET), (every - beyond, _TROUBLE), (every, _AFTER))
    whole = counting((every, _QUIET), (every, _TROUBLE), (every, _AFTER))
    found = {}
    for bound in (*(f"{each:g}" for each in metric.buckets), "+Inf"):
        labels = of(service, metric, {**part, "le": bound})
        found[series(f"{metric.name}_bucket", labels)] = whole if bound == "+Inf" else quick
    return {**found, series(f"{metric.name}_count", of(service, metric, part)): whole}


# A gauge above its ceiling


def _ceiling(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    if "event" in alert.labels:
        return logs_more.ceiling(catalog, alert)
    service, metric = of_alert(catalog, alert)
    bound = metric.ceiling.above if metric.ceiling else 0
    part = _part(metric, metric.by)

    def told(trouble: tuple[tuple[float, int], ...]) -> dict[str, str]:
        """Two pods, each with half of it."""
        phases = ((bound / 4, _QUIET), *trouble, (bound / 4, _AFTER))
        labels = (of(service, metric, part, pod) for pod in "ab")
        return {series(metric.name, each): steady(*phases) for each in labels}

    return (
        _story(
            "two pods together are a fifth above it",
            told(((0.6 * bound, _TROUBLE),)),
            Firing({**HERE, **part}, in_unit(1.2 * bound, metric.unit)),
        ),
        _story("it stands at the ceiling", told(((bound / 2, _TROUBLE),)), None),
        Incident(
            "above it for eight minutes",
            told(((0.6 * bound, 8), (bound / 4, _TROUBLE - 8))),
            tuple(Moment((_QUIET + at) * MINUTE) for at in (-1, 7, 12, 40)),
        ),
    )


# Outcomes that are watched apart


def _watched(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    if "event" in alert.labels:
        return logs_more.watched(catalog, alert)
    service, metric = of_alert(catalog, alert)
    watch = next(each for each in metric.watch if each.id == alert.labels["watch"])
    minimum = catalog.platform.thresholds.minimum_events
    part = _part(metric, bounds.watched_labels(metric, watch))
    usual = other_value(watch, metric.labels[watch.label])

    def told(apart: float, rest: float, value: str = watch.values[0]) -> dict[str, str]:
        calm = apart + rest
        chosen = {**part, watch.label: value}
        return {
            series(_counter(metric), of(service, metric, {**part, watch.label: usual})): counting(
                (calm, _QUIET), (rest, _TROUBLE), (calm, _AFTER)
            ),
            series(_counter(metric), of(service, metric, chosen)): counting(
                (0, _QUIET), (apart, _TROUBLE), (0, _AFTER)
            ),
        }

    share = (1 + watch.above) / 2
    few = max(1, minimum // 2) / _TROUBLE
    allowed = 0.9 * watch.above
    near = _story(
        "nearly as many as are allowed",
        told(minimum * allowed, minimum * (1 - allowed)),
        None,
    )
    stories = (
        _story(
            f"{watch.title}: {percentage(share)} of one part",
            told(minimum * share, minimum * (1 - share)),
            Firing({**HERE, **part}, percentage(share)),
        ),
        near,
        _story("all of the few that there are", told(few, 0), None),
    )
    bad = _another_bad(metric, watch)
    if bad is None:
        return stories
    others = told(minimum * share, minimum * (1 - share), bad)
    return (*stories, _story(f"as many are {bad}, which another alert counts", others, None))


def other_value(watch: Watch, known: tuple[str, ...] | None) -> str:
    """A value of the watched label that is not watched."""
    return next((value for value in known or () if value not in watch.values), "other")


def _another_bad(metric: Metric, watch: Watch) -> str | None:
    values = (metric.bad or {}).get(watch.label, ())
    return next((value for value in values if value not in watch.values), None)


def _counter(metric: Metric) -> str:
    return f"{metric.name}_count" if metric.type == "histogram" else metric.name


PROOFS: Final[Mapping[str, Prove]] = {
    "AboveCeiling": _ceiling,
    "SlowOperations": _slow,
    "WatchedOutcome": _watched,
}
