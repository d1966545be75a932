"""What proves the alerts on a service's requests and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerts.model import Alert
from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Proof, Prove
from alerts.proofs import logs, stories
from alerts.proofs.latency import Histogram
from alerts.proofs.shown import duration, number, percentage
from alerts.proofs.stories import HERE, THERE, Labels, Series, clock, counting, share_above
from catalog.model import Catalog
from catalog.service import Service
from catalog.signals import Metric
from queries import service_alerts

#: So many samples of trouble: longer than any of these alerts waits.
_TROUBLE = 20


def watched(catalog: Catalog, alert: Alert) -> Service:
    """The service that an alert is about."""
    return next(service for service in catalog.services if service.id == alert.service)


def _requests(catalog: Catalog, alert: Alert) -> tuple[Service, Metric]:
    service = watched(catalog, alert)
    metric = service.by_role("requests")
    if metric is None:
        raise LookupError(f"{service.id} has no metric of requests, and {alert.name} watches it")
    return service, metric


class _Mix:
    """Events of a metric that begin after a pause: so many a minute, this share of them bad."""

    def __init__(self, catalog: Catalog, service: Service, metric: Metric, window: str) -> None:
        self.time, self.service, self.metric = clock(catalog), service, metric
        self.part, self.other = stories.parts(metric)
        self.minimum = catalog.platform.thresholds.minimum_events
        self.window = stories.seconds(window)
        self.lead = self.time.lead
        #: When the first of them is seen.
        self.since = self.lead * INTERVAL_SECONDS
        self.many = 10.0 * self.minimum

    def few(self, share_of_minimum: float) -> float:
        """As many a minute as make this many times the least number in a window."""
        return share_of_minimum * self.minimum * INTERVAL_SECONDS / self.window

    def told(
        self, share: float, a_minute: float, trouble: int = _TROUBLE, part: Labels | None = None
    ) -> Series:
        """The story, and as many good events for as long as the window looks back."""
        recovered = self.window // INTERVAL_SECONDS + 5
        lead, good, bad = self.lead, (1 - share) * a_minute, share * a_minute
        return {
            **self.of(
                stories.good(self.metric)[0],
                counting((lead, 0), (trouble, good), (recovered, a_minute)),
                part,
            ),
            **self.of(
                stories.bad(self.metric), counting((lead, 0), (trouble, bad), (recovered, 0)), part
            ),
        }

    def of(
        self, outcome: Labels, values: str, part: Labels | None = None, scope: Labels = HERE
    ) -> Series:
        labels = {**(self.part if part is None else part), **outcome}
        return stories.events(self.service, self.metric, labels, values, scope)

    def over(self, trouble: int = _TROUBLE) -> int:
        """When none of it is within the window any more."""
        return stories.after(self.window, self.lead + trouble)

    @property
    def whole(self) -> int:
        """As many samples as a story has."""
        return self.lead + _TROUBLE + self.window // INTERVAL_SECONDS + 5


def _high_error_ratio(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    service, metric = _requests(catalog, alert)
    maximum = catalog.platform.thresholds.error_ratio_maximum
    mix = _Mix(catalog, service, metric, service_alerts.REQUESTS_WINDOW)
    share = share_above(maximum)
    firing = Firing(HERE, percentage(share))
    fine = counting((mix.lead, 0), (mix.whole - mix.lead, mix.many))
    yield Incident(
        f"{percentage(share)} of the requests of one cluster fail, none of the other",
        {
            **mix.told(share, mix.many),
            **mix.of(stories.good(metric)[0], fine, scope=THERE),
        },
        mix.time.moments(alert.hold, (firing,), since=mix.since, over=mix.over()),
    )
    yield Incident(
        "just enough requests to judge by",
        mix.told(share, mix.few(1.5)),
        mix.time.moments(
            alert.hold,
            (firing,),
            since=mix.since,
            at_last=mix.since + mix.window,
            over=mix.over(),
        ),
    )
    quiet = mix.time.silent(alert.hold, since=mix.since + mix.window, over=mix.over())
    below = 0.8 * maximum
    title = f"{percentage(below)} of them fail, which is under the limit"
    yield stories.near(title, mix.told(below, mix.many), quiet)
    much = (1 + maximum) / 2
    title = f"{percentage(much)} of a handful of requests fail: too few to judge by"
    yield stories.near(title, mix.told(much, mix.few(0.8)), quiet)
    for other in stories.good(metric)[1:2]:
        series = {
            **mix.of(
                stories.good(metric)[0], counting((mix.lead, 0), (mix.whole - mix.lead, 10.0))
            ),
            **mix.of(other, counting((mix.lead, 0), (mix.whole - mix.lead, mix.many))),
        }
        yield stories.near("a caller's mistakes are no failures", series, quiet)


def _high_latency(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    service, metric = _requests(catalog, alert)
    of_second = 1000 if metric.unit == "milliseconds" else 1
    limit = catalog.platform.thresholds.latency_p99_seconds * of_second
    name = metric.name
    mix = _Mix(catalog, service, metric, service_alerts.REQUESTS_WINDOW)
    labels = (
        {**HERE, **stories.origin(service, metric), **stories.good(metric)[0]}
        if (metric.good or metric.bad)
        else {**HERE, **stories.origin(service, metric)}
    )
    slow = Histogram(name, labels, metric.buckets, limit)
    shown = number(slow.too_slow) if of_second == 1000 else duration(slow.too_slow)
    if metric.unit not in {"milliseconds", "seconds"}:
        shown = number(slow.too_slow)
    firing = Firing(HERE, shown)
    phases = (mix.lead, _TROUBLE, mix.window // INTERVAL_SECONDS + 5)
    yield Incident(
        "one request in a hundred takes longer than it may",
        slow.told(mix.many, phases),
        mix.time.moments(alert.hold, (firing,), since=mix.since, over=mix.over()),
    )
    yield Incident(
        "just enough requests to judge by",
        slow.told(mix.few(1.5), phases),
        mix.time.moments(
            alert.hold,
            (firing,),
            since=mix.since,
            at_last=mix.since + mix.window,
            over=mix.over(),
        ),
    )
    quiet = mix.time.silent(alert.hold, since=mix.since + mix.window, over=mix.over())
    if slow.below:
        yield stories.near("only one in two hundred does", slow.rarely(mix.many, phases), quiet)
    yield stories.near(
        "a handful of requests: too few to judge by", slow.told(mix.few(0.8), phases), quiet
    )
    yield stories.near("nobody asks", slow.told(0, phases), quiet)


def _failed_events(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    if "event" in alert.labels:
        yield from logs.failed_events(catalog, alert)
        return
    service = watched(catalog, alert)
    metric = service.metric(alert.labels["metric"])
    if metric is None:
        raise LookupError(f"{service.id} has no metric {alert.labels['metric']}")
    maximum = catalog.platform.thresholds.event_bad_ratio_maximum
    mix = _Mix(catalog, service, metric, service_alerts.EVENTS_WINDOW)
    share = share_above(maximum)
    firing = Firing({**HERE, **mix.part}, percentage(share))
    aside = (
        {}
        if mix.other is None
        else mix.of(
            stories.good(metric)[0],
            counting((mix.lead, 0), (mix.whole - mix.lead, mix.many)),
            mix.other,
        )
    )
    elsewhere = ", all is well in another part" if aside else ""
    yield Incident(
        f"{percentage(share)} of the events go wrong{elsewhere}",
        {**mix.told(share, mix.many), **aside},
        mix.time.moments(alert.hold, (firing,), since=mix.since, over=mix.over()),
    )
    yield Incident(
        "just enough events to judge by",
        mix.told(share, mix.few(1.5), trouble=40),
        mix.time.moments(
            alert.hold,
            (firing,),
            since=mix.since,
            at_last=mix.since + mix.window,
            over=mix.over(trouble=40),
        ),
    )
    quiet = mix.time.silent(alert.hold, since=mix.since + 5 * 60, over=mix.over())
    below = 0.8 * maximum
    title = f"{percentage(below)} of them go wrong, which is under the limit"
    yield stories.near(title, mix.told(below, mix.many), quiet)
    much = (1 + maximum) / 2
    title = f"{percentage(much)} of a handful of events go wrong: too few to judge by"
    yield stories.near(title, mix.told(much, mix.few(0.8)), quiet)
    for other in stories.good(metric)[1:2]:
        steady = counting((mix.lead, 0), (mix.whole - mix.lead, mix.many))
        series = {
            **mix.of(other, steady),
            **mix.of(stories.good(metric)[0], counting((mix.lead, 0), (mix.whole - mix.lead, 1.0))),
        }
        yield stories.near("another answer than the usual one is no failure", series, quiet)
    if metric.emission == "lazy" and metric.bad:
        yield from _born(mix, alert, share)


def _born(mix: _Mix, alert: Alert, share: float) -> Iterator[Proof]:
    """Counters that are born with what they count: see decision 0008."""
    window = mix.window // INTERVAL_SECONDS
    birth, rest = mix.lead + window, alert.hold // INTERVAL_SECONDS + window + 5
    well = 3 * mix.minimum
    begun = well * share / (1 - share)
    good, bad = stories.good(mix.metric)[0], stories.bad(mix.metric)
    here = Firing({**HERE, **mix.part}, percentage(share))
    yield Incident(
        "the failures are all that their counter was born with",
        {
            **stories.emitter(mix.service, mix.metric, stories.holding((birth + rest, 1))),
            **mix.of(good, counting((birth + rest, well / window))),
            **mix.of(bad, stories.holding((birth, None), (rest, begun))),
        },
        mix.time.moments(
            alert.hold,
            (here,),
            since=birth * INTERVAL_SECONDS,
            over=stories.after(mix.window, birth),
        ),
    )
    again = stories.holding((birth, None))
    yield stories.near(
        "old counters that were out of sight are not born with all they ever counted",
        {
            **stories.emitter(mix.service, mix.metric, stories.holding((birth, 0), (rest, 1))),
            **mix.of(good, f"{again} {counting((rest, mix.many), start=100 * mix.many)}"),
            **mix.of(bad, f"{again} {stories.holding((rest, 1000 * mix.many))}"),
        },
        mix.time.silent(alert.hold, since=(birth + 1) * INTERVAL_SECONDS, over=(birth + rest) * 60),
    )


PROOFS: Mapping[str, Prove] = {
    "FailedEvents": lambda catalog, alert: tuple(_failed_events(catalog, alert)),
    "HighErrorRatio": lambda catalog, alert: tuple(_high_error_ratio(catalog, alert)),
    "HighLatency": lambda catalog, alert: tuple(_high_latency(catalog, alert)),
}
