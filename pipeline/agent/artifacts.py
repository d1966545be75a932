"""The files of the log agents: in Kubernetes, and for hosts that have log files."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.artifact import Artifact
from catalog.log_agent import AgentName, LogAgent
from catalog.model import Catalog
from pipeline.agent import alloy, manifests, promtail
from pipeline.agent.sources import Plan, in_kubernetes, on_host

#: The seed's manifests, and the same system on releases that are supported.
_TREES: dict[AgentName, str] = {"promtail": "deploy/k8s", "alloy": "deploy/k8s-current"}


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """One set of files for each agent that the catalog runs."""
    agent = catalog.agent
    if agent is None:
        return
    for name in _TREES:
        if any(each.split()[0] == name for each in catalog.platform.components["agent"].releases):
            yield from _in_kubernetes(catalog, agent, name)
            yield from _on_hosts(catalog, agent, name)


def _in_kubernetes(catalog: Catalog, agent: LogAgent, name: AgentName) -> Iterator[Artifact]:
    plan = in_kubernetes(catalog, agent, structured=takes_metadata(catalog, name))
    if plan is None or agent.kubernetes is None:
        return
    daemon, content = agent.kubernetes, _content(name, plan)
    program = manifests.program(name, daemon.state, plan.http_port)
    team = catalog.platform.owner.team
    where = f"{_TREES[name]}/18-{name}"
    config_map = manifests.config_map(program, daemon, content)
    yield Artifact(f"{where}-configmap.yaml", config_map, "kubernetes", team)
    pods = manifests.daemon_set(catalog, program, daemon, agent.images[name], content)
    yield Artifact(f"{where}-daemonset.yaml", pods, "kubernetes", team)


def _on_hosts(catalog: Catalog, agent: LogAgent, name: AgentName) -> Iterator[Artifact]:
    file = {"promtail": "promtail.yaml", "alloy": "config.alloy"}[name]
    for environment in agent.files.environments if agent.files else ():
        plan = on_host(catalog, agent, environment, structured=takes_metadata(catalog, name))
        if plan is not None:
            team = catalog.platform.owner.team
            path = f"deploy/{environment}/{file}"
            yield Artifact(path, _content(name, plan), "agent-config", team)


def _content(name: AgentName, plan: Plan) -> object:
    return promtail.configuration(plan) if name == "promtail" else alloy.configuration(plan)


def takes_metadata(catalog: Catalog, name: AgentName) -> bool:
    """Whether the Loki behind the agent stores structured metadata: 3 does, 2.9 refuses it.

    Promtail writes to the oldest release that is declared, Alloy to the newest.
    """
    releases = catalog.platform.components["loki"].releases
    behind = releases[0] if name == "promtail" else releases[-1]
    return not behind.startswith("2.")
