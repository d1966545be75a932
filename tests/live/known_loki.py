"""A Loki that holds lines which are known to the last one, asked as ``query run`` asks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from catalog import names
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.library import wish
from delivery.library.ask import Loki, Row
from delivery.publish.servers import Reach, access
from delivery.publish.transport import Transport
from queries.library import loki_lines
from queries.library.registry import named
from tests.live import library_lines as world
from tests.live.library_lines import Line
from tests.live.servers import Process, Server, free_port, until
from tests.live.stack import ROOT, loki_config

HOUR = 3600
Figures = dict[tuple[str, ...], float]


@dataclass
class Known:
    """A Loki that holds the lines, and the moment that all questions are asked at."""

    server: Server
    url: str
    catalog: Catalog
    lines: list[Line]
    now: int
    #: What Loki itself had written about queries, pushed as the agents' fallback would.
    said: list[str]

    def ask(self, name: str, *, limit: int = 5000, **words: Any) -> list[Row]:
        params = tuple(f"{key}={value}" for key, value in words.pop("params", {}).items())
        place = self.catalog.default_environment
        asked = wish.question(named(name), self.catalog, place, wish.Words(params=params, **words))
        found = access("loki", Reach({"loki": self.url}), {})
        assert found is not None
        transport = Transport(found)
        try:
            return Loki(transport, "", {}).rows(asked, self.now, limit)
        finally:
            transport.close()

    def figures(self, name: str, by: tuple[str, ...], **words: Any) -> Figures:
        rows = self.ask(name, **words)
        found = {tuple(row.labels.get(label, "") for label in by): row.value for row in rows}
        assert len(found) == len(rows), "two rows have the same labels"
        return {key: value for key, value in found.items() if value is not None}

    def of(self, service: str | None = None, after: int = HOUR, before: int = 0) -> list[Line]:
        """The lines of a service within so many seconds."""
        found = world.since(self.lines, self.now - after, self.now - before)
        return [line for line in found if service in {None, line.service.id}]

    @property
    def home(self) -> str:
        return "2.9" if self.server.release.startswith("2.") else "3"


@contextmanager
def started(server: Server, folder: Path) -> Iterator[tuple[str, Path]]:
    """A Loki by itself: its address, and its log, in which it tells of its queries."""
    port = free_port()
    rules = {"type": "local", "local": {"directory": str(folder / "rules")}}
    config = loki_config(folder, server, port=port, rules=rules)
    content = yaml.safe_load(config.read_text())
    content["server"]["log_level"] = "info"
    config.write_text(yaml.safe_dump(content, sort_keys=False))
    process = Process("loki", [server.path, f"-config.file={config}"], folder)
    url = f"http://127.0.0.1:{port}"
    try:
        process.ready(f"{url}/ready")
        yield url, process.log
    finally:
        process.stop()


@contextmanager
def known_loki(server: Server, folder: Path) -> Iterator[Known]:
    """One that holds the lines of :mod:`tests.live.library_lines`, and what it said itself."""
    with started(server, folder) as (url, log):
        catalog, now = load_catalog(ROOT / "catalog"), int(time.time())
        lines = world.made(catalog, server.release, now)
        world.push(url, lines)
        said = _told_by_loki(url, log)
        place = catalog.default_environment
        stream = {
            names.CLUSTER: place.cluster,
            names.ENVIRONMENT: place.environment,
            names.NAMESPACE: "monitoring",
            names.SERVICE: loki_lines.SERVICE,
            names.POD: "loki-0",
        }
        values = [[str((now - 60) * 10**9 + at), text] for at, text in enumerate(said)]
        world.post(url, [{"stream": stream, "values": values}])
        yield Known(server, url, catalog, lines, now, said)


def _told_by_loki(url: str, log: Path) -> list[str]:
    """A few queries are asked, and what Loki writes about them is taken."""
    queries = ['{service="ryot"}', 'sum(count_over_time({service=~".+"} | json [1h]))']
    for query in queries:
        answer = requests.get(f"{url}/loki/api/v1/query_range", params={"query": query}, timeout=60)
        assert answer.ok, answer.text

    def said() -> list[str]:
        text = log.read_text(errors="replace").splitlines()
        return [line for line in text if loki_lines.MARK in line and "query=" in line]

    until(lambda: len(said()) >= len(queries), 20, "Loki tells of its queries")
    return said()
