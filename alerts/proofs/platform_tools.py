"""What the stories of the platform's further alerts are told with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.model import Alert
from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Moment
from catalog import names
from catalog.scalars import parse_duration
from queries.text import braces, equal

Labels = Mapping[str, str]

HERE: Labels = {names.CLUSTER: "c", names.ENVIRONMENT: "e"}
#: Samples of a story before anything happens, and for how long more than it must it lasts.
QUIET, MORE = 10, 5


def series(name: str, labels: Labels, scope: Labels = HERE) -> str:
    """A series by its text."""
    return name + braces(tuple(equal(key, value) for key, value in {**scope, **labels}.items()))


def counting(*phases: tuple[int, float]) -> str:
    """A counter: for so many samples it rises by so much from one to the next."""
    told, value = ["0"], 0.0
    for samples, step in phases:
        told.append(f"{_plain(value + step)}+{_plain(step)}x{samples - 1}")
        value += samples * step
    return " ".join(told)


def holding(*phases: tuple[int, float]) -> str:
    """A gauge: for so many samples it shows one value."""
    return " ".join(f"{_plain(value)}x{samples - 1}" for samples, value in phases)


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def minutes(window: str) -> int:
    """A window in samples."""
    return parse_duration(window) // INTERVAL_SECONDS


@dataclass(frozen=True, slots=True)
class Tale:
    """All is well, then there is trouble, then it is over; counted in samples.

    ``window`` is how long the expression looks back: for so long it does not yet show the whole
    trouble, and for so long it still does when the trouble is over.
    """

    alert: Alert
    window: int = 0

    @property
    def trouble(self) -> int:
        """As many samples as it takes until the alert fires, and some more."""
        return self.window + self.alert.hold // INTERVAL_SECONDS + MORE

    @property
    def after(self) -> int:
        """As many samples as it takes until nothing of it is left."""
        return self.window + MORE

    def counter(self, step: float) -> str:
        """A counter that rises during the trouble alone."""
        return counting((QUIET, 0), (self.trouble, step), (self.after, 0))

    def traffic(self, step: float) -> str:
        """A counter that rises all the time."""
        return counting((QUIET + self.trouble + self.after, step))

    def gauge(self, well: float, ill: float) -> str:
        """A gauge that shows one value during the trouble and another one otherwise."""
        return holding((QUIET, well), (self.trouble, ill), (self.after, well))

    def fires(self, title: str, told: Labels, labels: Labels, value: str) -> Incident:
        """Silent, then firing, then silent again."""
        firing = Firing({**HERE, **labels}, value)
        moments = (Moment(QUIET * 60), Moment(self._fires, (firing,)), Moment(self._over))
        return Incident(title, told, moments)

    def near(self, title: str, told: Labels) -> Incident:
        """Silent at each of these moments."""
        return Incident(title, told, (Moment(self._fires), Moment(self._over)))

    @property
    def _fires(self) -> int:
        return (QUIET + self.trouble - 1) * INTERVAL_SECONDS

    @property
    def _over(self) -> int:
        return (QUIET + self.trouble + self.after - 1) * INTERVAL_SECONDS
