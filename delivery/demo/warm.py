"""Asks the servers something, until Prometheus has seen all that is no history."""

from __future__ import annotations

import requests

from catalog import names
from delivery.demo.fair import tenant
from delivery.demo.process import until
from delivery.demo.stack import Stack

_SECONDS = 240


def warm(stack: Stack) -> None:
    """What Loki says of its queries, and what its ruler has recorded of each service.

    A minute ago, or the coarsest panel has no step that falls on it.

    :raises RuntimeError: it was not seen in time.
    """
    loki, prometheus = stack.urls["loki"], stack.urls["prometheus"]
    headers = tenant(stack)
    asked = {"query": f'sum(rate({{{names.SERVICE}=~".+"}}[1m]))'}
    counted = 'loki_request_duration_seconds_count{route=~"loki_api_v1_query.*"}'
    services = len(stack.catalog.services)
    wanted = (
        f"sum(rate({counted}[1m] offset 1m)) > 0",
        f"count(group by ({names.SERVICE}) ({names.LOG_BYTES_RATE} offset 1m)) >= {services}",
    )

    def seen() -> bool:
        for path in ("query", "query_range"):
            address = f"{loki}/loki/api/v1/{path}"
            requests.get(address, params=asked, headers=headers, timeout=30)
        answers = [
            requests.get(f"{prometheus}/api/v1/query", params={"query": each}, timeout=30)
            for each in wanted
        ]
        return all(each.json()["data"]["result"] for each in answers)

    until(seen, _SECONDS, "the first scrapes and the ruler's first records")
