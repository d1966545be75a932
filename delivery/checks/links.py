"""Addresses of dashboards: which uid, which panel, which variables; and what a template becomes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

#: The values that a variable of a template can have; None where nobody knows.
ValuesOf = Callable[[str], frozenset[str] | None]

_DASHBOARD = re.compile(r"/d(?:-solo)?/(?P<uid>(?:\$\{[^}]*\}|\{\{.*?\}\}|[^/?#])*)[^?#]*")
_VIEWED = re.compile(r"[?&]viewPanel=(?:panel-)?([0-9]+)(?=&|#|$)")
_VARIABLES = re.compile(r"[?&]var-([^=&#]+)=")
#: ``${__field.labels.service}``, ``${service:raw}``, ``$service``, ``{{ $labels.service }}``.
_FILLED = re.compile(
    r"\$\{(?:__field\.labels\.|__data\.fields\.)?(?P<grafana>\w+)(?::\w+)?\}"
    r"|\{\{-?\s*(?:\$labels|\.Labels)\.(?P<rule>\w+)\s*-?\}\}"
    r"|\$(?P<plain>\w+)"
)
_TEMPLATE = re.compile(r"\$\{|\{\{|\$\w")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a link to a dashboard leads; ``uid`` may be a template."""

    uid: str
    panel: int | None
    variables: tuple[str, ...]


def address(url: str, grafana: str) -> Address | None:
    """The dashboard that an address of our Grafana names; None for any other address."""
    path = url.removeprefix(grafana)
    found = _DASHBOARD.match(path)
    if found is None:
        return None
    viewed = _VIEWED.search(path)
    variables = tuple(dict.fromkeys(_VARIABLES.findall(path)))
    return Address(found["uid"], int(viewed[1]) if viewed else None, variables)


def expanded(uid: str, values_of: ValuesOf) -> frozenset[str] | None:
    """Every uid that a template can become; None where nobody knows."""
    found = _FILLED.search(uid)
    if found is None:
        return None if _TEMPLATE.search(uid) else frozenset({uid})
    values = values_of(found["grafana"] or found["rule"] or found["plain"])
    if values is None:
        return None
    uids: set[str] = set()
    for value in values:
        rest = expanded(uid[: found.start()] + value + uid[found.end() :], values_of)
        if rest is None:
            return None
        uids |= rest
    return frozenset(uids)
