"""When a verdict is fair: what must have happened before the stack is asked for everything.

Counters that have just begun have no rate, a rule that has not been evaluated records nothing,
and Loki's first minutes are spent on files that it has yet to cache. Windows of the panels and
of most rules are five minutes and a scrape is 15 s, Loki's compactor first runs after ten: so
ten minutes of telemetry, and then each of these, or it is said what is not so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import requests

from catalog import names
from delivery.demo.stack import Stack

Json = dict[str, Any]

_TIMEOUT_SECONDS = 30
_POLL_SECONDS = 5.0
#: Beyond the time that was asked for, for what is slow to begin.
_GRACE_SECONDS = 120.0
_TOLD_SECONDS = 60.0


def wait(stack: Stack, seconds: float, say: Callable[[str], None]) -> list[str]:
    """Until telemetry has flowed for so long and all is in; what is still missing then."""
    due = stack.began + seconds
    told = time.time()
    while (now := time.time()) < due:
        if now - told >= _TOLD_SECONDS:
            told = now
            say(f"{due - now:.0f} s until there is enough to judge")
        time.sleep(min(_POLL_SECONDS, due - now))
    while (found := list(missing(stack))) and time.time() < due + _GRACE_SECONDS:
        time.sleep(_POLL_SECONDS)
    return found


def missing(stack: Stack) -> Iterator[str]:
    """What has not happened yet, a line each."""
    try:
        if "prometheus" in stack.urls:
            yield from _targets(stack.urls["prometheus"])
            yield from _rules("Prometheus", f"{stack.urls['prometheus']}/api/v1/rules", {})
        if "loki" in stack.urls:
            yield from _rules(
                "Loki", f"{stack.urls['loki']}/prometheus/api/v1/rules", tenant(stack)
            )
            yield from _lines(stack)
    except (requests.RequestException, ValueError, KeyError) as error:
        yield f"a server does not answer: {error}"


def tenant(stack: Stack) -> dict[str, str]:
    """The header that says whose lines are asked for."""
    environment = stack.catalog.default_environment
    return {"X-Scope-OrgID": environment.tenant} if environment.auth_enabled else {}


def _targets(prometheus: str) -> Iterator[str]:
    for each in _data(f"{prometheus}/api/v1/targets", {"state": "active"}, {})["activeTargets"]:
        if each["health"] != "up":
            place = f"{each['labels'].get('job')} at {each['labels'].get('instance')}"
            yield f"{place} was not scraped: {each.get('lastError') or 'not yet'}"


def _rules(server: str, url: str, headers: dict[str, str]) -> Iterator[str]:
    for group in _data(url, {}, headers)["groups"]:
        for rule in group["rules"]:
            if rule.get("health") != "ok":
                why = rule.get("lastError") or "not evaluated yet"
                yield f"{server}'s rule {rule['name']} in {group['name']}: {why}"


def _lines(stack: Stack) -> Iterator[str]:
    query = f'sum by ({names.SERVICE}) (count_over_time({{{names.SERVICE}=~".+"}}[2m]))'
    url = f"{stack.urls['loki']}/loki/api/v1/query"
    told = {
        each["metric"].get(names.SERVICE)
        for each in _data(url, {"query": query}, tenant(stack))["result"]
    }
    for service in stack.catalog.services:
        if service.id not in told:
            yield f"no line of {service.id} arrived in Loki within two minutes"


def _data(url: str, asked: dict[str, str], headers: dict[str, str]) -> Any:
    answer = requests.get(url, params=asked, headers=headers, timeout=_TIMEOUT_SECONDS)
    answer.raise_for_status()
    return answer.json()["data"]
