"""The services' telemetry, live: pages to scrape, lines, spans."""

from __future__ import annotations

from typing import Protocol

from simulate.feed import Feed, Sinks, Target
from simulate.world import World


class Telemetry(Protocol):
    """What runs beside the servers; pages are at their ports from the construction on."""

    targets: list[Target]
    control: str

    def start(self, since: float) -> None:
        """Begin to write lines and spans; up to ``since`` they are told already."""

    def stop(self) -> None:
        """End all of it; may be called twice."""


class Pushed:
    """Lines go to Loki as the agent would hand them on; nothing is written to a file."""

    control = ""

    def __init__(self, world: World, sinks: Sinks, real: frozenset[str]) -> None:
        """``real`` are the components that have pages of their own."""
        self._feed = Feed(world, sinks)
        self.targets = [each for each in self._feed.listen() if each.component not in real]

    def start(self, since: float) -> None:
        """Begin with what was after ``since``."""
        self._feed.start(since)

    def stop(self) -> None:
        """End all of it."""
        self._feed.stop()
