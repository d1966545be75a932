"""A call from one service to another: what is sent with it, and the connections that carry it."""

from __future__ import annotations

import http.client
import queue
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from simulate.fleet.plans import Asked, Plan
from simulate.world import Pod

HOST: Final = "127.0.0.1"
PATH: Final = "/"
#: When the root of the request was due, who has called whom, and how long the answer may take.
MOMENT, CALLERS, TIME_LIMIT = "x-due", "x-callers", "x-time-limit"
_GIVEN_UP_SECONDS: Final = 60


class Calls(Protocol):
    """How a pod reaches another."""

    def send(self, pod: Pod, headers: Mapping[str, str]) -> bool:
        """Whether the answer was a good one."""


def told(plan: Plan) -> dict[str, str]:
    """The headers of a call that a request makes, beside the trace's."""
    return {
        MOMENT: repr(plan.moment),
        CALLERS: ",".join(plan.callers),
        TIME_LIMIT: repr(plan.time_limit),
    }


def read(headers: Mapping[str, str], seed: int) -> Asked:
    """What a call says of itself; its key is the span that it comes from."""
    return Asked(
        (seed, headers["traceparent"]),
        float(headers[MOMENT]),
        tuple(headers[CALLERS].split(",")),
        float(headers[TIME_LIMIT]),
    )


@dataclass(frozen=True, slots=True)
class HttpCalls:
    """Over HTTP, with connections that are kept."""

    ports: Mapping[str, int]
    idle: dict[str, queue.LifoQueue[http.client.HTTPConnection]]

    @classmethod
    def to(cls, ports: Mapping[str, int]) -> HttpCalls:
        """To the pods at those ports."""
        return cls(ports, {name: queue.LifoQueue() for name in ports})

    def send(self, pod: Pod, headers: Mapping[str, str]) -> bool:
        """Whether the pod could be reached and has answered well."""
        kept = self.idle[pod.name]
        try:
            connection = kept.get_nowait()
        except queue.Empty:
            connection = http.client.HTTPConnection(
                HOST, self.ports[pod.name], timeout=_GIVEN_UP_SECONDS
            )
        try:
            connection.request("POST", PATH, headers=dict(headers))
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            # It is dead or has died since; the next call begins anew.
            connection.close()
            self._forget(kept)
            return False
        kept.put(connection)
        return answer.status < http.client.INTERNAL_SERVER_ERROR

    @staticmethod
    def _forget(kept: queue.LifoQueue[http.client.HTTPConnection]) -> None:
        while True:
            try:
                kept.get_nowait().close()
            except queue.Empty:
                return
