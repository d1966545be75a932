"""What proves the alerts on silence, each on its own; docs/silence.md has them all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from alerts.model import Alert
from alerts.proof import Firing, Incident, Moment, Proof, Prove
from alerts.proofs.shown import number
from alerts.proofs.stories import Clock, clock
from alerts.proofs.told import HERE, MINUTE, counting, elsewhere, of, series, steady, up
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


@dataclass(frozen=True, slots=True)
class _Week:
    """A story of a week, told in steps of half the silence: fewer would leave no rate."""

    step: int
    hold: int

    @property
    def day(self) -> int:
        """Steps of a day."""
        return _DAY_SECONDS // self.step

    @property
    def hour(self) -> int:
        """Steps of an hour, or a little more."""
        return -(-3600 // self.step)

    @property
    def monday(self) -> int:
        """The step at which the second week begins."""
        return 7 * self.day

    @property
    def waits(self) -> int:
        """Steps that an alert waits."""
        return -(-self.hold // self.step)

    def at(self, steps: int, firing: tuple[Firing, ...] = ()) -> Moment:
        """What fires after so many steps."""
        return Moment(steps * self.step, firing)


def _week(catalog: Catalog, alert: Alert) -> _Week:
    return _Week(catalog.platform.thresholds.silence // 2, alert.hold)


def _no_traffic(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = _service(catalog, alert)
    week = _week(catalog, alert)
    day, hour, monday = week.day, week.hour, week.monday
    # Two steps are one window: what is usual is just enough to be missed.
    a_step = 0.75 * catalog.platform.thresholds.minimum_events
    fires = (Firing(HERE, number(2 * a_step)),)
    alive = up(f"1x{8 * day}", service=service.id)

    def told(values: str, alive: dict[str, str] = alive) -> dict[str, str]:
        return {**alive, **asked(service, values)}

    work = (a_step, 5 * day)
    idle = counting(work, (0, 2 * day + 4 * hour), (a_step, hour))
    # The window of a week ago holds enough from the second step of Monday on.
    missed = monday + 2 + week.waits
    few = counting((a_step * 0.8 / 1.5, 2 * day), work, (0, day))
    down = told(idle, up(f"1x{monday - 1} 0x{day}", service=service.id, pod="down"))
    born = told(f"{counting(work)} stale _x{2 * day + week.waits - 1} 1x{hour}")
    agents = up(f"1x{8 * day}", component="agent")
    return (
        Incident(
            "nobody comes on a Monday",
            told(idle),
            (
                week.at(5 * day - 1),
                week.at(6 * day),
                week.at(missed - 1),
                week.at(missed, fires),
                week.at(monday + 5 * hour),
            ),
            week.step,
        ),
        Incident(
            "a weekend without even the few requests of the one before; it is down, which another "
            "alert says; or the first one comes in time, and its counter with it",
            {
                **told(few),
                **elsewhere(down, "down"),
                **elsewhere({**born, **agents}, "born"),
            },
            (week.at(monday - 1), week.at(missed)),
            week.step,
        ),
    )


# A service that says nothing


@dataclass(frozen=True, slots=True)
class _Silence:
    """When a counter that stands still is missed: a window later, and as long as an alert waits.

    In samples it stands still ``since`` one and until the ``end``.
    """

    time: Clock
    window: int
    hold: int

    @property
    def since(self) -> int:
        """A window after the beginning, so that what is there is no birth."""
        return self.window

    @property
    def end(self) -> int:
        """Some minutes after it had to be missed."""
        return 2 * self.window + self.time.up_to(self.hold) // MINUTE + 3

    @property
    def length(self) -> int:
        """As many samples as it takes to be heard again."""
        return self.end + 20

    @property
    def born(self) -> int:
        """Just in time: a counter that begins so is not missed."""
        return self.moments()[1].at // MINUTE - 2

    def values(self, rise: float) -> str:
        """A counter that rises, stands still, and rises again."""
        still = self.end - self.since
        return counting((rise, self.since), (0, still), (rise, self.length - self.end))

    def moments(self, *firing: Firing) -> tuple[Moment, ...]:
        """What it rose by at last leaves the window."""
        return self.time.moments(
            self.hold,
            firing,
            since=(self.since + self.window - 1) * MINUTE,
            at_last=(self.since + self.window) * MINUTE,
            over=(self.end + 6) * MINUTE,
        )


def _silence(catalog: Catalog, alert: Alert) -> _Silence:
    window = catalog.platform.thresholds.silence // MINUTE
    return _Silence(clock(catalog), window, alert.hold)


def _heard(catalog: Catalog, but: Service, values: str) -> dict[str, str]:
    """The lines of all other services."""
    return {
        name: told
        for each in catalog.services
        if each is not but and each.by_role("log_lines") is not None
        for name, told in lines(each, values).items()
    }


def _silent(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service, silence = _service(catalog, alert), _silence(catalog, alert)
    length, since, end = silence.length, silence.since, silence.end
    alive = {**up(f"1x{length}", service=service.id), **up(f"1x{length}", component="agent")}
    heard = _heard(catalog, service, f"0+9x{length}")
    stops = lines(service, silence.values(9))
    missed = silence.moments(*_HERE)
    return (
        Incident(
            "its counter stands still, the others' do not", {**alive, **heard, **stops}, missed
        ),
        Incident(
            "its counter has vanished, and comes back with one line",
            {**alive, **heard, **lines(service, f"0+9x{since} stale _x{end - since} 1x20")},
            missed[1:],
        ),
        Incident(
            "it is down, which another alert says",
            {**alive, **heard, **stops, **up(f"1x{since} 0x{length}", service=service.id)},
            silence.moments(),
        ),
        *_deaf(service, since, {**heard, **stops}, silence.moments()),
        *_idle(catalog, alert, service),
    )


def _idle(catalog: Catalog, alert: Alert, service: Service) -> tuple[Proof, ...]:
    """Nothing to write about: only where requests are counted is that known."""
    if service.by_role("requests") is None:
        return ()
    week = _week(catalog, alert)
    length, monday = week.monday + 10, week.monday
    a_step = 0.75 * catalog.platform.thresholds.minimum_events
    return (
        Incident(
            "nobody asks anything of it, which another alert says",
            {
                **up(f"1x{length}", service=service.id),
                **up(f"1x{length}", component="agent"),
                **_heard(catalog, service, f"0+9x{length}"),
                # A week ago just enough came; the last line is older than the window by the
                # third step.
                **asked(service, counting((a_step, 10), (0, monday))),
                **lines(service, counting((9, monday + 1), (0, 9))),
            },
            (week.at(monday - 1), week.at(monday + 3 + week.waits)),
            week.step,
        ),
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
    return _not_taken(catalog, alert) if alert.service == "agent" else _not_kept(catalog, alert)


def _lost(catalog: Catalog, alert: Alert) -> tuple[Moment, ...]:
    """Half an hour is well; five minutes later nothing is left of it, for half an hour."""
    enough = 1.5 * catalog.platform.thresholds.minimum_events
    firing = (Firing(HERE, number(enough)),)
    return clock(catalog).moments(
        alert.hold, firing, since=34 * MINUTE, at_last=35 * MINUTE, over=65 * MINUTE
    )


def _not_kept(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = _service(catalog, alert)
    other = next(each for each in catalog.services if each is not service)
    enough = 1.5 * catalog.platform.thresholds.minimum_events
    a_minute, moments = enough / 5, _lost(catalog, alert)
    read = lines(service, counting((a_minute, 90)))
    theirs = kept(other, "3x90")
    lost = kept(service, steady((3, 30), ("_", 30), (3, 30)))
    late = moments[1].at // MINUTE - 2
    refused = series(
        "loki_discarded_samples_total",
        {"job": "loki", "instance": "loki:p", "tenant": "fake", "reason": "rate_limited"},
    )
    return (
        Incident(
            "its lines are read and Loki has none of them",
            {**read, **theirs, **lost},
            moments,
        ),
        Incident(
            "Loki has none of anyone's: it is the recording that fails",
            {**read, **kept(other, "3x29"), **lost},
            (Moment(29 * MINUTE), Moment(50 * MINUTE)),
        ),
        Incident(
            "Loki refuses them, which another alert says, from the first on",
            {
                **read,
                **theirs,
                **lost,
                **up("1x90", component="loki"),
                refused: f"_x{late} {enough:g}x40",
            },
            (Moment(29 * MINUTE), Moment(moments[1].at)),
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


def _not_taken(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    service = _readers(catalog)[0]
    a_minute = 1.5 * catalog.platform.thresholds.minimum_events / 5
    moments = _lost(catalog, alert)
    read = lines(service, counting((a_minute, 90)))
    stuck = taken(counting((a_minute, 30), (0, 30), (a_minute, 30)))
    alive = up("1x90", component="loki")
    vanished = counting((a_minute, 30))
    late = moments[1].at // MINUTE - 2
    born = taken(f"{vanished} stale _x{late - 32} 1x40")
    return (
        Incident("lines are read and Loki is handed none", {**alive, **read, **stuck}, moments),
        Incident(
            "Loki is down, which another alert says, or was handed the first one in time",
            {
                **up("1x30 0x60", component="loki", pod="down"),
                **read,
                **stuck,
                **elsewhere({**alive, **read, **born}, "born"),
            },
            (Moment(29 * MINUTE), Moment(moments[1].at)),
        ),
        Incident(
            "nobody writes anything",
            {**alive, **lines(service, counting((a_minute, 30), (0, 60))), **stuck},
            tuple(Moment(at * MINUTE) for at in (29, 34, 37, 40, 50)),
        ),
    )


def _nothing_read(catalog: Catalog, alert: Alert) -> tuple[Proof, ...]:
    silence = _silence(catalog, alert)
    length, since = silence.length, silence.since
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
    stops = silence.values(9)
    dumb = {name: values for each in chorus for name, values in lines(each, stops).items()}
    first = f"_x{silence.born} 1x{length - silence.born - 1}"
    return (
        Incident(
            "no counter of anyone's lines moves",
            {**alive, **agents, **dumb},
            silence.moments(*_HERE),
        ),
        Incident(
            "the first line of one service is read in time",
            {**alive, **agents, **dumb, **lines(chorus[0], first)},
            silence.moments()[:2],
        ),
        Incident(
            "no agent is up, which another alert says",
            {**alive, **dumb, **up(f"1x{since} 0x{length}", component="agent")},
            silence.moments(),
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
            silence.moments(),
        ),
    )


PROOFS: Final[Mapping[str, Prove]] = {
    "AgentReadsNothing": _nothing_read,
    "LogPipelineBroken": _broken,
    "NoTraffic": _no_traffic,
    "ServiceSilent": _silent,
}
