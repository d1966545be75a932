"""Loki with the configuration that ships for a machine; its paths are variables there."""

from __future__ import annotations

from pathlib import Path

from catalog.model import Catalog
from delivery.demo.machine import Machine
from delivery.demo.servers import Server
from delivery.demo.shipped import loki_file


def command(server: Server, catalog: Catalog, generated: Path) -> list[str]:
    """The file of the nearest declared release."""
    return [
        server.path,
        f"-config.file={loki_file(catalog, generated, server)}",
        "-config.expand-env=true",
    ]


def variables(machine: Machine, generated: Path) -> dict[str, str]:
    """Where it keeps what it has, and where its rules are."""
    return {
        "LOKI_DATA": str(machine.folder / "loki" / "data"),
        "LOKI_RULES": str(generated / "loki/rules"),
    }
