"""Faults between deployment.yaml and what the platform says of its servers and environments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from catalog.deployment import Deployment, Tree
from catalog.faults import Fault
from catalog.platform import Platform
from catalog.signals import one_of
from catalog.yaml_file import Location

FILE = "deployment.yaml"
#: ``loki.monitoring.svc.cluster.local``: the Service and its namespace.
SERVICE_HOST = re.compile(r"([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?")
#: The ports that manifests and network policies name.
_PORTS: dict[str, tuple[str, ...]] = {
    "alertmanager": ("http",),
    "loki": ("http", "grpc"),
    "memcached": ("memcache", "exporter"),
    "prometheus": ("http",),
}


def deployment_faults(deployment: Deployment, platform: Platform) -> Iterator[Fault]:
    """What could not be deployed as it stands."""
    yield from _environment(deployment, platform)
    ids = [tree.id for tree in deployment.trees]
    for index, tree in enumerate(deployment.trees):
        where: Location = ("trees", index)
        if tree.id in ids[:index]:
            yield _fault(
                (*where, "id"), f"a tree above has the id '{tree.id}' already", "Choose another id"
            )
        yield from _releases(tree, where, platform)
        yield from _traced(tree, where, deployment)
    yield from _ports(platform)
    yield from _parts(deployment, platform)


def _environment(deployment: Deployment, platform: Platform) -> Iterator[Fault]:
    known = {each.id: each for each in platform.environments}
    where: Location = ("environment",)
    chosen = known.get(deployment.environment)
    if chosen is None:
        yield _fault(
            where,
            f"there is no environment '{deployment.environment}'",
            one_of(deployment.environment, known),
        )
        return
    address = chosen.addresses.get("loki", "")
    if SERVICE_HOST.fullmatch(urlsplit(address).hostname or "") is None:
        yield _fault(
            where,
            f"'{chosen.id}' reaches Loki at {address}, which is no Service of Kubernetes",
            "Name an environment whose address of 'loki' is like http://loki.monitoring.svc:3100",
        )


def _releases(tree: Tree, where: Location, platform: Platform) -> Iterator[Fault]:
    for component, key in (("loki", tree.loki), ("agent", tree.agent)):
        declared = next(
            (each for name, each in platform.components.items() if name == component), None
        )
        if declared is not None and key not in declared.releases:
            yield _fault(
                (*where, component),
                f"platform.yaml has no release '{key}' of '{component}'",
                one_of(key, declared.releases),
            )


def _traced(tree: Tree, where: Location, deployment: Deployment) -> Iterator[Fault]:
    tracing = deployment.tracing
    wanted = tree.span_port
    if tracing is not None and wanted not in tracing.ports:
        yield _fault(
            ("tracing", "ports"),
            f"Loki {tree.loki} of the tree '{tree.id}' sends its spans to the port '{wanted}'",
            f"Add '{wanted}: PORT'",
        )


def _ports(platform: Platform) -> Iterator[Fault]:
    for component, declared in platform.components.items():
        for port in _PORTS.get(component, ()):
            if port not in declared.ports:
                yield Fault(
                    ("components", component, "ports"),
                    f"the port '{port}' is missing, and deployment.yaml opens it",
                    f"Add '{port}: PORT'",
                )


def _parts(deployment: Deployment, platform: Platform) -> Iterator[Fault]:
    """What is there because another part is."""
    has = platform.components
    agent = has.get("agent")
    wanted = {
        ("memcached",): ("memcached" in has, deployment.memcached, "'memcached' is a component"),
        ("images", "memcached"): (
            "memcached" in has,
            deployment.images.memcached,
            "'memcached' is a component",
        ),
        ("images", "memcached_exporter"): (
            "memcached" in has,
            deployment.images.memcached_exporter,
            "'memcached' is a component",
        ),
        ("tracing",): ("jaeger" in has, deployment.tracing, "'jaeger' is a component"),
        ("peers", "jaeger"): ("jaeger" in has, deployment.peers.jaeger, "'jaeger' is a component"),
        ("syslog",): (
            agent is not None and "syslog" in agent.ports,
            deployment.syslog,
            "the agent has a port 'syslog'",
        ),
    }
    for where, (needed, given, because) in wanted.items():
        name = ".".join(where)
        if needed and given is None:
            yield _fault(where, f"the key '{name}' is missing", f"Add it: {because}")
        if not needed and given is not None:
            yield _fault(
                where, f"'{name}' is for nothing", f"Remove it, or see to it that {because}"
            )


def _fault(location: Location, fault: str, remedy: str) -> Fault:
    return Fault(location, fault, remedy, file=FILE)
