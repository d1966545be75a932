"""The live servers as the audit asks them: Grafana as a panel does, the others for evidence.

A server without an address of its own is asked through Grafana's proxy, so that one address is
enough. A datasource that does not answer is asked no more: all that needs it is unreachable,
which says nothing about what it holds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.errors import ServerError
from delivery.audit.times import Window
from delivery.publish.transport import Answer, path
from delivery.validate.system import System, Target

Json = dict[str, Any]

#: What each kind of server answers whenever it lives.
ALIVE: Mapping[str, str] = {
    "alertmanager": "/api/v2/status",
    "jaeger": "/api/services",
    "loki": "/loki/api/v1/status/buildinfo",
    "prometheus": "/api/v1/status/buildinfo",
}
#: What a proxy says in the place of a server that is gone.
_GONE = frozenset({502, 503, 504})


class LostError(Exception):
    """The server does not answer; ``str()`` says so in words."""


class RefusedError(Exception):
    """The server answers with a refusal, or with what is no answer; ``str()`` quotes it."""


@dataclass
class Servers:
    """Grafana, what it knows of its datasources, and the servers behind it."""

    system: System
    datasources: Mapping[str, Json]
    version: tuple[int, ...]
    clock: Callable[[], float] = time.time
    lost: dict[str, str] = field(default_factory=dict)
    _alive: dict[str, bool] = field(default_factory=dict)
    _seen: dict[tuple[object, ...], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def uid_of(self, kind: str) -> str | None:
        """The catalog's datasource of a kind, as Grafana has it."""
        own = f"{self.system.catalog.prefix}-{kind}"
        return own if own in self.datasources else None

    def grafana(self, where: str, **query: str) -> Any:
        """What Grafana's own API answers.

        :raises LostError: it does not answer.
        :raises RefusedError: it refuses.
        """
        return _good(self._grafana(where, query))

    def status(self, where: str) -> int:
        """Grafana's status for a path; raises as :meth:`grafana`."""
        return self._grafana(where, {}).status

    def _grafana(self, where: str, query: Mapping[str, str]) -> Answer:
        try:
            return self.system.link("grafana").transport.glance(where, query)
        except ServerError as error:
            self.lose("grafana", str(error))
            raise LostError(str(error)) from None

    def panel_query(self, target: Json, span: Window, step: float, points: int) -> Json:
        """The result of one target as a panel asks it, and Grafana's words if there is none.

        :raises LostError: Grafana or the datasource does not answer.
        :raises RefusedError: there is no result.
        """
        uid = str((target.get("datasource") or {}).get("uid", ""))
        self.check(uid)
        query = {**target, "intervalMs": int(step * 1000), "maxDataPoints": points}
        body = {
            "queries": [query],
            "from": str(int(span.start * 1000)),
            "to": str(int(span.end * 1000)),
        }
        try:
            answer = self.system.link("grafana").transport.ask("/api/ds/query", body)
        except ServerError as error:
            self.lose("grafana", str(error))
            raise LostError(str(error)) from None
        results = answer.body.get("results") if isinstance(answer.body, dict) else None
        result = results.get(target.get("refId")) if isinstance(results, dict) else None
        if not isinstance(result, dict):
            self._still_there(uid)
            raise RefusedError(f"{answer.status}: {answer.message}")
        if result.get("error"):
            self._still_there(uid)
            raise RefusedError(" ".join(str(result["error"]).split())[:500])
        return result

    def get(self, kind: str, where: str, **query: str) -> Any:
        """What the server of a kind answers, the same question asked once.

        :raises LostError: it does not answer.
        :raises RefusedError: it refuses.
        """
        key = (kind, where, *sorted(query.items()))
        with self._lock:
            known = self._seen.get(key)
        if known is None:
            known = self.fresh(kind, where, **query)
            with self._lock:
                self._seen[key] = known
        return known

    def knows(self, kind: str, where: str, **query: str) -> bool:
        """Whether that was asked before, so that it costs nothing."""
        with self._lock:
            return (kind, where, *sorted(query.items())) in self._seen

    def fresh(self, kind: str, where: str, **query: str) -> Any:
        """As :meth:`get`, asked anew."""
        direct = _direct(self.system, kind)
        if direct is None:
            uid = self.uid_of(kind)
            if uid is None:
                raise LostError(f"Grafana has no {kind} datasource, and {kind.upper()}_URL is none")
            self.check(uid)
            return _good(self.proxied(uid, where, query))
        if kind in self.lost:
            raise LostError(self.lost[kind])
        link = self.system.link(direct)
        try:
            return _good(link.transport.glance(where, query, headers=link.headers))
        except ServerError as error:
            self.lose(kind, str(error))
            raise LostError(str(error)) from None

    def proxied(self, uid: str, where: str, query: Mapping[str, str]) -> Answer:
        """A datasource's server, asked as the browser does: 9.4 needs the number, 13 the uid."""
        number = self.datasources.get(uid, {}).get("id")
        way = path(str(number)) if self.version < (10,) and number else path("uid", uid)
        answer = self._grafana(f"/api/datasources/proxy{way}{where}", query)
        if answer.status in _GONE:
            words = f"{uid} does not answer through Grafana ({answer.status}: {answer.message})"
            self.lose(uid, words)
            raise LostError(words)
        return answer

    def lose(self, name: str, words: str) -> None:
        """Remember that nobody answers there."""
        with self._lock:
            self.lost.setdefault(name, words)

    def check(self, uid: str) -> None:
        """Raises LostError if that datasource, or Grafana, was lost before."""
        for name in ("grafana", uid):
            if name in self.lost:
                raise LostError(self.lost[name])

    def _still_there(self, uid: str) -> None:
        """After a failure: is it the query, or is nobody there? Raises LostError if nobody is."""
        datasource = self.datasources.get(uid)
        if datasource is None or datasource.get("type") not in ALIVE or self._alive.get(uid):
            return
        self._alive[uid] = self.proxied(uid, ALIVE[datasource["type"]], {}).status < 500


def _direct(system: System, kind: str) -> Target | None:
    for each in system.links:
        if each == kind:
            return each
    return None


def _good(answer: Answer) -> Any:
    if not answer.ok:
        raise RefusedError(f"{answer.status}: {answer.message}")
    if not isinstance(answer.body, dict | list):
        raise RefusedError(f"no JSON where JSON belongs: {answer.message[:120]}")
    return answer.body


def find(system: System) -> Servers:
    """The servers, with what Grafana says of itself.

    :raises ServerError: Grafana does not answer, or does not let us read its datasources.
    """
    transport = system.link("grafana").transport
    health = transport.read("/api/health").mapping()
    parts = str(health.get("version", "0")).split("-")[0].split(".")
    version = tuple(int(each) for each in parts if each.isdecimal())
    listed = transport.read("/api/datasources").array()
    found = {str(each["uid"]): each for each in listed if isinstance(each, dict) and "uid" in each}
    return Servers(system, found, version, system.clock)
