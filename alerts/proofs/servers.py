"""Stories that several servers' alerts share: a gauge over its limit, a counter that moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from alerts.model import Alert
from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Moment, Proof, Prove
from alerts.proofs import shown, stories
from alerts.proofs.stories import HERE, Clock, Labels, Series, clock, counting, holding
from catalog.model import Catalog

Tell = Callable[[Catalog, Alert], Iterator[Proof]]


def proofs(tells: Mapping[str, Tell]) -> Mapping[str, Prove]:
    """What tells one story after the other, as what proves an alert."""

    def prove(tell: Tell) -> Prove:
        return lambda catalog, alert: tuple(tell(catalog, alert))

    return {name: prove(tell) for name, tell in tells.items()}


class Stage:
    """The time before, in and after the trouble of one alert."""

    def __init__(
        self,
        catalog: Catalog,
        alert: Alert,
        window: str = "",
        *,
        births: bool = False,
        fills: bool = True,
    ) -> None:
        """A gauge has no window; ``births`` ask for a lead longer than it: see decision 0008.

        Where the first that is counted is too much, the window need not be full of it (``fills``).
        """
        self.time: Clock = clock(catalog)
        self.hold = alert.hold
        self.window = stories.seconds(window) if window else 0
        before = self.time.samples(self.window if births else 0)
        self.lead = before + (self.time.lead if window else self.time.samples(120))
        # Until the window is full of it and the alert has waited.
        self._fill = self.window if fills else 0
        self.trouble = self.time.samples(self._fill + self.hold) + self.time.samples(120)
        self.rest = self.window // INTERVAL_SECONDS + 5
        #: When the trouble begins, and when it is past.
        self.since = self.lead * INTERVAL_SECONDS
        self.ends = (self.lead + self.trouble) * INTERVAL_SECONDS

    @property
    def over(self) -> int:
        """When none of it is within the window any more."""
        return stories.after(self.window, self.lead + self.trouble)

    def gauge(self, well: float, wrong: float, trouble: int | None = None) -> str:
        """A gauge that shows one value, then another, then the first again."""
        short = self.trouble if trouble is None else trouble
        rest = self.trouble - short + self.rest
        return holding((self.lead, well), (short, wrong), (rest, well))

    def counter(self, a_minute: float, *, well: float = 0) -> str:
        """A counter that rises so fast for as long as there is trouble."""
        return counting((self.lead, well), (self.trouble, a_minute), (self.rest, well))

    def born(self, value: float) -> str:
        """A counter that is not there, and then is with all that it ever counts."""
        return holding((self.lead, None), (self.trouble + self.rest, value))

    def begun(self, in_window: float) -> str:
        """A counter that is born with as many as it goes on to count in each window.

        What it counts makes up for its birth only when that has left the window: it takes both
        for an alert that waits as long as its window.
        """
        step = self.a_minute(in_window)
        begins, goes_on = holding((self.lead, None)), (self.trouble, step)
        return f"{begins} {counting(goes_on, (self.rest, 0), start=in_window)}"

    def still(self, value: float) -> str:
        """A counter that has counted and stands still, or a gauge that does not change."""
        return holding((self.length, value))

    @property
    def length(self) -> int:
        """As many samples as a story has."""
        return self.lead + self.trouble + self.rest

    def a_minute(self, in_window: float) -> float:
        """What a counter rises by in a minute, so that a window holds so many."""
        return in_window * INTERVAL_SECONDS / self.window

    def at_once(self, *firing: Firing) -> tuple[Moment, ...]:
        """Told of a gauge: wrong from its first sample to its last."""
        return self.time.moments(self.hold, firing, since=self.since, over=self.ends)

    def counted(self, *firing: Firing) -> tuple[Moment, ...]:
        """Told of a counter: wrong as soon as it moves, until that has left the window."""
        return self.time.moments(self.hold, firing, since=self.since, over=self.over)

    def birth(self, *firing: Firing) -> tuple[Moment, ...]:
        """Told of a counter that moves once: until that has left the window."""
        over = stories.after(self.window, self.lead)
        return self.time.moments(self.hold, firing, since=self.since, over=over)

    def filled(self, part: float, *firing: Firing) -> tuple[Moment, ...]:
        """Told of a window that has to fill to this part before it is too full."""
        early = self.since + part * self.window - 2 * INTERVAL_SECONDS
        return self.time.moments(
            self.hold,
            firing,
            since=max(self.since, early),
            at_last=self.since + self.window,
            over=self.over,
        )

    @property
    def quiet(self) -> tuple[Moment, ...]:
        """Silent, as it would have fired and to the end."""
        return self.time.silent(self.hold, since=self.since + self._fill, over=self.over)

    def risen(self, a_minute: float) -> float:
        """What the window shows of a counter when it fires as :meth:`counted`."""
        waited = self.time.up_to(self.hold) // INTERVAL_SECONDS
        return a_minute * min(waited + 1, self.window // INTERVAL_SECONDS)

    def vanishing(self, value: float) -> str:
        """A series that ends when the trouble begins and is back when it is over."""
        before, after = holding((self.lead, value)), holding((self.rest, value))
        return f"{before} stale _x{self.trouble - 1} {after}"


#: What a series of a metric is told by, and what its alert shows of it.
Told = tuple[Labels, Labels]


def rising(
    catalog: Catalog, alert: Alert, title: str, told: Mapping[str, Told], *, window: str
) -> Iterator[Incident]:
    """Counts that ought not to rise, each by its metric's name."""
    stage = Stage(catalog, alert, window, fills=False)

    def each(values: str) -> Series:
        return {
            name: value
            for metric, (labels, _) in told.items()
            for name, value in of(alert.service, metric, values, labels).items()
        }

    value = shown.number(stage.risen(1))
    firing = (Firing({**HERE, **labels}, value) for _, labels in told.values())
    yield Incident(title, each(stage.counter(1)), stage.counted(*firing))
    yield stories.near("none for longer than it looks back", each(stage.still(10)), stage.quiet)


def of(component: str, metric: str, values: str, *labels: Labels, number: str = "1") -> Series:
    """What a server says of itself."""
    exposed = stories.exposed(component, number)
    return {stories.one_series(metric, HERE, exposed, *labels): values}


def instance(component: str, number: str = "1") -> Labels:
    """The label that tells a server from its replicas."""
    return {"instance": stories.exposed(component, number)["instance"]}


def refused_configuration(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    """A server that runs on with its old configuration."""
    component = alert.service
    stage = Stage(catalog, alert)
    metric = f"{component}_config_last_reload_successful"
    labels = {**HERE, **stories.exposed(component)}
    yield Incident(
        "a reload failed, and was repeated once it was mended",
        of(component, metric, stage.gauge(1, 0)),
        stage.at_once(Firing(labels, "")),
    )
    mended = of(component, metric, stage.gauge(1, 0, 3))
    yield stories.near("and was mended at once", mended, stage.quiet)
