"""Which alert silences which, so that one fault wakes somebody once, and says what it is.

A rule is written down only where both of its sides ship. None may silence the last alert of a
cause: sources are pages, which no hours mute, and no chain of rules comes back to where it began
(tests/alerts/test_inhibition.py). Then whatever fires together, one of them is heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog import names
from catalog.model import Catalog
from queries.alert_matchers import fits
from queries.text import Matcher, Matchers, among, equal, literal

Json = dict[str, Any]
Labels = Mapping[str, str]

ALERTNAME = "alertname"
#: Nothing of it can be scraped: what else is known of it is old.
_DEAD = ("AllTargetsDown", "NotScraped")
#: It is up, and its lines do not arrive: what is counted in them says nothing.
_SPEECHLESS = ("ServiceSilent",)
#: They judge the events of a service, and go on doing so from old samples when it is dead.
_JUDGING = ("ErrorBudgetBurnFast", "ErrorBudgetBurnSlow", "HighErrorRatio", "HighLatency")
_PAGE = equal(names.SEVERITY, names.PAGE)
_PLACE = (*names.SCOPE, names.SERVICE)


@dataclass(frozen=True, slots=True)
class Inhibition:
    """While an alert of ``source`` fires, none of ``target`` with the same labels is sent."""

    source: Matchers
    target: Matchers
    same: tuple[str, ...]

    def written(self) -> Json:
        """As Alertmanager reads it."""
        return {
            "source_matchers": [str(each) for each in self.source],
            "target_matchers": [str(each) for each in self.target],
            "equal": list(self.same),
        }


def inhibitions(catalog: Catalog, alerts: Iterable[Labels]) -> tuple[Inhibition, ...]:
    """The rules of which both sides are among the alerts, given by their labels."""
    known = tuple(alerts)

    def ships(matchers: Matchers) -> bool:
        return any(fits(matchers, labels) for labels in known)

    return tuple(each for each in _rules(catalog) if ships(each.source) and ships(each.target))


def _rules(catalog: Catalog) -> Iterator[Inhibition]:
    # Somebody is up already, and sees the tickets of the service when looking at it.
    yield Inhibition((_PAGE,), (equal(names.SEVERITY, names.TICKET),), _PLACE)
    for component in catalog.platform.components:
        dead = (among(ALERTNAME, _DEAD), equal(names.SERVICE, component), _PAGE)
        yield Inhibition(dead, (_relying_on(component),), names.SCOPE)
    judging = among(ALERTNAME, _JUDGING)
    yield Inhibition((among(ALERTNAME, _DEAD), _PAGE), (judging,), _PLACE)
    speechless = (among(ALERTNAME, _SPEECHLESS), _PAGE)
    yield Inhibition(speechless, (judging, _relying_on("agent")), _PLACE)


def _relying_on(component: str) -> Matcher:
    """One of several, with commas between."""
    return Matcher(names.RELIES_ON, f"(.*,)?{literal(component)}(,.*)?", "=~")
