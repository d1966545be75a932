"""The log agent with the configuration that ships for a host, tailing the services' files.

Files, state, ports and Loki's address follow from the catalog's copy. Only its listeners are
told apart: on a host they are for others too, here they are on the loopback address.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from catalog.model import Catalog
from delivery.demo.machine import Machine
from delivery.demo.ports import HOST
from delivery.demo.servers import Server
from pipeline.agent import alloy, promtail, sources
from pipeline.agent.sources import Messages, Plan


def reads_files(catalog: Catalog) -> bool:
    """Whether the catalog says how an agent reads files at all."""
    return catalog.agent is not None and catalog.agent.files is not None


def write_config(server: Server, catalog: Catalog, folder: Path, *, structured: bool) -> Path:
    """The agent's file; ``structured`` where the Loki behind it stores structured metadata."""
    plan = _here(_plan(catalog, structured=structured))
    folder.mkdir(parents=True, exist_ok=True)
    if server.kind == "promtail":
        path = folder / "promtail.yaml"
        text = yaml.safe_dump(promtail.configuration(plan), sort_keys=False)
    else:
        path = folder / "config.alloy"
        text = alloy.configuration(plan)
    path.write_text(text, encoding="utf-8")
    return path


def _plan(catalog: Catalog, *, structured: bool) -> Plan:
    environment, agent = catalog.default_environment.id, catalog.agent
    plan = sources.on_host(catalog, agent, environment, structured=structured) if agent else None
    if plan is None:
        raise ValueError("the catalog says of no agent that it reads files")
    return plan


def _here(plan: Plan) -> Plan:
    listening = tuple(
        replace(each, address=f"{HOST}:{each.address.rpartition(':')[2]}")
        if isinstance(each, Messages)
        else each
        for each in plan.sources
    )
    return replace(plan, address=HOST, sources=listening)


def command(server: Server, machine: Machine, config: Path) -> list[str]:
    """As its unit starts it."""
    machine.agent_state.mkdir(parents=True, exist_ok=True)
    if server.kind == "promtail":
        return [server.path, f"-config.file={config}"]
    return [
        server.path,
        "run",
        str(config),
        f"--storage.path={machine.agent_state}",
        f"--server.http.listen-addr={machine.address('agent')}",
        "--disable-reporting",
    ]


def ready_path(server: Server) -> str:
    """Promtail is not ready before it has found its first file, but it answers."""
    return "/metrics" if server.kind == "promtail" else "/-/ready"
