"""Where Alertmanager sends an alert that an automation is to act on.

The team is told as well: the route goes on after the webhook. What it says is Alertmanager's own
webhook body; the automation finds the service, the cluster, the environment and the reason among
the labels of each alert.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from alerts.receivers import SECRETS, Branch
from catalog import names
from catalog.model import Catalog

Json = dict[str, Any]

RECEIVER: Final = "rollback"
#: Beside the other secrets that are mounted into Alertmanager.
TOKEN: Final = f"{SECRETS}/rollback_token"


def route(catalog: Catalog) -> Json | None:
    """The route, to be put before the teams' own; None where no one speaks of canaries.

    It does not wait: a canary that is worse costs requests every second. It is told again each
    quarter of an hour while the canary is still there.
    """
    if catalog.platform.canary is None:
        return None
    return {
        "receiver": RECEIVER,
        "matchers": [f'{names.ACTION}="{names.ROLLBACK}"'],
        "group_by": [*names.SCOPE, names.SERVICE],
        "group_wait": "0s",
        "group_interval": "1m",
        "repeat_interval": "15m",
        "continue": True,
    }


def receiver(catalog: Catalog) -> Json | None:
    """The receiver: the address is the catalog's, the token is read from a file."""
    canary = catalog.platform.canary
    if canary is None:
        return None
    authorization = {"type": "Bearer", "credentials_file": TOKEN}
    return {
        "name": RECEIVER,
        "webhook_configs": [
            {
                "url": canary.webhook,
                "send_resolved": True,
                "http_config": {"authorization": authorization},
            }
        ],
    }


def branches(catalog: Catalog) -> Iterator[Branch]:
    """Both, where the catalog speaks of canaries."""
    way, end = route(catalog), receiver(catalog)
    if way is not None and end is not None:
        yield Branch(way, end)
