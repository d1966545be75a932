"""Who is told, and how: a chat channel for each team and severity, and who watches from outside.

Every secret is read from a file that is mounted beside Alertmanager's configuration; none stands
in it. Alertmanager reads the address of Slack and a bearer token from files since 0.22, the
address of a webhook only since 0.26, so what is outside is told at an address that is no secret.
"""

from __future__ import annotations

from typing import Any, Final

from alerts import message
from catalog import names
from catalog.model import Catalog
from catalog.service import Owner

Json = dict[str, Any]

WATCHDOG: Final = "watchdog"
SECRETS: Final = "/etc/alertmanager/secrets"
SLACK_SECRET: Final = f"{SECRETS}/slack_api_url"
DEAD_MAN_SECRET: Final = f"{SECRETS}/dead_man_token"
SEVERITIES: Final = (names.PAGE, names.TICKET)


def name(team: str, severity: str) -> str:
    """``vault-page``."""
    return f"{team}-{severity}"


def channels(catalog: Catalog) -> dict[str, list[str]]:
    """The channels of each team, by the team's name; a team may name several."""
    owners: list[Owner] = [catalog.platform.owner, *(each.owner for each in catalog.services)]
    found: dict[str, set[str]] = {}
    for owner in owners:
        found.setdefault(owner.team, set()).add(owner.channel)
    return {team: sorted(found[team]) for team in sorted(found)}


def receivers(catalog: Catalog) -> list[Json]:
    """The watchdog's, then each team's."""
    told = channels(catalog)
    return [
        _watchdog(catalog),
        *(
            _deliver(catalog.prefix, team, severity, told[team])
            for team in told
            for severity in SEVERITIES
        ),
    ]


def _watchdog(catalog: Catalog) -> Json:
    """Without an address it tells nobody: the route is there, and who watches is not.

    That it is over is never sent: whoever counts what arrives would take it for a sign of life.
    """
    dead_man = catalog.platform.dead_man
    if dead_man is None:
        return {"name": WATCHDOG}
    token = {"type": "Bearer", "credentials_file": DEAD_MAN_SECRET}
    hook = {
        "url": dead_man.url,
        "send_resolved": False,
        "http_config": {"authorization": token},
    }
    return {"name": WATCHDOG, "webhook_configs": [hook]}


def _deliver(prefix: str, team: str, severity: str, listed: list[str]) -> Json:
    colour = "danger" if severity == names.PAGE else "warning"
    return {
        "name": name(team, severity),
        "slack_configs": [
            {
                "channel": channel,
                "send_resolved": True,
                "color": f'{{{{ if eq .Status "firing" }}}}{colour}{{{{ else }}}}good{{{{ end }}}}',
                "title": message.use(prefix, "title"),
                "title_link": message.use(prefix, "link"),
                "text": message.use(prefix, "text"),
            }
            for channel in listed
        ],
    }
