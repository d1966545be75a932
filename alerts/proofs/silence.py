"""What proves the alerts on silence, each on its own; docs/silence.md has them all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Proof, Prove
from alerts.proofs.shown import number
from alerts.proofs.told import HERE, MINUTE, counting, of, series, steady, up
from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from queries import counters

_DAY_SECONDS = 86_400
_HERE = (Firing(HERE, ""),)


def _service(catalog: Catalog, alert: Alert) -> Service:
    return next(each for each in catalog.services if each.id == alert.service)


def _role(service: Service, metric: Metric | None) -> Metric:
    if metric is None:  # the alert was made from it
        raise LookupError(f"{service.id} has no such metric")
    return metric


def lines(service: Service, values: str) -> dict[str, str]:
    """The counter of the lines that the agent reads of a service."""
    read = _role(service, service.by_role("log_lines"))
    return {series(read.name, of(service, read, {})): values}


def asked(service: Service, values: str) -> dict[str, str]:
    """The counter of a service's requests."""
    metric = _role(service, service.by_role("requests"))
    return {series(counters.counter(metric), of(service, metric, {})): values}


def kept(service: Service, values: str) -> dict[str, str]:
    """The rate of lines that Loki holds of a service, as its ruler records it."""
    return {series(names.LOG_LINES_RATE, {names.SERVICE: service.id}): values}


def taken(values: str) -> dict[str, str]:
    """The lines that Loki is handed."""
    labels = {"job": "loki", "instance": "loki:p", "tenant": "fake"}
    return {series("loki_distributor_lines_received_total", labels): values}


# No traffic


def _no_traffic(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = _service(catalog, alert)
    limits = catalog.platform.thresholds
    step = limits.silence // 2
    day, hour = _DAY_SECONDS // step, -(-3600 // step)
    a_step = limits.minimum_events
    fires = (Firing(HERE, number(2 * a_step)),)
    alive = up(f"1x{8 * day}", service=service.id)
    monday = 7 * day

    def told(title: str, *phases: tuple[float, int], alive: dict[str, str] = alive) -> _Story:
        return _Story(title, {**alive, **asked(service, counting(*phases))}, step)

    work = ((a_step, 5 * day), (0, 2 * day))
    few = 0.2 * a_step
    return (
        told("nobody comes on a Monday", *work, (0, 4 * hour), (a_step, hour)).at(
            (5 * day - 1, ()),
            (6 * day, ()),
            (monday + 4 * hour - 1, fires),
            (monday + 5 * hour, ()),
        ),
        told(
            "a weekend without even the few requests of the one before",
            *((few, 2 * day), (a_step, 5 * day), (0, day)),
        ).at((monday - 1, ()), (8 * day - 1, ())),
        told(
            "it is down, which another alert says",
            *work,
            (0, 4 * hour),
            alive=up(f"1x{monday - 1} 0x{day}", service=service.id),
        ).at((monday + 4 * hour - 1, ())),
    )


@dataclass(frozen=True, slots=True)
class _Story:
    """A story of many days, told in steps of half the silence: fewer would leave no rate."""

    title: str
    series: Mapping[str, str]
    step: int

    def at(self, *moments: tuple[int, tuple[Firing, ...]]) -> Incident:
        """What fires after so many steps."""
        told = tuple(Moment(steps * self.step, firing) for steps, firing in moments)
        return Incident(self.title, self.series, told, self.step)


# A service that says nothing


def _silent(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = _service(catalog, alert)
    window = catalog.platform.thresholds.silence // MINUTE
    length, since, end = 4 * window + 60, window, 3 * window + 20
    others = [each for each in catalog.services if each is not service]
    alive = {**up(f"1x{length}", service=service.id), **up(f"1x{length}", component="agent")}
    heard = {
        name: values
        for each in others
        if each.by_role("log_lines") is not None
        for name, values in lines(each, f"0+9x{length}").items()
    }
    stops = lines(service, counting((9, since), (0, end - since), (9, length - end)))
    moments = (Moment((since - 1) * MINUTE), Moment((end - 1) * MINUTE))
    return (
        Incident(
            "its counter stands still, the others' do not",
            {**alive, **heard, **stops},
            (moments[0], Moment((end - 1) * MINUTE, _HERE), Moment((end + 5) * MINUTE)),
        ),
        Incident(
            "its counter has vanished, and comes back with one line",
            {**alive, **heard, **lines(service, f"0+9x{since} stale _x{end - since} 1x60")},
            (Moment((end - 1) * MINUTE, _HERE), Moment((end + 6) * MINUTE)),
        ),
        Incident(
            "it is down, which another alert says",
            {**alive, **heard, **stops, **up(f"1x{since} 0x{length}", service=service.id)},
            moments,
        ),
        *_deaf(service, since, {**heard, **stops}, moments),
    )


def _deaf(
    service: Service, since: int, told: Mapping[str, str], moments: tuple[Moment, ...]
) -> tuple[Proof, ...]:
    """No agent is up to read it; only where lines go through agents is that another cause."""
    if _role(service, service.by_role("log_lines")).emitted_by != "agent":
        return ()
    length = moments[-1].at // MINUTE + 1
    alive = up(f"1x{length}", service=service.id)
    agents = up(f"1x{since} 0x{length}", component="agent")
    return (Incident("no agent is up to read it", {**alive, **agents, **told}, moments),)


# The pipeline


def _broken(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    return _not_taken(catalog) if alert.service == "agent" else _not_kept(catalog, alert)


def _not_kept(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = _service(catalog, alert)
    other = next(each for each in catalog.services if each is not service)
    a_minute = catalog.platform.thresholds.minimum_events
    read = lines(service, f"0+{a_minute}x90")
    theirs = kept(other, "3x90")
    lost = kept(service, steady((3, 30), ("_", 30), (3, 30)))
    fires = (Firing(HERE, number(5 * a_minute)),)
    refused = series(
        "loki_discarded_samples_total",
        {"job": "loki", "instance": "loki:p", "tenant": "fake", "reason": "rate_limited"},
    )
    return (
        Incident(
            "its lines are read and Loki has none of them",
            {**read, **theirs, **lost},
            (Moment(29 * MINUTE), Moment(50 * MINUTE, fires), Moment(65 * MINUTE)),
        ),
        Incident(
            "Loki has none of anyone's: it is the recording that fails",
            {**read, **kept(other, "3x29"), **lost},
            (Moment(29 * MINUTE), Moment(50 * MINUTE)),
        ),
        Incident(
            "Loki refuses them, which another alert says",
            {**read, **theirs, **lost, refused: f"0x30 0+{a_minute}x60"},
            (Moment(29 * MINUTE), Moment(55 * MINUTE)),
        ),
        Incident(
            "it stopped and its last lines are kept",
            {**lines(service, counting((a_minute, 30), (0, 60))), **theirs, **lost},
            tuple(Moment(at * MINUTE) for at in (29, 34, 37, 40, 50)),
        ),
        Incident(
            "a few minutes late",
            {**read, **theirs, **kept(service, steady((3, 30), ("_", 8), (3, 30)))},
            tuple(Moment(at * MINUTE) for at in (29, 36, 40, 45)),
        ),
    )


def _readers(catalog: Catalog) -> list[Service]:
    return [each for each in catalog.services if each.by_role("log_lines") is not None]


def _not_taken(catalog: Catalog) -> tuple[Proof, ...]:
    service = _readers(catalog)[0]
    a_minute = catalog.platform.thresholds.minimum_events
    read = lines(service, f"0+{a_minute}x90")
    stuck = taken(counting((a_minute, 30), (0, 30), (a_minute, 30)))
    alive = up("1x90", component="loki")
    fires = (Firing(HERE, number(5 * a_minute)),)
    return (
        Incident(
            "lines are read and Loki is handed none",
            {**alive, **read, **stuck},
            (Moment(29 * MINUTE), Moment(50 * MINUTE, fires), Moment(65 * MINUTE)),
        ),
        Incident(
            "Loki is down, which another alert says",
            {**up("1x30 0x60", component="loki"), **read, **stuck},
            (Moment(29 * MINUTE), Moment(50 * MINUTE)),
        ),
        Incident(
            "nobody writes anything",
            {**alive, **lines(service, counting((a_minute, 30), (0, 60))), **stuck},
            tuple(Moment(at * MINUTE) for at in (29, 34, 37, 40, 50)),
        ),
    )


def _nothing_read(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    window = catalog.platform.thresholds.silence // MINUTE
    length, since, end = 4 * window + 60, window, 3 * window + 20
    chorus = [
        each
        for each in _readers(catalog)
        if _role(each, each.by_role("log_lines")).emission == "always"
    ]
    alive = {
        name: values
        for each in chorus
        for name, values in up(f"1x{length}", service=each.id).items()
    }
    agents = up(f"1x{length}", component="agent")
    stops = counting((9, since), (0, end - since), (9, length - end))
    dumb = {name: values for each in chorus for name, values in lines(each, stops).items()}
    moments = (Moment((since - 1) * MINUTE), Moment((end - 1) * MINUTE))
    return (
        Incident(
            "no counter of anyone's lines moves",
            {**alive, **agents, **dumb},
            (moments[0], Moment((end - 1) * MINUTE, _HERE), Moment((end + 5) * MINUTE)),
        ),
        Incident(
            "one service is heard",
            {**alive, **agents, **dumb, **lines(chorus[0], f"0+9x{length}")},
            moments,
        ),
        Incident(
            "no agent is up, which another alert says",
            {**alive, **dumb, **up(f"1x{since} 0x{length}", component="agent")},
            moments,
        ),
        Incident(
            "every service is down, which other alerts say",
            {
                **agents,
                **dumb,
                **{
                    name: f"1x{since} 0x{length}"
                    for each in chorus
                    for name in up("", service=each.id)
                },
            },
            moments,
        ),
    )


PROOFS: Final[Mapping[str, Prove]] = {
    "AgentReadsNothing": _nothing_read,
    "LogPipelineBroken": _broken,
    "NoTraffic": _no_traffic,
    "ServiceSilent": _silent,
}
