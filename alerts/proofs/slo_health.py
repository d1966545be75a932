"""Stories for the alerts on an objective itself: broken, incomplete, low and spent.

Those of the budget are told in the sums that the engine records, since they are alike for every
kind of indicator; how each kind comes to its sums is tested where it is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Proof, Prove
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
    wrong = ((20, 10, 10), (20, 30, 20), (20, 10, 10))
    slightly = ((20, 10, 10), (20, 20, 9), (100, 101, 1), (20, 20, 20))
    return (
        Incident(
            "a release counts some that are no events",
            counts(alert, objective, wrong),
            (Moment(8 * _MINUTE), Moment(22 * _MINUTE, (fires,)), Moment(38 * _MINUTE)),
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
    """Three hours without any sum after two whole days, and half an hour without."""
    fires = Firing(_HERE, "3", budget="100%")
    # Days of five minutes take promtool long: what objectives have in common is told of one.
    service = next(each for each in catalog.services if each.id == alert.service)
    first = service.objectives[0].id == alert.labels[names.OBJECTIVE]

    def told(values: str) -> Mapping[str, str]:
        return {
            _series(alert, names.SLI_EVENTS, seconds): values
            for seconds in (SHORTEST_SECONDS, RAW_SECONDS)
        }

    # From half past, so that it is clear which hours nobody recorded.
    before, after = f"5x{49 * _AN_HOUR + 5}", f"5x{30 * _AN_HOUR}"
    gone = Incident(
        "the service is gone for good",
        told(f"{before} stale"),
        (Moment(51 * _HOUR), Moment(56 * _HOUR)),
        _STEP,
    )
    return (
        Incident(
            "three hours are not recorded",
            told(f"{before} _x{3 * _AN_HOUR} {after}"),
            (
                Moment(49 * _HOUR),
                Moment(51 * _HOUR),
                Moment(54 * _HOUR, (fires,)),
                Moment(78 * _HOUR),
            ),
            _STEP,
        ),
        Incident(
            "a quarter of an hour is missing, and every full hour is there",
            told(f"{before} _x3 {after}"),
            (Moment(50 * _HOUR), Moment(51 * _HOUR)),
            _STEP,
        ),
        *((gone,) if first else ()),
    )


def spent(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """Half as many errors again as the objective allows, or nearly as many."""
    return (
        _month(catalog, alert, "more went wrong than may", 1.5, "-50%"),
        _month(catalog, alert, "nearly as much went wrong as may", 0.99, None),
    )


def low(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    """Half of what is called low is left, or twice as much, or nothing at all."""
    limit = catalog.windows.low_budget / 100
    left = f"{limit / 2 * 100:.4g}%"
    return (
        _month(catalog, alert, "little is left of the budget", 1 - limit / 2, left),
        _month(catalog, alert, "twice as much is left", 1 - min(2 * limit, 1), None),
        _month(catalog, alert, "nothing is left, which is another alert", 1.1, None),
    )


def _month(catalog: Catalog, alert: Alert, title: str, used: float, left: str | None) -> Incident:
    """The budget is used up to this share, from the first day on; later no error is left of it."""
    objective = _objective(catalog, alert)
    allowed = objective.budget * _MANY
    hours = 26 * _AN_HOUR
    labels = {**_HERE, names.WINDOW: format_duration(objective.period)}
    fires = (Firing(labels, left, budget=left),) if left is not None else ()
    return Incident(
        title,
        {
            _series(alert, names.SLI_EVENTS, DAY_SECONDS): f"{_MANY:.0f}x{hours + 3 * _AN_HOUR}",
            _series(alert, names.SLI_ERRORS, DAY_SECONDS): (
                f"{allowed * used:.6g}x{hours - 1} 0x{3 * _AN_HOUR}"
            ),
        },
        (
            # Nobody knows yet how a whole day is.
            Moment(12 * _HOUR),
            Moment(25 * _HOUR, fires),
            Moment(27 * _HOUR),
        ),
        _STEP,
    )


def _objective(catalog: Catalog, alert: Alert) -> Objective:
    return next(
        objective
        for service in catalog.services
        for objective in service.objectives
        if service.id == alert.service and objective.id == alert.labels[names.OBJECTIVE]
    )


def _series(alert: Alert, name: str, seconds: int) -> str:
    labels = {
        **_HERE,
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
