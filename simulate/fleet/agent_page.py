"""The page of the agent that is not there: what the services' processes count, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import requests

from simulate.fleet import meters
from simulate.fleet.agent_meters import merged
from simulate.fleet.http_server import Answer, Request, Server

_TIMEOUT_SECONDS: Final = 5


def listen(port: int, services: Sequence[str]) -> Server:
    """Answer scrapes at the port; ``services`` are the addresses of the processes."""
    return Server(port, partial(_page, services))


def _page(services: Sequence[str], _asked: Request) -> Answer:
    try:
        answers = [requests.get(f"{url}/agent", timeout=_TIMEOUT_SECONDS) for url in services]
    except requests.RequestException as error:
        return Answer(502, f"a service does not answer: {error}\n".encode())
    return Answer(200, merged([each.text for each in answers]).encode(), meters.CONTENT_TYPE)
