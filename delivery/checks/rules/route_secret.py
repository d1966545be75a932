"""``route/secret``: see docs/checks/route-secret.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from delivery.checks.check import Check
from delivery.checks.context import Context
from delivery.checks.finding import Finding

#: Settings of Alertmanager 0.25 to 0.28 that its documentation calls secret; most have a
#: second one beside them, with ``_file`` after the name.
_SECRET: Final = frozenset(
    {
        *("api_key", "api_secret", "api_url", "auth_password", "auth_secret", "bearer_token"),
        *("bot_token", "client_secret", "credentials", "opsgenie_api_key", "password"),
        *("routing_key", "secret_key", "service_key", "slack_api_url", "smtp_auth_password"),
        *("smtp_auth_secret", "token", "user_key", "victorops_api_key", "wechat_api_secret"),
    }
)
_LAST: Final = re.compile(r"(\w+)$")
#: Addresses that are a secret as a whole, wherever they stand.
_SECRET_HOSTS: Final = frozenset({"hooks.slack.com", "events.pagerduty.com"})


def _run(context: Context) -> Iterator[Finding]:
    for file, way, text in context.documents.configured:
        name = _LAST.search(way)
        if name is not None and name[1] in _SECRET:
            reason = f"'{name[1]}' is a secret, and this file is committed"
        elif _is_secret_address(text):
            reason = "the address holds a secret, and this file is committed"
        else:
            continue
        yield Finding(
            CHECK.id,
            file,
            way,
            reason,
            "Read it from a file that is mounted beside the configuration",
        )


def _is_secret_address(text: str) -> bool:
    if "://" not in text or "{{" in text:
        return False
    try:
        parts = urlsplit(text.strip())
        return "@" in parts.netloc or bool(parts.query) or parts.hostname in _SECRET_HOSTS
    except ValueError:
        return False


CHECK = Check("route/secret", "A secret in Alertmanager's configuration", _run)
