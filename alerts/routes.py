"""Alertmanager's configuration: whose alert it is, how urgent, and what silences what.

One message tells of one service in one place: whoever is woken sees all that is wrong with it at
once. Pages and tickets never share a message, since they differ in how soon they are sent, how
often again, and whether they wait for working hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from alerts import hours, message, receivers
from alerts.inhibition import ALERTNAME, Labels, inhibitions
from catalog import names
from catalog.artifact import Artifact
from catalog.model import Catalog
from catalog.scalars import format_duration
from queries.text import equal

Json = dict[str, Any]

FOLDER: Final = "alertmanager"
#: The longest that Alertmanager believes an alert without an end; Prometheus gives each one.
_RESOLVE_TIMEOUT: Final = "5m"
_GROUP_BY: Final = (*names.SCOPE, names.SERVICE)
#: How soon a group is told of, and how often it is told of again while it lasts. A page waits
#: long enough for what fires with it, and for what silences it, to arrive.
_PACE: Final = {
    names.PAGE: {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"},
    names.TICKET: {"group_wait": "5m", "group_interval": "15m", "repeat_interval": "24h"},
}
#: How often the watchdog goes to a receiver that nobody has named yet.
_UNHEARD_EVERY: Final = 60


@dataclass(frozen=True, slots=True)
class Branch:
    """A route of its own and the receiver that it leads to, both as Alertmanager writes them."""

    route: Json
    receiver: Json


#: What sees an alert before its team does, and does not keep it from the team: machines that act.
BEFORE_TEAMS: Final[tuple[Callable[[Catalog], Iterable[Branch]], ...]] = ()


def files(catalog: Catalog, alerts: Iterable[Labels]) -> Iterator[Artifact]:
    """The configuration for the alerts that ship, given by their labels, and its templates."""
    team = catalog.platform.owner.team
    content = configuration(catalog, alerts)
    yield Artifact(f"{FOLDER}/alertmanager.yml", content, "alertmanager", team)
    path = f"{FOLDER}/templates/{catalog.prefix}.tmpl"
    yield Artifact(path, message.templates(catalog.prefix), "alertmanager-template", team)


def configuration(
    catalog: Catalog,
    alerts: Iterable[Labels],
    before_teams: tuple[Callable[[Catalog], Iterable[Branch]], ...] = BEFORE_TEAMS,
) -> Json:
    """The whole of alertmanager.yml."""
    owner = catalog.platform.owner
    quiet = catalog.platform.quiet_hours
    branches = [branch for build in before_teams for branch in build(catalog)]
    intervals = (
        [{"name": hours.QUIET_HOURS, "time_intervals": hours.intervals(quiet)}] if quiet else []
    )
    return {
        "global": {
            "resolve_timeout": _RESOLVE_TIMEOUT,
            "slack_api_url_file": receivers.SLACK_SECRET,
        },
        "templates": ["templates/*.tmpl"],
        **({"time_intervals": intervals} if intervals else {}),
        "route": {
            "receiver": receivers.name(owner.team, names.TICKET),
            "group_by": list(_GROUP_BY),
            **_PACE[names.TICKET],
            "routes": [
                _watchdog(catalog),
                *({**branch.route, "continue": True} for branch in branches),
                *(_team(catalog, team) for team in receivers.channels(catalog)),
                # Of a team that nobody has declared: somebody has to get up all the same.
                _page(owner.team),
            ],
        },
        "inhibit_rules": [each.written() for each in inhibitions(catalog, alerts)],
        "receivers": [
            *receivers.receivers(catalog),
            *(branch.receiver for branch in branches),
        ],
    }


def _watchdog(catalog: Catalog) -> Json:
    """Told again and again: whoever waits for it raises the alarm when it stops.

    A group is told of again at the first of its intervals that ends after ``repeat_interval``:
    with both alike that may be the next one but one. Half of what is promised for both keeps it.
    """
    dead_man = catalog.platform.dead_man
    every = dead_man.every if dead_man else _UNHEARD_EVERY
    half = format_duration(every // 2)
    return {
        "receiver": receivers.WATCHDOG,
        "matchers": [str(equal(ALERTNAME, "Watchdog"))],
        "group_by": list(names.SCOPE),
        "group_wait": "0s",
        "group_interval": half,
        "repeat_interval": half,
    }


def _team(catalog: Catalog, team: str) -> Json:
    """Mute timings are not inherited: what is muted is the ticket, never the page below it."""
    muted = {"mute_time_intervals": [hours.QUIET_HOURS]} if catalog.platform.quiet_hours else {}
    return {
        "receiver": receivers.name(team, names.TICKET),
        "matchers": [str(equal(names.TEAM, team))],
        **muted,
        "routes": [_page(team)],
    }


def _page(team: str) -> Json:
    return {
        "receiver": receivers.name(team, names.PAGE),
        "matchers": [str(equal(names.SEVERITY, names.PAGE))],
        **_PACE[names.PAGE],
    }
