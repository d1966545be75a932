"""Grafana's contact points. Their mark is the uid's prefix; one can hold no hash.

Grafana hands out no secret, so that a secret that was changed there cannot be told from ours,
and is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from delivery.publish.kinds.alerting import Alerting, done, fixed, gone
from delivery.publish.kinds.kind import RefusedError, as_seen
from delivery.publish.kinds.secrets import HIDDEN, REDACTED, Secrets, is_secret
from delivery.publish.model import Found, Json, Wanted
from delivery.publish.shipped import unescaped
from delivery.publish.transport import AcceptedError, Answer

_WHERE = "contact-points"


class ContactPoints:
    """Every receiver of every contact point that the files name."""

    name = "contact point"
    removes = True

    def __init__(self, alerting: Alerting, secrets: Secrets) -> None:
        self._alerting, self._secrets = alerting, secrets
        self._hidden = {each.key: _secret_keys(each.body) for each in self._shipped()}

    def wanted(self) -> Sequence[Wanted]:
        """One for each receiver; several of one name are told at once."""
        return self._shipped() if self._alerting.chosen else []

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Those that are wanted, ours, or of a wanted name."""
        keys = {each.key for each in wanted}
        names = {each.title for each in wanted}
        return [
            each for each in self._all() if each.key in keys or each.ours or each.title in names
        ]

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """What is not ours would be told whatever ours of the name is."""
        return wanted.title == found.title and not found.ours

    def look(self, key: str) -> Found | None:
        """The one of that uid."""
        return next((each for each in self._all() if each.key == key), None)

    def create(self, wanted: Wanted) -> None:
        """Make it, with its secrets."""
        settings = wanted.body["settings"]
        if REDACTED in settings.values():
            raise RefusedError("its secrets are in no backup: publish it anew")
        if lacking := self._secrets.missing(settings):
            raise RefusedError(lacking)
        self._send("POST", wanted, None)

    def update(self, wanted: Wanted, found: Found) -> None:
        """Change it, if it is still as we saw it; a secret that we do not know stays."""
        now = as_seen(self.look(wanted.key), found)
        self._send("PUT", wanted, now)

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Make ours, then remove the other: the last one of a name that is used cannot go."""
        if self.look(wanted.key) is None:
            try:
                self.create(wanted)
            except AcceptedError:
                if self.look(wanted.key) is None:
                    raise
        self.delete(found)

    def delete(self, found: Found) -> None:
        """Remove it."""
        gone(self._alerting.write("DELETE", _WHERE, found.key, held=found.body))

    def kept(self, document: Json) -> Wanted:
        """One of a backup, which holds no secret."""
        body = {key: value for key, value in document["body"].items() if key != "provenance"}
        return self._wanted(body, "")

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Put the old one back; Grafana keeps the secrets of what is there."""
        if found is None:
            self.create(wanted)
        else:
            self.update(wanted, found)

    def _shipped(self) -> list[Wanted]:
        made = []
        for file, point in self._alerting.entries("contactPoints"):
            for receiver in point["receivers"]:
                body = {
                    "uid": receiver["uid"],
                    "name": unescaped(point["name"]),
                    "type": receiver["type"],
                    "settings": _settings(receiver["settings"]),
                    "disableResolveMessage": bool(receiver.get("disableResolveMessage")),
                }
                made.append(self._wanted(body, file))
        return made

    def _wanted(self, body: Json, file: str) -> Wanted:
        lacks = self._secrets.missing(body["settings"])
        content = _normal(body, _secret_keys(body))
        return Wanted(self.name, body["uid"], body["name"], content, body, file, lacks=lacks)

    def _send(self, method: Any, wanted: Wanted, held: Found | None) -> None:
        settings = wanted.body["settings"]
        body = {**wanted.body, "settings": self._secrets.filled(settings, REDACTED)}
        segments = (_WHERE, wanted.key) if held else (_WHERE,)
        answer = self._alerting.write(
            method, *segments, body=body, held=held.body if held else None
        )
        done(Answer(answer.status, self._secrets.hidden(answer.message, settings)))

    def _all(self) -> list[Found]:
        bodies = self._alerting.listed(_WHERE)
        # Grafana's own first one has no uid, and nobody can publish over it.
        return [self._found(body) for body in bodies if body.get("uid")]

    def _found(self, body: Json) -> Found:
        secret = self._hidden.get(body["uid"], frozenset())
        # Grafana 9.4 names none that it does not know.
        settings = {**(body.get("settings") or {}), **dict.fromkeys(secret, REDACTED)}
        return Found(
            kind=self.name,
            key=body["uid"],
            title=body["name"],
            content=_normal({**body, "settings": settings}, secret),
            body={**body, "settings": settings},
            ours=body["uid"].startswith(f"{self._alerting.prefix}-"),
            fixed=fixed(body),
            edit=lambda: "unknown",
        )


def _settings(settings: Json) -> Json:
    return {key: value if is_secret(value) else unescaped(value) for key, value in settings.items()}


def _secret_keys(body: Json) -> frozenset[str]:
    return frozenset(
        key for key, value in body["settings"].items() if is_secret(value) or value == REDACTED
    )


def _normal(body: Json, secret: frozenset[str]) -> Json:
    """Without secrets; Grafana from 10 on lists those, too, that nobody has set."""
    settings = {
        key: HIDDEN if key in secret else value
        for key, value in (body.get("settings") or {}).items()
        if key in secret or value != REDACTED
    }
    return {
        "name": body["name"],
        "type": body["type"],
        "settings": settings,
        "disableResolveMessage": bool(body.get("disableResolveMessage")),
    }
