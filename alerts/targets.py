"""Alerts on whether something can be scraped: alike for services and for the platform."""

from __future__ import annotations

from collections.abc import Iterator

from alerts import text
from alerts.model import Alert, Dashboard
from catalog import names
from queries import targets
from queries.text import Matchers

_HOLD = 300
_PAGE_HOLD = 120


def alerts(
    name: str, service: str, team: str, matchers: Matchers, dashboard: Dashboard
) -> Iterator[Alert]:
    """One target of several down, all of them down, and none left to scrape."""
    yield Alert(
        name="AllTargetsDown",
        expr=targets.all_down(matchers),
        severity=names.PAGE,
        service=service,
        team=team,
        summary=f"Nothing of {name} answers Prometheus in cluster {text.label(names.CLUSTER)}",
        description="Every target failed its last scrapes: it is down, overloaded or cut off. "
        "Look first at whether it runs, whether it restarts, and whether Prometheus reaches it.",
        dashboard=dashboard,
        hold=_PAGE_HOLD,
    )
    yield Alert(
        name="TargetDown",
        expr=targets.down(matchers),
        severity=names.TICKET,
        service=service,
        team=team,
        summary=f"{name} at {text.INSTANCE} does not answer Prometheus",
        description="This target was down for five of the last ten minutes, or went down "
        "three times within half an hour; others may serve on. Look first at whether it runs, "
        "whether it restarts, and what it logged last.",
        dashboard=dashboard,
    )
    yield Alert(
        name="NotScraped",
        expr=targets.gone(matchers),
        severity=names.PAGE,
        service=service,
        team=team,
        summary=f"{name} is no longer scraped in cluster {text.label(names.CLUSTER)}",
        description=f"Within the last {targets.REMEMBERED} Prometheus had targets here and now "
        "it has none, so no other alert can see the service. Look first at the list of targets, "
        "at what changed in the scrape configuration, and at whether the service was removed.",
        dashboard=dashboard,
        hold=_HOLD,
    )
