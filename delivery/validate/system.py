"""The system as it is asked: each server by its address, and each question asked once.

A server that does not answer is not waited for again: every further check of it fails at once,
with the same words.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from catalog.errors import ServerError
from catalog.model import Catalog
from catalog.platform import Environment
from delivery.publish.kinds.rulers import TENANT_HEADER
from delivery.publish.servers import ASKED, TARGETS, Reach, access
from delivery.publish.shipped import Shipped
from delivery.publish.transport import Answer, ForbiddenError, Transport, UnreachableError

Target = Literal["grafana", "loki", "prometheus", "alertmanager", "jaeger"]
SERVERS: tuple[Target, ...] = ("grafana", "loki", "prometheus", "alertmanager", "jaeger")
_NAMES = {**TARGETS, **ASKED}
#: Seconds between two tries: validation looks at what is there, and does not wait for a restart.
_PATIENCE = 0.5


class AbsentError(Exception):
    """Nothing says where the server is; ``str()`` says what would."""


@dataclass
class Link:
    """One server that has an address."""

    transport: Transport
    headers: Mapping[str, str]
    lost: ServerError | None = None


@dataclass(frozen=True)
class System:
    """What runs, beside what ought to."""

    catalog: Catalog
    environment: Environment
    shipped: Shipped
    links: Mapping[Target, Link]
    tokens: frozenset[Target] = frozenset()
    clock: Callable[[], float] = time.time
    seen: dict[tuple[str, ...], Answer] = field(default_factory=dict)

    def get(self, target: Target, where: str, **query: str) -> Answer:
        """What the server answers; the same question is asked once.

        :raises AbsentError: it has no address.
        :raises ServerError: it cannot be reached, or refuses us.
        """
        asked = (target, where, *(f"{key}={value}" for key, value in query.items()))
        if asked not in self.seen:
            self.seen[asked] = self.fresh(target, where, **query)
        return self.seen[asked]

    def fresh(self, target: Target, where: str, **query: str) -> Answer:
        """As :meth:`get`, asked anew."""
        link = self.link(target)
        try:
            return link.transport.read(where, query, headers=link.headers)
        except ForbiddenError:
            raise
        except UnreachableError as error:
            link.lost = error
            raise

    def link(self, target: Target) -> Link:
        """How the server is asked; raises as :meth:`get` does."""
        link = self.links.get(target)
        if link is None:
            name = _NAMES[target]
            raise AbsentError(f"{name}_URL is not set, and neither is --{target}-url")
        if link.lost is not None:
            raise link.lost
        return link

    def has(self, target: Target) -> bool:
        """Whether the catalog's platform has such a server; a Grafana is always one."""
        return target == "grafana" or target in self.catalog.platform.components

    def metric(self, query: str) -> list[dict[str, Any]]:
        """The vector that Prometheus answers."""
        return _vector(self.get("prometheus", "/api/v1/query", query=query))

    def logs(self, query: str) -> list[dict[str, Any]]:
        """The vector that Loki answers to a metric query."""
        return _vector(self.get("loki", "/loki/api/v1/query", query=query))

    def curl(self, target: Target, where: str, **query: str) -> str:
        """What a person types to see the same; a token stands there by its variable's name."""
        words = ["curl -sS"]
        if target in self.tokens:
            words.append(f'-H "Authorization: Bearer ${_NAMES[target]}_TOKEN"')
        if target == "loki" and self.environment.auth_enabled:
            words.append(f"-H {shlex.quote(f'{TENANT_HEADER}: {self.environment.tenant}')}")
        words.append(f'"${_NAMES[target]}_URL{where}"')
        if query:
            words.append("-G")
        words += [
            f"--data-urlencode {shlex.quote(f'{key}={value}')}" for key, value in query.items()
        ]
        return " ".join(words)

    @property
    def unreachable(self) -> list[str]:
        """What could not be reached, in words."""
        return [str(link.lost) for link in self.links.values() if link.lost is not None]


def _vector(answer: Answer) -> list[dict[str, Any]]:
    data = answer.mapping("data")["data"]
    result = data.get("result") if isinstance(data, dict) else None
    if isinstance(result, list):
        return result
    return []


def value(vector: list[dict[str, Any]]) -> float | None:
    """The one value of a vector, None where it has none."""
    return float(vector[0]["value"][1]) if vector else None


@contextmanager
def system(
    catalog: Catalog,
    environment: Environment,
    shipped: Shipped,
    reach: Reach,
    environ: Mapping[str, str],
) -> Iterator[System]:
    """Every server that has an address; closed in the end."""
    headers = {TENANT_HEADER: environment.tenant} if environment.auth_enabled else {}
    links: dict[Target, Link] = {}
    tokens: set[Target] = set()
    with ExitStack() as stack:
        for target in SERVERS:
            found = access(target, reach, environ)
            if found is None:
                continue
            transport = Transport(found, sleep=lambda seconds: time.sleep(min(seconds, _PATIENCE)))
            stack.callback(transport.close)
            links[target] = Link(transport, headers if target == "loki" else {})
            if "Authorization" in found.headers:
                tokens.add(target)
        yield System(catalog, environment, shipped, links, frozenset(tokens))
