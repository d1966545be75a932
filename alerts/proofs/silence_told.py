"""What the stories of silence are told in: who is heard, and when one is missed."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.model import Alert
from alerts.proof import Firing, Moment
from alerts.proofs.stories import Clock, clock
from alerts.proofs.told import MINUTE, counting, of, series
from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from queries import counters

_DAY_SECONDS = 86_400


def the_service(catalog: Catalog, alert: Alert) -> Service:
    """The service that an alert is about."""
    return next(each for each in catalog.services if each.id == alert.service)


def metric_of(service: Service, metric: Metric | None) -> Metric:
    """A metric that the alert was made from."""
    if metric is None:
        raise LookupError(f"{service.id} has no such metric")
    return metric


def lines(service: Service, values: str) -> dict[str, str]:
    """The counter of the lines that the agent reads of a service."""
    read = metric_of(service, service.by_role("log_lines"))
    return {series(read.name, of(service, read, {})): values}


def asked(service: Service, values: str) -> dict[str, str]:
    """The counter of a service's requests."""
    metric = metric_of(service, service.by_role("requests"))
    return {series(counters.counter(metric), of(service, metric, {})): values}


def kept(service: Service, values: str) -> dict[str, str]:
    """The rate of lines that Loki holds of a service, as its ruler records it."""
    return {series(names.LOG_LINES_RATE, {names.SERVICE: service.id}): values}


def taken(values: str) -> dict[str, str]:
    """The lines that Loki is handed."""
    labels = {"job": "loki", "instance": "loki:p", "tenant": "fake"}
    return {series("loki_distributor_lines_received_total", labels): values}


@dataclass(frozen=True, slots=True)
class Week:
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


def week_of(catalog: Catalog, alert: Alert) -> Week:
    """A week in which an alert on it waits."""
    return Week(catalog.platform.thresholds.silence // 2, alert.hold)


@dataclass(frozen=True, slots=True)
class Silence:
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


def silence_of(catalog: Catalog, alert: Alert) -> Silence:
    """As long a silence as an alert on it allows."""
    window = catalog.platform.thresholds.silence // MINUTE
    return Silence(clock(catalog), window, alert.hold)
