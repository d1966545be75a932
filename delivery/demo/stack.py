"""What runs, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from catalog.model import Catalog
from delivery.demo.plan import Plan
from delivery.demo.process import Process
from delivery.demo.receiver import Receiver
from simulate.feed import Target


@dataclass
class Stack:
    """The servers by their names; ``urls`` has those that are here.

    ``began`` is when the live part did, in seconds since 1970; ``notes`` say what is not as it
    ships.
    """

    folder: Path
    plan: Plan
    catalog: Catalog
    generated: Path
    urls: dict[str, str]
    targets: list[Target]
    receiver: Receiver
    processes: dict[str, Process] = field(default_factory=dict)
    mounted: bool = False
    control: str = ""
    began: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def grafana(self) -> str:
        """Grafana's address."""
        return self.urls["grafana"]

    def log(self, name: str) -> str:
        """What a server has logged so far."""
        return self.processes[name].log.read_text(errors="replace")
