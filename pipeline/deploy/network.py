"""Who may reach whom, and on which port: nothing that is not written here.

The pods of the pipeline are denied everything first; each is then allowed what it needs. What
else runs in the namespace is let be: nobody here knows what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

from catalog.deployment import Pods
from pipeline.deploy import cache, workload
from pipeline.deploy.target import NAME, Target

Json = dict[str, Any]

#: Where a cluster's own Kubernetes keeps the name of each namespace.
_NAMESPACE = "kubernetes.io/metadata.name"
_DNS_PORT = 53


def objects(target: Target) -> tuple[Json, ...]:
    """A policy for each kind of pod, and behind them the one that denies."""
    agent = target.tree.agent_name
    found = [
        _policy(target, "loki", workload.selector(), _into_loki(target), _from_loki(target)),
        _policy(target, agent, {NAME: agent}, _into_agent(target), _from_agent(target)),
    ]
    names = ["loki", agent]
    if target.deployment.memcached is not None:
        found.append(_policy(target, "memcached", cache.selector(), _into_cache(target), []))
        names.append("memcached")
    return (*found, _deny(target, names))


def _into_loki(target: Target) -> list[Json]:
    peers, ports = target.deployment.peers, _loki_ports(target)
    http = _tcp(ports["http"])
    visitors = [
        _ours({NAME: target.tree.agent_name}),
        *(_pods(each) for each in (peers.grafana, peers.alertmanager, peers.prometheus)),
        *_ranges(target, target.deployment.load_balancer.source_ranges),
    ]
    return [
        {"from": visitors, "ports": http},
        {"from": [_ours(workload.selector())], "ports": _tcp(*ports.values())},
    ]


def _from_loki(target: Target) -> list[Json]:
    deployment, peers = target.deployment, target.deployment.peers
    store = deployment.object_store
    found = [
        {"to": [_ours(workload.selector())], "ports": _tcp(*_loki_ports(target).values())},
        {
            "to": [_pods(peers.alertmanager)],
            "ports": _tcp(target.component("alertmanager").ports["http"]),
        },
        {
            "to": [_pods(peers.prometheus)],
            "ports": _tcp(target.component("prometheus").ports["http"]),
        },
        {"to": _ranges(target, store.ranges, store.excluded), "ports": _tcp(store.port)},
        _names(target),
    ]
    if deployment.memcached is not None:
        port = target.component("memcached").ports["memcache"]
        found.append({"to": [_ours(cache.selector())], "ports": _tcp(port)})
    if deployment.tracing is not None and peers.jaeger is not None:
        port = deployment.tracing.ports[target.tree.span_port]
        found.append({"to": [_pods(peers.jaeger)], "ports": _tcp(port)})
    return found


def _into_agent(target: Target) -> list[Json]:
    declared, component = target.deployment, target.component("agent")
    found = []
    if component.metrics_port is not None:
        found.append(
            {"from": [_pods(declared.peers.prometheus)], "ports": _tcp(component.metrics_port)}
        )
    if declared.syslog is not None:
        ports = [{"protocol": "UDP", "port": component.ports["syslog"]}]
        found.append({"from": _ranges(target, declared.syslog.source_ranges), "ports": ports})
    return found


def _from_agent(target: Target) -> list[Json]:
    api = target.deployment.api_server
    return [
        {"to": [_ours(workload.selector())], "ports": _tcp(_loki_ports(target)["http"])},
        {"to": _ranges(target, api.ranges), "ports": _tcp(*api.ports)},
        _names(target),
    ]


def _into_cache(target: Target) -> list[Json]:
    ports = target.component("memcached").ports
    return [
        {"from": [_ours(workload.selector())], "ports": _tcp(ports["memcache"])},
        {"from": [_pods(target.deployment.peers.prometheus)], "ports": _tcp(ports["exporter"])},
    ]


def _loki_ports(target: Target) -> dict[str, int]:
    ports = target.component("loki").ports
    return {
        "http": ports["http"],
        "grpc": ports["grpc"],
        "gossip": target.deployment.loki.gossip_port,
    }


def _names(target: Target) -> Json:
    ports = [{"protocol": protocol, "port": _DNS_PORT} for protocol in ("UDP", "TCP")]
    return {"to": [_pods(target.deployment.peers.dns)], "ports": ports}


def _policy(
    target: Target, name: str, pods: dict[str, str], into: list[Json], out: list[Json]
) -> Json:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": target.meta(f"{name}-network-policy"),
        "spec": {
            "podSelector": {"matchLabels": pods},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": into,
            "egress": out,
        },
    }


def _deny(target: Target, names: list[str]) -> Json:
    chosen = {"matchExpressions": [{"key": NAME, "operator": "In", "values": names}]}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": target.meta(f"{target.catalog.platform.system.id}-logs-default-deny"),
        "spec": {"podSelector": chosen, "policyTypes": ["Ingress", "Egress"]},
    }


def _ours(labels: dict[str, str]) -> Json:
    """Pods of the pipeline's own namespace."""
    return {"podSelector": {"matchLabels": labels}}


def _pods(pods: Pods) -> Json:
    return {
        "namespaceSelector": {"matchLabels": {_NAMESPACE: pods.namespace}},
        "podSelector": {"matchLabels": dict(pods.labels)},
    }


def _ranges(target: Target, ranges: Iterable[str], excluded: tuple[str, ...] = ()) -> list[Json]:
    """Addresses outside the cluster: a pod's own never count, or labels would say nothing."""
    found = []
    for each in ranges:
        spared = [
            less
            for less in (*excluded, *target.deployment.pod_network.ranges)
            if _is_within(less, each)
        ]
        found.append({"ipBlock": {"cidr": each, **({"except": spared} if spared else {})}})
    return found


def _is_within(less: str, more: str) -> bool:
    """Kubernetes refuses an exception that is not a part of its range, and less than all of it."""
    inner, outer = ip_network(less), ip_network(more)
    if inner.version != outer.version or inner == outer:
        return False
    ends = (inner.network_address, inner.broadcast_address)
    return all(end in outer for end in ends)


def _tcp(*ports: int) -> list[Json]:
    return [{"protocol": "TCP", "port": port} for port in ports]
