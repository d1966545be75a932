"""Secrets of contact points: a file beside Grafana for who mounts, a variable for who publishes.

The files name a secret as ``$__file{/etc/grafana/secrets/slack_api_url}``, which Grafana opens
when it reads them. Over the API nothing is opened, so publishing fills in what ``SLACK_API_URL``
holds, or the file that ``SLACK_API_URL_FILE`` names: as it is sent, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: What stands for a secret wherever something is compared, shown or kept.
HIDDEN = "(secret)"
#: What Grafana answers in its place; sent back, it leaves the secret as it is.
REDACTED = "[REDACTED]"
_REFERENCE = re.compile(r"^\$__file\{(?:.*/)?([^/}]+)\}$")


class Secrets:
    """What the publisher's environment holds."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __repr__(self) -> str:
        return "Secrets()"

    def missing(self, settings: Mapping[str, Any]) -> str:
        """What to set so that all secrets of the settings are known; empty if they are."""
        names = sorted({_name(value) for value in settings.values() if is_secret(value)})
        unknown = [name for name in names if not self._value(name)]
        return f"Set {' and '.join(f'{each} or {each}_FILE' for each in unknown)}" * bool(unknown)

    def filled(self, settings: Mapping[str, Any], otherwise: str) -> dict[str, Any]:
        """The settings with their secrets; ``otherwise`` stands for one that is not known."""
        return {
            key: (self._value(_name(value)) or otherwise) if is_secret(value) else value
            for key, value in settings.items()
        }

    def hidden(self, text: str, settings: Mapping[str, Any]) -> str:
        """The text without the secrets of the settings: a server's complaint may quote one."""
        for value in settings.values():
            secret = self._value(_name(value)) if is_secret(value) else ""
            text = text.replace(secret, HIDDEN) if secret else text
        return text

    def _value(self, name: str) -> str:
        file = self._environ.get(f"{name}_FILE")
        if not file:
            return self._environ.get(name, "").strip()
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""


def is_secret(value: Any) -> bool:
    """Whether it names a secret's file."""
    return isinstance(value, str) and _REFERENCE.match(value) is not None


def _name(value: Any) -> str:
    """``SLACK_API_URL`` for the file slack_api_url."""
    match = _REFERENCE.match(value)
    return re.sub(r"\W", "_", match[1]).upper() if match else ""
