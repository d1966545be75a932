"""Rules of a service's volumes against the same hour of earlier weeks.

Two groups: the volumes, every minute; what is expected of them, every two, which is within
Prometheus' lookback of five minutes even where an evaluation was missed: five weeks later the
hour's mean is read again by its offset, and has to be there.
"""

from __future__ import annotations

from collections.abc import Iterator

from alerts import text
from alerts.model import Alert, Dashboard, Group, Recording
from catalog import names
from catalog.expectations import WEEKS
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Service
from queries import anomaly, scope

_VALUES_SECONDS = 60
_SECONDS = 120


def groups(catalog: Catalog, service: Service) -> tuple[Group, ...]:
    """The rules of one service."""
    return (
        Group(f"anomaly-{service.id}-values", _VALUES_SECONDS, tuple(_values(service))),
        Group(
            f"anomaly-{service.id}",
            _SECONDS,
            (*_baseline(catalog, service), _alert(catalog, service)),
        ),
    )


def _values(service: Service) -> Iterator[Recording]:
    yield _value(anomaly.line_rate(service), anomaly.LINES)
    metric = service.by_role("requests")
    if metric is not None:
        yield Recording(names.REQUESTS_RATE, anomaly.request_rate(service, metric))
        yield _value(anomaly.recorded_request_rate(service), anomaly.REQUESTS)
    yield Recording(names.ANOMALY_RECENT, anomaly.recent(service))


def _value(expr: str, signal: str) -> Recording:
    return Recording(names.ANOMALY_VALUE, expr, {names.SIGNAL: signal})


def _baseline(catalog: Catalog, service: Service) -> Iterator[Recording]:
    weeks = range(1, WEEKS + 1)
    yield Recording(names.ANOMALY_HOUR, anomaly.hour(service))
    for week in weeks:
        of = {names.WEEK: str(week)}
        yield Recording(names.ANOMALY_LEVEL, anomaly.level(service, week), of)
    for week in weeks:
        yield Recording(names.ANOMALY_WEEK, anomaly.week(service, week), {names.WEEK: str(week)})
    yield Recording(names.ANOMALY_EXPECTED, anomaly.expected(service))
    minimum = catalog.platform.anomalies.spread_minimum
    yield Recording(names.ANOMALY_SPREAD, anomaly.spread(service, minimum))
    yield Recording(names.ANOMALY_SCORE, anomaly.score(service))


def _alert(catalog: Catalog, service: Service) -> Alert:
    limits = catalog.platform.anomalies
    minimum = catalog.platform.thresholds.minimum_events
    signal = text.label(names.SIGNAL)
    return Alert(
        name="VolumeAnomaly",
        expr=anomaly.unusual(service, limits.score, minimum),
        severity=names.TICKET,
        service=service.id,
        team=service.owner.team,
        summary=f"{service.name}: {text.NUMBER} {signal} a second, unusual for this hour",
        description=f"At this hour of the last {WEEKS} weeks, {_usual(service)}. For "
        f"{format_duration(limits.hold)} the mean of {anomaly.RECENT} was more than "
        f"{limits.score:g} spreads away from that, and by at least {minimum} {signal}. Look first "
        "at whether errors or latency changed with it, at what was deployed, and at who sends "
        "more or less than usual.",
        dashboard=Dashboard(
            names.anomalies_uid(catalog.prefix),
            {scope.SERVICE_VARIABLE: service.id, scope.SIGNAL_VARIABLE: signal},
        ),
        hold=limits.hold,
    )


def _usual(service: Service) -> str:
    """What is expected, and what share of it there is, when the alert fires."""
    matchers = (
        f"{names.CLUSTER}='%s',{names.ENVIRONMENT}='%s',{names.SERVICE}='{service.id}',"
        f"{names.SIGNAL}='%s'"
    )
    labels = " ".join(
        f"$labels.{name}" for name in (names.CLUSTER, names.ENVIRONMENT, names.SIGNAL)
    )
    middle = f"{names.ANOMALY_EXPECTED}{{{matchers}}}"
    share = f"{names.ANOMALY_RECENT}{{{matchers}}} / {middle}"
    return (
        f'{{{{ with printf "{middle}" {labels} | query }}}}'
        "{{ . | first | value | humanize }}{{ else }}another number{{ end }} a second were usual, "
        f'and now it is {{{{ with printf "{share}" {labels} {labels} | query }}}}'
        "{{ . | first | value | humanizePercentage }}{{ else }}a part{{ end }} of that"
    )
