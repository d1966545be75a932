"""All that the servers tell of each service, under the name by which they know it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog import names
from catalog.model import Catalog
from delivery.discover import jaeger, loki, prometheus
from delivery.discover.jaeger import Traced
from delivery.discover.loki import Span, Streams
from delivery.discover.prometheus import Scraped
from delivery.discover.servers import TARGETS, Link, Target

_ID_LENGTH = 20


@dataclass(slots=True)
class Sight:
    """One service; None is what no server has told of it."""

    name: str
    streams: Streams | None = None
    scraped: Scraped | None = None
    traced: Traced | None = None


@dataclass(slots=True)
class Found:
    """All services, what told them apart, and which servers were not asked."""

    services: dict[str, Sight] = field(default_factory=dict)
    stream_label: str | None = None
    target_label: str | None = None
    missing: tuple[Target, ...] = ()

    def of(self, name: str) -> Sight:
        """The service of that name, seen now for the first time or again."""
        return self.services.setdefault(name, Sight(name))


def look(
    catalog: Catalog, links: Mapping[Target, Link], span: Span, by: str | None, only: str | None
) -> Found:
    """Asks each server that there is; ``by`` is the label to go by, ``only`` one service.

    :raises ServerError: one cannot be reached, or refuses us.
    """
    found = Found(missing=tuple(each for each in TARGETS if each not in links))
    known_servers = {*catalog.platform.components, catalog.prefix}
    if "loki" in links:
        wished = _wished(by, loki.OTHERS)
        label = found.stream_label = loki.identity(links["loki"], span, wished)
        for name in loki.services(links["loki"], label, span) if label else ():
            if _wanted(name, only, known_servers):
                found.of(name).streams = loki.streams(links["loki"], label or "", name, span)
    if "prometheus" in links:
        wished = _wished(by, prometheus.OTHERS)
        label, scraped = prometheus.targets(links["prometheus"], wished)
        found.target_label = label
        told = prometheus.metadata(links["prometheus"])
        for name, each in scraped.items():
            if label and _wanted(name, only, known_servers):
                each.series, page = prometheus.page(links["prometheus"], label, name, span, told)
                each.page = prometheus.own(page, each.labels)
                found.of(name).scraped = each
    if "jaeger" in links:
        for name, traced in jaeger.traced(links["jaeger"], span).items():
            if _wanted(name, only, known_servers):
                found.of(name).traced = traced
    return found


def _wished(by: str | None, others: tuple[str, ...]) -> tuple[str, ...]:
    """The labels to go by, the best first: the catalog's own before what others use."""
    return (names.SERVICE, *others) if by is None else (by,)


def _wanted(name: str, only: str | None, known_servers: set[str]) -> bool:
    """The platform's own servers are no services, unless one is asked for by its name."""
    return name == only if only is not None else name not in known_servers


def identifier(name: str) -> str | None:
    """The id that a catalog can hold; None where nothing of the name can be one."""
    words = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
    words = re.sub(r"^[0-9-]+", "", words)[:_ID_LENGTH].strip("-")
    return words or None
