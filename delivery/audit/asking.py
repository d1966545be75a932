"""Asks what panels ask, each distinct question once for all who ask it, and takes the time."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from delivery.audit.answers import Answer, Column, Frame, read
from delivery.audit.questions import Question
from delivery.audit.servers import LostError, RefusedError, Servers
from delivery.audit.times import Window

Json = dict[str, Any]
#: How often a question is asked for its time, and the seconds beyond which it is not asked again.
REPEATS = 3
_PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of a question; one of ``error`` and ``lost`` is set where nothing did."""

    answer: Answer = field(default_factory=Answer)
    error: str = ""
    lost: str = ""
    seconds: tuple[float, ...] = ()


@dataclass
class Asking:
    """All that was asked so far."""

    servers: Servers
    repeats: int = REPEATS
    _known: dict[str, Asked] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, question: Question) -> Asked:
        """The answer; one that is being asked by another is waited for."""
        key = question.key
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._known:
                self._known[key] = self._fresh(question)
            return self._known[key]

    def again(self, question: Question) -> Asked:
        """Timed anew, for what was slow while others asked as well."""
        self._known[question.key] = self._fresh(question)
        return self._known[question.key]

    def _fresh(self, question: Question) -> Asked:
        taken: list[float] = []
        answer = Answer()
        for _ in range(self.repeats):
            began = time.monotonic()
            try:
                answer = self._once(question)
            except LostError as error:
                return Asked(lost=str(error))
            except (RefusedError, ValueError) as error:
                return Asked(error=str(error))
            taken.append(time.monotonic() - began)
            if answer.refused:
                return Asked(answer, answer.refused)
            if sum(taken) > _PATIENCE:
                break
        return Asked(answer, seconds=tuple(taken))

    def _once(self, question: Question) -> Answer:
        if question.source == "jaeger":
            return _jaeger(self.servers, question)
        result = self.servers.panel_query(
            question.target, question.span, question.step, question.points
        )
        return read(result)


def _jaeger(servers: Servers, question: Question) -> Answer:
    """Grafana up to 11 asks Jaeger from the browser, and all releases can be asked like that."""
    where, query = jaeger_request(question.target, question.span)
    uid = str((question.target.get("datasource") or {}).get("uid", ""))
    servers.check(uid)
    answer = servers.proxied(uid, where, query)
    if answer.status == 404 and where.startswith("/api/traces/"):
        return Answer()
    body = answer.body
    if not answer.ok or not isinstance(body, dict):
        raise RefusedError(f"{answer.status}: {answer.message}")
    data = body.get("data") or []
    if not isinstance(data, list):
        raise RefusedError("its data is no list")
    return Answer((Frame((Column("data", "other", {}, data),)),))


def jaeger_request(target: Mapping[str, Any], span: Window) -> tuple[str, dict[str, str]]:
    """The path and parameters by which Grafana's datasource asks Jaeger.

    :raises RefusedError: it is no query that we know.
    """
    kind = target.get("queryType")
    if kind == "dependencyGraph":
        lookback = str(int(span.seconds * 1000))
        return "/api/dependencies", {"endTs": str(int(span.end * 1000)), "lookback": lookback}
    if kind == "search":
        query = {
            "service": str(target.get("service") or ""),
            "limit": str(target.get("limit") or 20),
            "start": str(int(span.start * 1e6)),
            "end": str(int(span.end * 1e6)),
            "lookback": "custom",
        }
        for key in ("operation", "minDuration", "maxDuration"):
            if target.get(key):
                query[key] = str(target[key])
        if target.get("tags"):
            query["tags"] = json.dumps(dict(_logfmt(str(target["tags"]))))
        return "/api/traces", query
    if target.get("query"):
        return f"/api/traces/{target['query']}", {}
    raise RefusedError(f"Jaeger is asked in a way that is not known: {kind}")


def _logfmt(text: str) -> Iterator[tuple[str, str]]:
    """Grafana's search field takes logfmt, Jaeger's API takes JSON."""
    for part in text.split():
        key, _, value = part.partition("=")
        yield key, value.strip('"')
