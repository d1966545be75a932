"""Stories for the alerts on an objective itself: broken, incomplete, low and spent.

Those of the budget are told in the sums that the engine records, since they are alike for every
kind of indicator; how each kind comes to its sums is tested where it is made.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Proof, Prove
from alerts.proofs.shown import percentage
from catalog import names
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Objective
from catalog.spans import DAY_SECONDS, RAW_SECONDS, SHORTEST_SECONDS

_HERE: Final = {names.CLUSTER: "c", names.ENVIRONMENT: "e"}
_MINUTE, _HOUR = 60, 3600
_STEP: Final = 300
#: Steps of an hour.
_AN_HOUR: Final = _HOUR // _STEP
#: So many events a day that every share of them is some.
_MANY: Final = 1_000_000.0


def broken(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """Of twenty events a minute more than that many are good, or bad, for a while."""
    objective = _objective(catalog, alert)
    # Of a histogram a bucket is read, the good ones; of the log its errors.
    counts = _buckets if objective.sli.metric else _minutes
    shown = "-50" if objective.sli.metric else "150"
    labels = {**_HERE, names.WINDOW: format_duration(SHORTEST_SECONDS)}
    fires = Firing(labels, shown, queried={names.MEASURED_EVENTS: "100"})
    waited = 12 * _MINUTE + alert.hold - catalog.platform.scrape.evaluation
    wrong = ((20, 10, 10), (20, 30, 20), (20, 10, 10))
    slightly = ((20, 10, 10), (20, 20, 9), (100, 101, 1), (20, 20, 20))
    return (
        Incident(
            "a release counts some that are no events",
            counts(alert, objective, wrong),
            # Of five minutes three are wrong at the twelfth or the thirteenth.
            (Moment(waited), Moment(22 * _MINUTE, (fires,)), Moment(38 * _MINUTE)),
        ),
        Incident(
            "all that is counted is one more than there is, once",
            counts(alert, objective, slightly),
            (Moment(20 * _MINUTE), Moment(26 * _MINUTE), Moment(35 * _MINUTE)),
        ),
        Incident("nobody asks", counts(alert, objective, ((0, 0, 40),)), (Moment(20 * _MINUTE),)),
    )


#: Events a minute, those of them that are told apart, and for how many minutes.
_Minutes = tuple[tuple[int, int, int], ...]


def _buckets(alert: Alert, objective: Objective, minutes: _Minutes) -> Mapping[str, str]:
    of = f'{{cluster="c",environment="e",service="{alert.service}"'
    within = f'{objective.sli.metric}_bucket{of},le="{objective.sli.threshold:g}"}}'
    return {
        f"{objective.sli.metric}_count{of}}}": _rising((each[0], each[2]) for each in minutes),
        within: _rising((each[1], each[2]) for each in minutes),
    }


def _minutes(alert: Alert, _objective: Objective, minutes: _Minutes) -> Mapping[str, str]:
    labels = {**_HERE, names.SERVICE: alert.service, names.OBJECTIVE: alert.labels["objective"]}
    of = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return {
        f"{name}{{{of}}}": " ".join(f"{each[at]}x{each[2] - 1}" for each in minutes)
        for at, name in enumerate((names.LOG_SLI_EVENTS, names.LOG_SLI_ERRORS))
    }


def _rising(steps: Iterable[tuple[int, int]]) -> str:
    """A counter that rises by so much, so many times, and then by another amount."""
    value, parts = 0, list[str]()
    for increase, times in steps:
        parts.append(f"{value}+{increase}x{times - 1}")
        value += increase * times
    return " ".join(parts)


def incomplete(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """Three hours without any sum after two whole days, and a quarter of an hour without."""
    # Days of five minutes take promtool long: what objectives have in common is told of one.
    service = next(each for each in catalog.services if each.id == alert.service)
    objective = _objective(catalog, alert)
    metric = service.metric(objective.sli.metric or "")
    # No event is told to be good or bad; where the good ones are counted, that makes all bad.
    all_bad = objective.sli.type == "availability" and metric is not None and not metric.bad
    left = percentage(1 - 1 / objective.budget) if all_bad else "100%"
    fires = Firing(_HERE, "3", budget=left)
    first = service.objectives[0].id == alert.labels[names.OBJECTIVE]

    def told(values: str, where: Mapping[str, str] = _HERE) -> Mapping[str, str]:
        return {
            _series(alert, names.SLI_EVENTS, seconds, where): values
            for seconds in (SHORTEST_SECONDS, RAW_SECONDS)
        }

    # From half past, so that it is clear which hours nobody recorded.
    known, missing = 49 * _AN_HOUR + 5, 3 * _AN_HOUR
    before, back = f"5x{known - 1}", known + missing
    held = back + math.ceil(alert.hold / _STEP)
    # Some hours later it has left the day; or nothing is left that it could be asked of.
    after = 24 * _AN_HOUR if first else _AN_HOUR
    elsewhere = {**_HERE, names.CLUSTER: "d"}
    gone = told(f"{before} stale", elsewhere)
    return (
        Incident(
            "three hours are not recorded",
            told(f"{before} _x{missing} 5x{after - 1} stale"),
            (
                Moment((held - 1) * _STEP),
                Moment(held * _STEP, (fires,)),
                Moment((back + after + (-1 if first else 1)) * _STEP),
            ),
            _STEP,
        ),
        Incident(
            "a quarter of an hour is missing, and every full hour is there"
            + (", and elsewhere the service is gone for good" if first else ""),
            {**told(f"{before} _x3 5x{missing}"), **(gone if first else {})},
            (Moment(50 * _HOUR), Moment(51 * _HOUR)),
            _STEP,
        ),
    )


def spent(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """Half as many errors again as the objective allows, or nearly as many."""
    return (
        _over(catalog, alert, "more went wrong than may", 1.5, "-50%"),
        _within(catalog, alert, "nearly as much went wrong as may", 0.99),
    )


def low(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """Half of what is called low is left, or twice as much, or nothing at all."""
    limit = catalog.windows.low_budget / 100
    left = f"{limit / 2 * 100:.4g}%"
    return (
        _over(catalog, alert, "little is left of the budget", 1 - limit / 2, left),
        _within(
            catalog,
            alert,
            "twice as much is left, and elsewhere nothing, which is another alert",
            1 - min(2 * limit, 1),
            1.1,
        ),
    )


#: A sum is known to be one of a whole day when it was there a day ago.
_KNOWN: Final = 24 * _AN_HOUR


def _over(catalog: Catalog, alert: Alert, title: str, used: float, left: str) -> Incident:
    """As few errors as are judged use this share, from the first day on; later none is left."""
    objective = _objective(catalog, alert)
    # A day's sum and that of a day ago.
    errors = 1.5 * max(each.minimum_errors for each in catalog.windows.windows) / 2
    held = _KNOWN + math.ceil(alert.hold / _STEP)
    labels = {**_HERE, names.WINDOW: format_duration(objective.period)}
    return Incident(
        title,
        {
            _series(alert, names.SLI_EVENTS, DAY_SECONDS): (
                f"{errors / used / objective.budget:.12g}x{held + 3}"
            ),
            _series(alert, names.SLI_ERRORS, DAY_SECONDS): f"{errors:.12g}x{held} 0x2",
        },
        (
            Moment((held - 1) * _STEP),
            Moment(held * _STEP, (Firing(labels, left, budget=left),)),
            Moment((held + 2) * _STEP),
        ),
        _STEP,
    )


def _within(catalog: Catalog, alert: Alert, title: str, *used: float) -> Incident:
    """Of many events these shares of the budget are used, each in a cluster of its own."""
    allowed = _objective(catalog, alert).budget * _MANY
    held = _KNOWN + math.ceil(alert.hold / _STEP)
    told = {}
    for number, share in enumerate(used):
        where = {**_HERE, names.CLUSTER: f"c{number}"}
        told[_series(alert, names.SLI_EVENTS, DAY_SECONDS, where)] = f"{_MANY:.0f}x{held}"
        told[_series(alert, names.SLI_ERRORS, DAY_SECONDS, where)] = f"{allowed * share:.6g}x{held}"
    return Incident(title, told, (Moment(held * _STEP),), _STEP)


def _objective(catalog: Catalog, alert: Alert) -> Objective:
    return next(
        objective
        for service in catalog.services
        for objective in service.objectives
        if service.id == alert.service and objective.id == alert.labels[names.OBJECTIVE]
    )


def _series(alert: Alert, name: str, seconds: int, where: Mapping[str, str] = _HERE) -> str:
    labels = {
        **where,
        names.SERVICE: alert.service,
        names.OBJECTIVE: alert.labels[names.OBJECTIVE],
        names.WINDOW: format_duration(seconds),
    }
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{inside}}}"


PROOFS: Final[Mapping[str, Prove]] = {
    "ErrorBudgetIncomplete": incomplete,
    "ErrorBudgetLow": low,
    "ErrorBudgetSpent": spent,
    "SliBroken": broken,
}
