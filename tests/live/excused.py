"""Panels that may be empty on a system that is well, and why."""

from __future__ import annotations

import re

#: What a panel's title begins with, and the reason.
EXCUSED = {
    "Alerts firing": "no alert fires while all is well",
    "Alerts of this service": "no alert fires while all is well",
    "Trace( |$)": "nobody has chosen a trace yet",
    "Queries that fail": "Loki answers every query",
    "Entries dropped": "the agent delivers every line",
    "Lines refused": "Loki refuses no line",
    "Notifications sent": "a ticket waits five minutes before it is sent",
    "Notifications that fail": "every notification is delivered",
    "Rules that fail": "every rule can be evaluated",
    "Evictions": "the cache has room",
    "Pushes that fail": "Loki takes every push",
    "Not stored": "Loki stores every chunk",
    "Chunks stored": "no chunk may be old enough yet",
    "Since compaction and retention": "neither may have run yet",
    "Ruler: missed and undelivered": "the ruler leaves nothing out",
    "Missed, undelivered, refused": "Prometheus loses nothing",
    "Storage that fails": "Prometheus' storage is well",
    "Streams by service": "it is recorded every five minutes",
    "(Lines|Cost)(,| this)": "it is recorded every five minutes",
    "Spans refused": "Jaeger takes every span",
    "Traces of error lines": "no error may have been written in an hour",
    "Slow traces": "every answer may have been quick",
    "Time to exhaustion": "nothing burns",
    ".* that went wrong: trail": "nothing may have gone wrong in an hour",
    "Errors that span lines": "no such error may have been written in an hour",
    "Error messages of the last .* that are new": "a canary that is well writes no new message",
    "Error lines of the canary": "a canary that is well may write no error in an hour",
    "Denied operations: trail": "nobody may have been refused in an hour",
}

#: What Grafana before 10 cannot draw (docs/readings.md): its Jaeger datasource has no
#: dependency graph, and asks for traces of no service instead.
#: Nor can it merge some of a panel's tables only, which the graph of metrics needs.
BEFORE_10 = ("Calls between services", "parameter 'service' is required", "Service graph")


def too_old(fault: str, version: tuple[int, ...]) -> bool:
    """Whether a fault is one that a Grafana of that release cannot but have."""
    return version < (10,) and any(each in fault for each in BEFORE_10)


def excuse(title: str) -> str:
    """The reason why a panel of that title may be empty, or nothing."""
    return next((why for begin, why in EXCUSED.items() if re.match(begin, title)), "")
