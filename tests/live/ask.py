"""Asks a live Grafana what a panel asks, with the variables filled in as the browser does."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from tests.live.stack import Stack

Json = dict[str, Any]

_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)")
_DURATION = re.compile(r"now-(\d+)([mhd])")
_SECONDS = {"m": 60, "h": 3600, "d": 86400}


def panels(dashboard: Json) -> Iterator[Json]:
    """Every panel, those in collapsed rows as well, rows apart."""
    for panel in dashboard["panels"]:
        if panel["type"] != "row":
            yield panel
        yield from panel.get("panels", ())


def defaults(dashboard: Json, stack: Stack, service: str = "") -> dict[str, str]:
    """What each variable is when the dashboard is opened; All is what it stands for."""
    environment = stack.catalog.default_environment
    values = {"cluster": environment.cluster, "environment": environment.environment}
    for variable in dashboard["templating"]["list"]:
        name = variable["name"]
        if variable["type"] == "custom":
            first = variable["query"].split(",")[0]
            values[name] = variable.get("allValue") or first
        elif variable["type"] == "textbox":
            values[name] = ""
        else:
            values.setdefault(name, variable.get("allValue") or "")
    if service and "service" in values:
        values["service"] = service
    return values


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables replaced; Grafana's own (``$__interval``) stay."""

    def replace(match: re.Match[str]) -> str:
        name, style = match[1] or match[3], match[2]
        if name not in values:
            return match[0]
        value = values[name]
        if style == "doublequote":
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        return value

    return _VARIABLE.sub(replace, text)


class Grafana:
    """A Grafana and the servers behind it."""

    def __init__(self, url: str, stack: Stack) -> None:
        self.url, self.stack = url, stack
        self.session = requests.Session()

    def get(self, path: str, **parameters: object) -> Any:
        """What the API answers.

        :raises AssertionError: it refuses.
        """
        answer = self.session.get(f"{self.url}{path}", params=parameters, timeout=60)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def proxied(self, uid: str, path: str, **parameters: object) -> requests.Response:
        """What a datasource's server answers, asked through Grafana."""
        address = f"{self.url}/api/datasources/proxy/{self._proxied_as(uid)}{path}"
        return self.session.get(address, params=parameters, timeout=60)

    def _proxied_as(self, uid: str) -> str:
        """How the browser names a datasource here: 9.4 loses its way at a hyphen in a uid."""
        server = self.stack.plan.grafana
        if server is None or server.version >= (10,):
            return f"uid/{uid}"
        return str(self.get(f"/api/datasources/uid/{uid}")["id"])

    def query(self, target: Json, since: str, maximum: int = 800) -> tuple[str, int]:
        """Run a target as the panel does: the error, or none, and how many points came back."""
        now = int(time.time() * 1000)
        length = seconds(since)
        step = max(15_000, int(length * 1000 / maximum))
        body = {
            "queries": [{**target, "intervalMs": step, "maxDataPoints": maximum}],
            "from": str(now - length * 1000),
            "to": str(now),
        }
        answer = self.session.post(f"{self.url}/api/ds/query", json=body, timeout=90)
        try:
            results = answer.json().get("results", {})
        except ValueError:
            return f"{answer.status_code} {answer.text[:300]}", 0
        if not results:
            return f"{answer.status_code} {answer.text[:300]}", 0
        error, points = "", 0
        for result in results.values():
            error = error or str(result.get("error", ""))
            for frame in result.get("frames", ()):
                error = error or _refused(frame)
                columns = frame["data"]["values"]
                points += len(columns[0]) if columns else 0
        return error, points

    def search(self, target: Json, uid: str, since: str) -> tuple[str, int]:
        """A target of Jaeger's, whose datasource asks from the browser: error and answers."""
        kind = target.get("queryType")
        now = int(time.time())
        if kind == "dependencyGraph":
            path, parameters = "/api/dependencies", {"endTs": now * 1000, "lookback": 3_600_000}
        elif kind == "search":
            path = "/api/traces"
            parameters = {
                "service": target["service"],
                "limit": target.get("limit", 20),
                "start": (now - seconds(since)) * 1_000_000,
                "end": now * 1_000_000,
                "lookback": "custom",
            }
            if target.get("tags"):
                parameters["tags"] = _tags(target["tags"])
            if target.get("minDuration"):
                parameters["minDuration"] = target["minDuration"]
        elif target.get("query"):
            path, parameters = f"/api/traces/{target['query']}", {}
        else:
            return "", 0
        answer = self.proxied(uid, path, **parameters)
        if not answer.ok:
            return f"{answer.status_code} {answer.text[:200]}", 0
        return "", len(answer.json()["data"] or ())


def _refused(frame: Json) -> str:
    notices = frame.get("schema", {}).get("meta", {}).get("notices", ())
    return "; ".join(each["text"] for each in notices if each.get("severity") == "error")


def _tags(text: str) -> str:
    """Grafana's search field takes logfmt, Jaeger's API takes JSON."""
    import json

    pairs = dict(part.partition("=")[::2] for part in text.split())
    return json.dumps(pairs)


def seconds(since: str) -> int:
    """How long ``now-6h`` is."""
    match = _DURATION.fullmatch(since)
    assert match, since
    return int(match[1]) * _SECONDS[match[2]]
