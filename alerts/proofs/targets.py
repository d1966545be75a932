"""What proves the alerts on whether something can be scraped, of services and servers alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerts.model import Alert
from alerts.proof import INTERVAL_SECONDS, Firing, Incident, Proof, Prove
from alerts.proofs import stories
from alerts.proofs.stories import HERE, THERE, Labels, clock, holding, near, up
from catalog.model import Catalog

#: So many samples of trouble, longer than any of these alerts waits, and so many after it.
_TROUBLE, _REST = 8, 3


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
    over = since + _TROUBLE * INTERVAL_SECONDS
    one, two = _of(catalog, alert), _of(catalog, alert, "2")
    # The rule's own label 'service' is there whether the target has one or not.
    firing = Firing({**HERE, **two}, "")
    yield Incident(
        "one of two fails its scrapes",
        {**up(holding((lead + _TROUBLE + _REST, 1)), one), **up(_told(lead, 0), two)},
        time.moments(alert.hold, (firing,), since=since, over=over),
    )
    quiet = time.silent(alert.hold, since=since, over=over)
    dead = holding((lead + _TROUBLE + _REST, 0))
    yield near(
        "a missed scrape or three, and a cluster in which all are down",
        {
            **up(_told(lead, 0, 3), one),
            **up(_told(lead, 1), two),
            **up(dead, one, THERE),
            **up(dead, two, THERE),
        },
        quiet,
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
