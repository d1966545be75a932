"""What proves the alerts on whether something can be scraped, of services and servers alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerts.model import Alert
from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Moment, Proof, Prove
from alerts.proofs import stories
from alerts.proofs.stories import HERE, THERE, Labels, clock, holding, near, up
from catalog.model import Catalog
from queries import targets

#: So many samples of trouble, longer than any of these alerts waits, and so many after it.
_TROUBLE, _REST = 8, 3
#: So many after it where trouble is remembered for ten minutes.
_RESTS = 12
#: A pod restarts again and again for so long, and four times at least.
_LOOP_SECONDS = 1200


def _of(catalog: Catalog, alert: Alert, number: str = "1") -> Labels:
    """One target of what the alert is about: a service or a server."""
    for service in catalog.services:
        if service.id == alert.service:
            return stories.target(service, number)
    return stories.server(alert.service, number)


def _told(lead: int, value: float, samples: int = _TROUBLE) -> str:
    """Up, then something else, then up again."""
    return holding((lead, 1), (samples, value), (_TROUBLE - samples + _REST, 1))


def _all_targets_down(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    time = clock(catalog)
    lead = time.samples(120)
    since = lead * INTERVAL_SECONDS
    over = since + _TROUBLE * INTERVAL_SECONDS
    one, two = _of(catalog, alert), _of(catalog, alert, "2")
    always = holding((lead + _TROUBLE + _REST, 1))
    yield Incident(
        "every target of one cluster fails, that of the other answers",
        {**up(_told(lead, 0), one), **up(_told(lead, 0), two), **up(always, one, THERE)},
        time.moments(alert.hold, (Firing(HERE, ""),), since=since, over=over),
    )
    quiet = time.silent(alert.hold, since=since, over=over)
    series = {**up(always, one), **up(_told(lead, 0), two)}
    yield near("one of two still answers", series, quiet)
    yield near("a missed scrape", up(_told(lead, 0, 1), one), quiet)


def _target_down(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    time = clock(catalog)
    lead = time.samples(120)
    since = lead * INTERVAL_SECONDS
    one, two = _of(catalog, alert), _of(catalog, alert, "2")
    # The rule's own label 'service' is there whether the target has one or not.
    firing = Firing({**HERE, **two}, "")
    rest = _RESTS * INTERVAL_SECONDS
    well = up(holding((lead + _TROUBLE + _RESTS, 1)), one)
    # What is remembered of it: all of the window but the part that is enough.
    forgotten = stories.seconds(targets.DOWN_WINDOW) - targets.DOWN_SECONDS + INTERVAL_SECONDS
    over = since + _TROUBLE * INTERVAL_SECONDS + forgotten
    long = time.moments(targets.DOWN_SECONDS, (firing,), since=since, over=over)
    yield Incident(
        "one of two fails its scrapes",
        {**well, **up(holding((lead, 1), (_TROUBLE, 0), (_RESTS, 1)), two)},
        long,
    )
    deleted = since + _TROUBLE * INTERVAL_SECONDS
    yield Incident(
        "it is deleted and has no more to answer",
        {**well, **up(f"{holding((lead, 1), (_TROUBLE, 0))} stale", two)},
        (*long[:2], Moment(time.up_to(deleted))),
    )
    # Half a minute into its second life it is still told.
    back = _TROUBLE * INTERVAL_SECONDS
    yield Incident(
        "a pod that crashes again and is up for a minute in between",
        {**well, **up(holding((lead, 1), (_TROUBLE, 0), (1, 1), (_TROUBLE, 0)), two)},
        tuple(
            Moment(time.up_to(since + at), (firing,))
            for at in (targets.DOWN_SECONDS, back, back + INTERVAL_SECONDS // 2)
        ),
    )
    for minutes in (3, 10):
        yield _restarting(catalog, firing, (one, two), minutes)
    quiet = (Moment(time.up_to(since + targets.DOWN_SECONDS)), Moment(time.up_to(since + rest)))
    dead = holding((lead + _TROUBLE + _RESTS, 0))
    yield near(
        "a missed scrape, then three, and a cluster in which all are down",
        {
            **up(holding((lead, 1), (1, 0), (2, 1), (3, 0), (_TROUBLE + _RESTS, 1)), one),
            **up(holding((lead + _TROUBLE + _RESTS, 1)), two),
            **up(dead, one, THERE),
            **up(dead, two, THERE),
        },
        quiet,
    )
    yield near(
        "a rolling release, whose pods keep their names or do not",
        {
            **up(holding((lead, 1), (2, 0), (_TROUBLE + _RESTS, 1)), one),
            **up(holding((lead + 3, 1), (2, 0), (_TROUBLE + _RESTS, 1)), two),
            **up(f"{holding((lead + 6, 1), (1, 0))} stale", _of(catalog, alert, "3")),
            **up(f"_x{lead + 6} {holding((3, 0), (_TROUBLE, 1))}", _of(catalog, alert, "4")),
        },
        quiet,
    )


def _restarting(
    catalog: Catalog, firing: Firing, pods: tuple[Labels, Labels], minutes: int
) -> Incident:
    """Down for a minute: it fires with the third fall, and goes on between the falls."""
    time = clock(catalog)
    one, two = pods
    period = time.samples(minutes * INTERVAL_SECONDS)
    lead = time.samples(120)
    since = lead * INTERVAL_SECONDS
    falls = max(targets.FALLS + 1, _LOOP_SECONDS // (period * INTERVAL_SECONDS))
    third = since + (targets.FALLS - 1) * period * INTERVAL_SECONDS
    ends = since + falls * period * INTERVAL_SECONDS
    # All but the last two rises and the falls before them have left the window.
    over = ends + stories.seconds(targets.FALLS_WINDOW)
    every = range(time.up_to(third), time.up_to(ends), INTERVAL_SECONDS)
    told = " ".join([holding((1, 0), (period - 1, 1))] * falls)
    rest = holding((time.samples(stories.seconds(targets.FALLS_WINDOW)), 1))
    return Incident(
        f"a pod that restarts every {minutes} minutes",
        {
            **up(holding((lead + falls * period, 1)) + f" {rest}", one),
            **up(f"{holding((lead, 1))} {told} {rest}", two),
        },
        (
            Moment(time.up_to(third) - time.evaluation),
            *(Moment(time.up_to(at), (firing,)) for at in every),
            Moment(time.up_to(over)),
        ),
    )


def _not_scraped(catalog: Catalog, alert: Alert) -> Iterator[Proof]:
    time = clock(catalog)
    lead = time.samples(120)
    since = lead * INTERVAL_SECONDS
    over = since + _TROUBLE * INTERVAL_SECONDS
    one, two = _of(catalog, alert), _of(catalog, alert, "2")
    always = holding((lead + _TROUBLE + _REST, 1))
    gone = f"{holding((lead, 1))} stale"
    yield Incident(
        "the targets of one cluster are gone, those of the other are not",
        {
            **up(f"{gone} _x{_TROUBLE - 1} {holding((_REST, 1))}", one),
            **up(always, one, THERE),
        },
        time.moments(alert.hold, (Firing(HERE, ""),), since=since, over=over),
    )
    quiet = time.silent(alert.hold, since=since, over=over)
    renamed = {**up(gone, one), **up(f"_x{lead} {holding((_TROUBLE + _REST, 1))}", two)}
    yield near("a target has another name now", renamed, quiet)
    yield near("a target that is down is scraped", up(_told(lead, 0), one), quiet)


PROOFS: Mapping[str, Prove] = {
    "AllTargetsDown": lambda catalog, alert: tuple(_all_targets_down(catalog, alert)),
    "NotScraped": lambda catalog, alert: tuple(_not_scraped(catalog, alert)),
    "TargetDown": lambda catalog, alert: tuple(_target_down(catalog, alert)),
}
