"""What is to run: which servers, and how much of what was before now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery import places
from delivery.demo.servers import LEFT_OUT, Server, first, missing

#: Every kind of server that the stack has a place for.
KINDS = tuple(LEFT_OUT)


@dataclass(frozen=True)
class Plan:
    """The releases, and the history; times in hours and weeks before now.

    ``scale`` is the share of the declared volume; ``bad_canaries`` are the services whose
    canary is worse than their stable release.
    """

    grafana: Server | None
    loki: Server | None
    agent: Server | None
    jaeger: Server | None
    prometheus: Server | None
    promtool: Server | None
    alertmanager: Server | None
    memcached: Server | None
    memcached_exporter: Server | None
    catalog: Path = places.DEFAULT_CATALOG
    hours: float = 48
    line_hours: float = 2
    weeks: float = 6
    scale: float = 0.2
    seed: int = 1
    bad_canaries: frozenset[str] = frozenset()

    @property
    def missing(self) -> list[str]:
        """What this machine lacks, and what therefore is left out."""
        return [
            f"{missing(kind)}: {LEFT_OUT[kind]}" for kind in KINDS if getattr(self, kind) is None
        ]

    @property
    def found(self) -> list[Server]:
        """What runs."""
        servers = (getattr(self, kind) for kind in KINDS)
        return [server for server in servers if server is not None]


def found(**chosen: Any) -> Plan:
    """A plan of the first server of each kind, but for those that are chosen."""
    given: dict[str, Any] = {kind: first(kind) for kind in KINDS if kind not in chosen}
    return Plan(**given | chosen)
