"""What proves the alerts on bounds that metrics declare, and those on log lines alike.

A story of an alert of Loki's ruler is in :mod:`alerts.proofs.logs_more`; the alert's label
``event`` tells which of the two it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.model import Alert
from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Proof, Prove
from alerts.proofs import logs_more, stories
from alerts.proofs.latency import Histogram
from alerts.proofs.servers import Stage
from alerts.proofs.shown import in_unit, percentage
from alerts.proofs.stories import (
    ANY,
    HERE,
    Series,
    emitter,
    events,
    near,
    one_series,
    origin,
    share_above,
)
from catalog.bounds import Watch
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from queries import bounds
from queries.service_alerts import EVENTS_WINDOW, read_labels


def of_alert(catalog: Catalog, alert: Alert) -> tuple[Service, Metric]:
    """The service and the metric that an alert is about."""
    service = next(each for each in catalog.services if each.id == alert.service)
    metric = service.metric(alert.labels["metric"])
    if metric is None:  # the alert was made from it
        raise LookupError(f"{service.id}: no metric {alert.labels['metric']}")
    return service, metric


def _part(metric: Metric, labels: tuple[str, ...]) -> dict[str, str]:
    """The first value of each of the labels that an alert tells its parts by."""
    return {label: (metric.labels[label] or (ANY,))[0] for label in labels}


# Slow operations


def _slow(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    if "event" in alert.labels:
        return logs_more.slow(catalog, alert)
    service, metric = of_alert(catalog, alert)
    limit = metric.slow.above if metric.slow else 0
    minimum = catalog.platform.thresholds.minimum_events
    lazy = metric.emission == "lazy"
    stage = Stage(catalog, alert, EVENTS_WINDOW, births=lazy)
    part = _part(metric, read_labels(metric))
    labels = {**HERE, **origin(service, metric), **_any(metric), **part}
    slow = Histogram(metric.name, labels, metric.buckets, limit)
    phases = (stage.lead, stage.trouble, stage.rest)
    firing = Firing({**HERE, **part}, in_unit(slow.too_slow, metric.unit))

    few = slow.told(stage.a_minute(0.8 * minimum), phases)
    if lazy:
        # What it is born with, and as many as make up for the rest of the least in five minutes.
        born = slow.born(0.8 * minimum, 0.1 * minimum, phases)
        five = 5 * INTERVAL_SECONDS
        fires = Incident(
            "with those that their counters were born with just enough, and one in a few slow",
            {**emitter(service, metric, stage.still(1)), **born},
            stage.time.moments(
                alert.hold,
                (firing,),
                since=stage.since,
                at_last=stage.since + five,
                over=stage.over,
            ),
        )
    else:
        fires = Incident(
            "just enough operations to judge by, of which some are slow",
            slow.told(stage.a_minute(1.5 * minimum), phases),
            stage.filled(1 / 1.5, firing),
        )
    found = [fires, near("a handful of operations: too few to judge by", few, stage.quiet)]
    if slow.below:
        rare = slow.rarely(10.0 * minimum, phases)
        found.append(near("only one in two hundred is", rare, stage.quiet))
    return tuple(found)


# A gauge above its ceiling


def _ceiling(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    if "event" in alert.labels:
        return logs_more.ceiling(catalog, alert)
    service, metric = of_alert(catalog, alert)
    bound = metric.ceiling.above if metric.ceiling else 0
    stage = Stage(catalog, alert)
    part = _part(metric, metric.by)

    def told(trouble: float, samples: int | None = None) -> Series:
        """Two pods, each with half of it."""
        values = stage.gauge(bound / 4, trouble / 2, samples)
        labels = {**_any(metric), **part}
        return {
            one_series(metric.name, HERE, {**origin(service, metric, pod), **labels}): values
            for pod in "12"
        }

    firing = Firing({**HERE, **part}, in_unit(1.2 * bound, metric.unit))
    return (
        Incident(
            "two pods together are a fifth above it", told(1.2 * bound), stage.at_once(firing)
        ),
        near("it stands at the ceiling", told(bound), stage.quiet),
        near("above it for eight minutes", told(1.2 * bound, 8), stage.quiet),
    )


# Outcomes that are watched apart


def _watched(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    if "event" in alert.labels:
        return logs_more.watched(catalog, alert)
    service, metric = of_alert(catalog, alert)
    watch = next(each for each in metric.watch if each.id == alert.labels["watch"])
    minimum, lazy = catalog.platform.thresholds.minimum_events, metric.emission == "lazy"
    stage = Stage(catalog, alert, EVENTS_WINDOW, births=lazy)
    part = _part(metric, bounds.watched_labels(metric, watch))
    usual = other_value(watch, metric.labels[watch.label])
    share = share_above(watch.above)

    def one(value: str, values: str) -> Series:
        return events(service, metric, {**_any(metric), **part, watch.label: value}, values)

    def told(apart: float, every: float, value: str = watch.values[0]) -> Series:
        """So many in a window, and this share of them turns out so."""
        a_minute = stage.a_minute(every)
        rest, chosen = (1 - apart) * a_minute, apart * a_minute
        return {
            **one(usual, stage.counter(rest, well=rest)),
            **one(value, stage.counter(chosen)),
        }

    firing = Firing({**HERE, **part}, percentage(share))
    title = f"{watch.title}: {percentage(share)} of one part"
    if lazy:
        # What its counter is born with, beside what just a few others bring into a window.
        rest = (1 - share) * 1.5 * minimum
        steady = stories.counting((stage.length, stage.a_minute(rest)))
        series = {**one(usual, steady), **one(watch.values[0], stage.born(share * 1.5 * minimum))}
        emits = emitter(service, metric, stage.still(1))
        fires = Incident(title, {**emits, **series}, stage.birth(firing))
    else:
        above = watch.above / share
        fires = Incident(title, told(share, 1.5 * minimum), stage.filled(above, firing))
    few = told(1, 0.8 * minimum)
    found = [
        fires,
        near("nearly as many as are allowed", told(0.9 * watch.above, 10.0 * minimum), stage.quiet),
        near("all of the few that there are", few, stage.quiet),
    ]
    bad = _another_bad(metric, watch)
    if bad is not None:
        others = told(share, 10.0 * minimum, bad)
        found.append(near(f"as many are {bad}, which another alert counts", others, stage.quiet))
    return tuple(found)


def _any(metric: Metric) -> dict[str, str]:
    """Some value for each label of a metric."""
    return {label: values[0] if values else ANY for label, values in metric.labels.items()}


def other_value(watch: Watch, known: tuple[str, ...] | None) -> str:
    """A value of the watched label that is not watched."""
    return next((value for value in known or () if value not in watch.values), "other")


def _another_bad(metric: Metric, watch: Watch) -> str | None:
    values = (metric.bad or {}).get(watch.label, ())
    return next((value for value in values if value not in watch.values), None)


PROOFS: Final[Mapping[str, Prove]] = {
    "AboveCeiling": _ceiling,
    "SlowOperations": _slow,
    "WatchedOutcome": _watched,
}
