"""Grafana's message templates and mute timings: a name, which is all that can hold our mark."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

from delivery.publish.kinds.alerting import Alerting, done, fixed, gone
from delivery.publish.model import Found, Json, Wanted
from delivery.publish.transport import Answer, Method


class _Named(ABC):
    """``section`` is their name in the files, ``where`` in the API."""

    name: ClassVar[str]
    section: ClassVar[str]
    where: ClassVar[str]
    removes = True

    def __init__(self, alerting: Alerting) -> None:
        self._alerting = alerting

    @abstractmethod
    def _normal(self, body: Json) -> Json:
        """As it is compared."""

    @abstractmethod
    def _put(self, wanted: Wanted, found: Found | None) -> None:
        """Make it, or put it over what was found."""

    def wanted(self) -> Sequence[Wanted]:
        """One for each that the files name."""
        if not self._alerting.chosen:
            return []
        return [self._wanted(item, file) for file, item in self._alerting.entries(self.section)]

    def found(self, wanted: Sequence[Wanted]) -> Iterable[Found]:
        """Those that are wanted or ours."""
        keys = {each.key for each in wanted}
        return [each for each in self._all() if each.key in keys or each.ours]

    def clashes(self, wanted: Wanted, found: Found) -> bool:
        """The name is the key."""
        return False

    def look(self, key: str) -> Found | None:
        """The one of that name."""
        return next((each for each in self._all() if each.key == key), None)

    def create(self, wanted: Wanted) -> None:
        """Make it."""
        self._put(wanted, None)

    def update(self, wanted: Wanted, found: Found) -> None:
        """Put it over what was found."""
        self._put(wanted, found)

    def replace(self, wanted: Wanted, found: Found) -> None:
        """Never asked for: nothing clashes."""
        self._put(wanted, found)

    def delete(self, found: Found) -> None:
        """Remove it."""
        gone(self._change("DELETE", found.key, None, found.body))

    def kept(self, document: Json) -> Wanted:
        """One of a backup."""
        return self._wanted(document["body"], "")

    def restore(self, wanted: Wanted, found: Found | None) -> None:
        """Put the old one back."""
        self._put(wanted, found)

    def _all(self) -> list[Found]:
        return [self._found(body) for body in self._alerting.listed(self.where)]

    def _change(self, method: Method, key: str, body: Json | None, held: Json | None) -> Answer:
        return self._alerting.write(method, self.where, key, body=body, held=held)

    def _wanted(self, item: Json, file: str) -> Wanted:
        return Wanted(self.name, item["name"], "", self._normal(item), self._normal(item), file)

    def _found(self, body: Json) -> Found:
        prefix = self._alerting.prefix
        return Found(
            kind=self.name,
            key=body["name"],
            title="",
            content=self._normal(body),
            body=body,
            ours=body["name"] == prefix or body["name"].startswith(f"{prefix}-"),
            version=body.get("version"),
            fixed=fixed(body),
            edit=lambda: "unknown",
        )


class Templates(_Named):
    """The texts of messages."""

    name = "template"
    section = "templates"
    where = "templates"

    def _normal(self, body: Json) -> Json:
        return {"template": body["template"].strip()}

    def _put(self, wanted: Wanted, found: Found | None) -> None:
        body = dict(wanted.content)
        if found is not None and found.version:
            body["version"] = found.version
        done(self._change("PUT", wanted.key, body, found.body if found else None))


class MuteTimings(_Named):
    """The hours in which some are told nothing."""

    name = "mute timing"
    section = "muteTimes"
    where = "mute-timings"

    def _normal(self, body: Json) -> Json:
        return {"time_intervals": body.get("time_intervals") or []}

    def _put(self, wanted: Wanted, found: Found | None) -> None:
        body = {"name": wanted.key, **wanted.content}
        if found is None:
            done(self._alerting.write("POST", self.where, body=body, held=None))
        else:
            done(self._change("PUT", wanted.key, body, found.body))
