"""Which alerts each kind of incident has to bring, how soon at the latest, and which it may.

All of it follows from the catalog and from the alerts that it generates. Times are those of
alerts.burn_theory for even traffic, or a window and a hold, with what it takes to be seen. They
hold where history fills the windows; without history a share is exceeded sooner.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from alerts import anomaly, canary, logs, slo
from alerts import service as of_service
from alerts.burn_theory import Delay, condition, seconds_to_exceed
from alerts.model import Alert, Group
from catalog import names
from catalog.model import Catalog
from catalog.scalars import parse_duration
from catalog.service import Objective, Service
from queries import anomaly as volumes
from queries import log_alerts, service_alerts, targets
from simulate import chance
from simulate.backtest.run import delay
from simulate.fleet.incidents import Incident, Kind
from simulate.fleet.plans import SIGMA

#: Judge all requests or events of a service: any trouble of it may bring them.
_JUDGING: Final = frozenset(
    {
        "ErrorBudgetBurnFast",
        "ErrorBudgetBurnSlow",
        "ErrorBudgetLow",
        "ErrorBudgetSpent",
        "FailedEvents",
        "HighErrorRatio",
        "HighLatency",
        "LogErrorSpike",
        "NewErrorPattern",
        "SlowOperations",
        "VolumeAnomaly",
        "WatchedOutcome",
    }
)
#: Of a service that is waited for, its callers may bring those that judge their time.
_WAITING: Final = frozenset(
    {
        "ErrorBudgetBurnFast",
        "ErrorBudgetBurnSlow",
        "ErrorBudgetLow",
        "ErrorBudgetSpent",
        "HighLatency",
        "SlowOperations",
    }
)
#: The medians of slow answers, as a multiple of what is promised: simulate.world.
_SLOW_FACTOR: Final = 1.6


@dataclass(frozen=True, slots=True)
class Due:
    """An alert that has to fire within so many seconds of the incident's begin.

    ``seconds`` is None where chance decides: a canary is compared until the evidence is enough.
    Of an error budget's page, ``share`` of the events fail for so long: with fewer it comes later.
    Of others, ``true_after`` of the seconds pass until the expression is true.
    """

    alert: str
    service: str
    severity: names.Severity
    seconds: float | None
    share: float | None = None
    true_after: float | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What has to fire, and what may besides, as names of alerts and ids of services."""

    fires: tuple[Due, ...]
    may_fire: frozenset[tuple[str, str]]


def expected(catalog: Catalog, incident: Incident) -> Expectation:
    """What an incident that lasts long enough brings."""
    service = catalog.service(incident.service)
    shipped = dict(_shipped(catalog, service))
    fires = tuple(_due(catalog, service, incident, shipped))
    also = {(name, service.id) for name in _JUDGING}
    if incident.kind == "slow-dependency":
        also |= {(name, each) for each in _callers(catalog, service) for name in _WAITING}
    if incident.kind == "silence":
        also |= {("LogPipelineBroken", service.id)}
    if incident.kind in {"error-burst", "bad-canary"} and catalog.platform.canary:
        also |= {("CanaryWorse", service.id)}
    named = {(each.alert, each.service) for each in fires}
    return Expectation(fires, frozenset(also - named))


def _due(
    catalog: Catalog, service: Service, incident: Incident, shipped: dict[str, tuple[Alert, int]]
) -> Iterator[Due]:
    share = incident.share or 0.0
    kind: Kind = incident.kind
    if kind == "error-burst":
        yield from _burn(catalog, service, "availability", share)
        yield from _held(catalog, shipped, "HighErrorRatio", _error_ratio(catalog, share))
    elif kind == "slow-dependency":
        late = share * _late(incident.factor or 1.0)
        yield from _burn(catalog, service, "latency", late)
    elif kind == "silence":
        silence = float(catalog.platform.thresholds.silence)
        yield from _held(catalog, shipped, "ServiceSilent", silence)
    elif kind == "crash-loop":
        yield from _held(catalog, shipped, "TargetDown", _crashed(catalog, incident))
    elif kind == "flood":
        yield from _held(catalog, shipped, "VolumeAnomaly", _flooded(catalog, incident))
    elif kind == "lost-trace-ids":
        ratio = catalog.platform.thresholds.traceless_ratio_maximum
        yield from _held(
            catalog,
            shipped,
            "MissingTraceIds",
            seconds_to_exceed(parse_duration(log_alerts.ERRORS_WINDOW), ratio, 1.0),
        )
    elif "CanaryWorse" in shipped:
        yield Due("CanaryWorse", service.id, shipped["CanaryWorse"][0].severity, None)


def _burn(catalog: Catalog, service: Service, kind: str, ratio: float) -> Iterator[Due]:
    """The page of the error budget that comes first, if that many errors bring one."""
    metric = service.by_role("requests")
    promised = [
        each
        for each in service.objectives
        if each.sli.type == kind and metric and each.sli.metric == metric.name
    ]
    soonest = min((_page_after(catalog, each, ratio) for each in promised), default=float("inf"))
    if math.isfinite(soonest):
        yield Due("ErrorBudgetBurnFast", service.id, names.PAGE, soonest, ratio)


def _page_after(catalog: Catalog, objective: Objective, ratio: float) -> float:
    found = [float("inf")]
    for window in catalog.windows.windows:
        if window.severity == names.PAGE:
            wanted = condition(objective, window)
            seconds = seconds_to_exceed(wanted.long, wanted.threshold, ratio)
            found.append(seconds + delay(catalog, objective, window).promised)
    return min(found)


def _held(
    catalog: Catalog, shipped: dict[str, tuple[Alert, int]], name: str, true_after: float
) -> Iterator[Due]:
    """An alert whose expression is true after so long, where the catalog generates it."""
    if name in shipped and math.isfinite(true_after):
        alert, interval = shipped[name]
        seen = Delay(catalog.platform.scrape.interval, interval, alert.hold, (interval,))
        yield Due(
            name,
            alert.service,
            alert.severity,
            true_after + seen.promised,
            true_after=true_after,
        )


def _error_ratio(catalog: Catalog, share: float) -> float:
    window = parse_duration(service_alerts.REQUESTS_WINDOW)
    return seconds_to_exceed(window, catalog.platform.thresholds.error_ratio_maximum, share)


def _late(factor: float) -> float:
    """The share of slow answers that are later than what is promised."""
    return 1 - chance.log_normal_share(1.0, _SLOW_FACTOR * factor, SIGMA)


def _crashed(catalog: Catalog, incident: Incident) -> float:
    """Until a pod has been dead for so long of the last minutes, or has died so often of late."""
    dead, alive = incident.rhythm
    # The first deaths are all within the window, or it never holds so many of them.
    deaths = math.ceil(targets.DOWN_SECONDS / dead)
    long = targets.DOWN_SECONDS + (deaths - 1) * alive
    if long > parse_duration(targets.DOWN_WINDOW):
        long = math.inf
    scrape = catalog.platform.scrape
    often = (targets.FALLS - 1) * (dead + alive)
    # What is no longer than a scrape may not be seen, and the first fall has to be there still.
    remembered = parse_duration(targets.FALLS_WINDOW) - scrape.interval - scrape.evaluation
    if min(dead, alive) <= scrape.interval or often > remembered:
        often = math.inf
    return min(long + parse_duration(targets.DOWN_STEP), often)


def _flooded(catalog: Catalog, incident: Incident) -> float:
    """Until the mean of the last minutes is too many spreads above what is usual."""
    limits = catalog.platform.anomalies
    above = limits.score * limits.spread_minimum
    more = (incident.factor or 1.0) - 1
    if more <= above:
        return math.inf
    # What is averaged is itself a rate over minutes, which rises evenly until they are full.
    rate, mean = parse_duration(volumes.WINDOW), parse_duration(volumes.RECENT)
    rising = math.sqrt(2 * rate * mean * above / more)
    return rising if rising <= rate else rate / 2 + mean * above / more


def _callers(catalog: Catalog, service: Service) -> set[str]:
    """Those that wait for it, and those that wait for them."""
    found: set[str] = set()
    waiting = {service.id}
    while waiting:
        asked = waiting.pop()
        for each in catalog.services:
            if asked in each.depends_on and each.id not in found:
                found.add(each.id)
                waiting.add(each.id)
    return found - {service.id}


def _shipped(catalog: Catalog, service: Service) -> Iterator[tuple[str, tuple[Alert, int]]]:
    """The alerts that the catalog generates for the service, and how often each is evaluated."""
    groups: list[Group] = [
        of_service.group(catalog, service),
        *anomaly.groups(catalog, service),
        *canary.groups(catalog, service),
        *logs.groups(catalog, service),
    ]
    for objective in service.objectives:
        groups += slo.groups(catalog, service, objective)
    for group in groups:
        for rule in group.rules:
            if isinstance(rule, Alert):
                yield rule.name, (rule, group.interval)
