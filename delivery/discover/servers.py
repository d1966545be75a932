"""The servers that are looked at, each asked with little patience and never written to."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from catalog.errors import Problem, UsageError
from catalog.platform import Environment
from delivery.publish.kinds.rulers import TENANT_HEADER
from delivery.publish.servers import Reach, access
from delivery.publish.transport import Transport

Target = Literal["loki", "prometheus", "jaeger"]
TARGETS: tuple[Target, ...] = ("loki", "prometheus", "jaeger")
#: What is not learnt where a server has no address.
TELLS: Mapping[Target, str] = {
    "loki": "log lines, their format, fields and volume",
    "prometheus": "metrics, ports and namespaces",
    "jaeger": "operations, and who calls whom",
}
#: Seconds between two tries: what is looked at is there, or it is not.
_PATIENCE = 0.5
#: Statuses that say that a release has no such address.
_NO_SUCH = frozenset({400, 404, 405, 501})


@dataclass(frozen=True, slots=True)
class Link:
    """One server."""

    transport: Transport
    headers: Mapping[str, str]

    def data(self, where: str, **query: str) -> Any:
        """What stands under ``data`` in the answer, or the whole of it where nothing does.

        :raises ServerError: it cannot be reached, or refuses us.
        """
        answer = self.transport.read(where, query, headers=self.headers).mapping()
        return answer.get("data", answer)

    def known(self, where: str, **query: str) -> Any | None:
        """As :meth:`data`; None where this release has no such address."""
        answer = self.transport.read(where, query, headers=self.headers)
        if answer.status in _NO_SUCH:
            return None
        found = answer.mapping()
        return found.get("data", found)


@contextmanager
def opened(
    environment: Environment, reach: Reach, environ: Mapping[str, str]
) -> Iterator[Mapping[Target, Link]]:
    """Those of the servers that have an address; closed in the end.

    :raises UsageError: none has.
    """
    tenant = {TENANT_HEADER: environment.tenant} if environment.auth_enabled else {}
    links: dict[Target, Link] = {}
    with ExitStack() as stack:
        for target in TARGETS:
            found = access(target, reach, environ)
            if found is None:
                continue
            transport = Transport(found, sleep=lambda seconds: time.sleep(min(seconds, _PATIENCE)))
            stack.callback(transport.close)
            links[target] = Link(transport, tenant if target == "loki" else {})
        if not links:
            fault = "nothing says where a server is"
            remedy = "Set LOKI_URL, PROMETHEUS_URL or JAEGER_URL, or add --loki-url and its like"
            raise UsageError(Problem("discover", fault, remedy))
        yield links
