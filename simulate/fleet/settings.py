"""What a service's process is told when it starts, as a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from catalog.load import load_catalog
from simulate.exposition import Agent
from simulate.feed import Sinks
from simulate.world import World


@dataclass(frozen=True, slots=True)
class Settings:
    """One service of a world. ``ports`` are those of every pod of all services."""

    catalog: str
    environment: str
    start: float
    seed: int
    scale: float
    bad_canaries: tuple[str, ...]
    service: str
    ports: Mapping[str, int]
    control: int
    logs: str
    otlp: str | None
    push: Sinks | None
    agent: Agent

    def write(self, path: Path) -> None:
        """For the process to read."""
        path.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Settings:
        """What was written."""
        told = json.loads(path.read_text(encoding="utf-8"))
        told["bad_canaries"] = tuple(told["bad_canaries"])
        told["push"] = Sinks(**told["push"]) if told["push"] else None
        return cls(**told)

    def world(self, *also_bad: str) -> World:
        """The world it is a part of; the canaries of the services named are bad on top."""
        catalog = load_catalog(Path(self.catalog))
        environment = next(
            each for each in catalog.platform.environments if each.id == self.environment
        )
        bad = frozenset({*self.bad_canaries, *also_bad})
        return World(catalog, environment, self.start, self.seed, self.scale, bad)
