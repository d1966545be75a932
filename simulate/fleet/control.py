"""The one endpoint at which incidents are asked for: it passes each on to its service."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from typing import Any, Final

import requests

from catalog.model import Catalog
from simulate.fleet import incidents
from simulate.fleet.http_server import Answer, Request, Server, as_json
from simulate.fleet.incidents import RefusedError

_TIMEOUT_SECONDS: Final = 10


def listen(port: int, catalog: Catalog, services: Mapping[str, str]) -> Server:
    """Answer at the port; ``services`` are the addresses of the processes."""
    return Server(port, _Control(catalog, services).handle)


class _Control:
    def __init__(self, catalog: Catalog, services: Mapping[str, str]) -> None:
        self._catalog, self._services = catalog, services
        self._numbers = itertools.count(1)

    def handle(self, asked: Request) -> Answer:
        try:
            return self._answer(asked)
        except requests.RequestException as error:
            return as_json({"error": f"a service does not answer: {error}"}, 502)
        except RefusedError as error:
            return as_json({"error": str(error)}, 400)

    def _answer(self, asked: Request) -> Answer:
        path = asked.path.partition("?")[0].rstrip("/")
        if asked.method == "GET" and path == "/ready":
            self._of_each("/ready")
            return as_json({"ready": True})
        if asked.method == "GET" and path == "/counts":
            return as_json(self._of_each("/counts"))
        if asked.method == "GET" and path == "/incidents":
            found = [each for known in self._of_each("/incidents").values() for each in known]
            return as_json(sorted(found, key=lambda each: float(each["since"])))
        if asked.method == "POST" and path == "/incidents":
            return self._begin(asked.body)
        if asked.method == "DELETE" and path.startswith("/incidents/"):
            return self._end(path.rpartition("/")[2])
        return as_json(
            {
                "error": f"there is no {asked.method} {asked.path}: known are GET /ready, "
                "GET /counts, GET /incidents, POST /incidents and DELETE /incidents/ID"
            },
            404,
        )

    def _begin(self, body: bytes) -> Answer:
        try:
            told = json.loads(body)
        except ValueError:
            told = None
        kind = told.get("kind") if isinstance(told, dict) else None
        identifier = f"{kind}-{next(self._numbers)}"
        incident = incidents.read(told, self._catalog, identifier, time.time())
        url = f"{self._services[incident.service]}/incidents"
        requests.post(url, json=incident.json(), timeout=_TIMEOUT_SECONDS).raise_for_status()
        return as_json(incident.json(), 201)

    def _end(self, identifier: str) -> Answer:
        for url in self._services.values():
            answer = requests.delete(f"{url}/incidents/{identifier}", timeout=_TIMEOUT_SECONDS)
            if answer.ok:
                return as_json({"ended": identifier})
        return as_json({"error": f"no incident '{identifier}' goes on"}, 404)

    def _of_each(self, path: str) -> dict[str, Any]:
        return {
            name: requests.get(f"{url}{path}", timeout=_TIMEOUT_SECONDS).json()
            for name, url in self._services.items()
        }
