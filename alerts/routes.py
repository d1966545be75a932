"""Alertmanager's configuration: whose alert it is, how urgent, and what silences what.

Secrets are read from files that are mounted beside it; none stands here. The receiver of the
watchdog has no address: it belongs to whoever watches from outside, and Alertmanager 0.25
cannot read a webhook's address from a file (docs/runbooks/Watchdog.md says how to set it).
"""

from __future__ import annotations

from typing import Any

from catalog import names
from catalog.model import Catalog
from catalog.service import Owner

Json = dict[str, Any]

WATCHDOG = "watchdog"
SECRETS = "/etc/alertmanager/secrets"

_GROUP_BY = [*names.SCOPE, names.SERVICE, "alertname"]
#: How soon a group is told of, and how often it is told of again while it lasts.
_PACE = {
    names.PAGE: {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"},
    names.TICKET: {"group_wait": "5m", "group_interval": "15m", "repeat_interval": "24h"},
}
_TITLE = (
    "[{{ .Status | toUpper }}] {{ .CommonLabels.alertname }}: {{ .CommonLabels.service }} in "
    "{{ .CommonLabels.cluster }}/{{ .CommonLabels.environment }}"
)
_TEXT = (
    "{{ range .Alerts }}*{{ .Annotations.summary }}*\n{{ .Annotations.description }}\n"
    "<{{ .Annotations.runbook_url }}|Runbook> <{{ .Annotations.dashboard_url }}|Dashboard>\n"
    "{{ end }}"
)


def configuration(catalog: Catalog) -> Json:
    """The whole of alertmanager.yml."""
    owner = catalog.platform.owner
    channels = _channels(catalog)
    return {
        "global": {
            "resolve_timeout": "5m",
            "slack_api_url_file": f"{SECRETS}/slack_api_url",
        },
        "route": {
            "receiver": _receiver(owner.team, names.TICKET),
            "group_by": _GROUP_BY,
            **_PACE[names.TICKET],
            "routes": [_watchdog(), *(_team(team) for team in channels)],
        },
        "inhibit_rules": [
            {
                "source_matchers": [_is(names.SEVERITY, names.PAGE)],
                "target_matchers": [_is(names.SEVERITY, names.TICKET)],
                "equal": [*names.SCOPE, names.SERVICE],
            }
        ],
        "receivers": [
            {"name": WATCHDOG},
            *(
                _deliver(team, severity, channels[team])
                for team in channels
                for severity in (names.PAGE, names.TICKET)
            ),
        ],
    }


def _channels(catalog: Catalog) -> dict[str, list[str]]:
    """The channels of each team, by the team's name; a team may name several."""
    owners: list[Owner] = [catalog.platform.owner, *(each.owner for each in catalog.services)]
    found: dict[str, set[str]] = {}
    for owner in owners:
        found.setdefault(owner.team, set()).add(owner.channel)
    return {team: sorted(found[team]) for team in sorted(found)}


def _is(label: str, value: str) -> str:
    return f'{label}="{value}"'


def _receiver(team: str, severity: str) -> str:
    return f"{team}-{severity}"


def _watchdog() -> Json:
    """Told again and again: whoever waits for it raises the alarm when it stops."""
    return {
        "receiver": WATCHDOG,
        "matchers": [_is("alertname", "Watchdog")],
        "group_wait": "0s",
        "group_interval": "1m",
        "repeat_interval": "1m",
    }


def _team(team: str) -> Json:
    return {
        "receiver": _receiver(team, names.TICKET),
        "matchers": [_is(names.TEAM, team)],
        "routes": [
            {
                "receiver": _receiver(team, names.PAGE),
                "matchers": [_is(names.SEVERITY, names.PAGE)],
                **_PACE[names.PAGE],
            }
        ],
    }


def _deliver(team: str, severity: str, channels: list[str]) -> Json:
    colour = "danger" if severity == names.PAGE else "warning"
    return {
        "name": _receiver(team, severity),
        "slack_configs": [
            {
                "channel": channel,
                "send_resolved": True,
                "color": f'{{{{ if eq .Status "firing" }}}}{colour}{{{{ else }}}}good{{{{ end }}}}',
                "title": _TITLE,
                "text": _TEXT,
            }
            for channel in channels
        ],
    }
