"""Who may reach whom, as Kubernetes reads NetworkPolicies.

A pod that no policy selects for a direction is open in it; one that some select is reached (or
reaches) by what any of them allows. A connection needs both: its sender's egress and its
receiver's ingress.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class End:
    """One end of a connection: a pod of a namespace, or (without one) an address outside."""

    name: str
    address: str
    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def is_pod(self) -> bool:
        """Whether policies can select it."""
        return bool(self.namespace)


def may_reach(policies: Iterable[Json], sender: End, receiver: End, port: int, how: str) -> bool:
    """Whether a connection to the port (``TCP``, ``UDP``) is let through at both ends."""
    known = list(policies)
    return _lets(known, sender, receiver, port, how, "Egress") and _lets(
        known, receiver, sender, port, how, "Ingress"
    )


def _lets(policies: list[Json], pod: End, other: End, port: int, how: str, direction: str) -> bool:
    if not pod.is_pod:
        return True
    chosen = [
        each
        for each in policies
        if each["metadata"]["namespace"] == pod.namespace
        and direction in _types(each["spec"])
        and _selects(each["spec"]["podSelector"], pod.labels)
    ]
    key, side = ("egress", "to") if direction == "Egress" else ("ingress", "from")
    return not chosen or any(
        _rule_lets(rule, side, each["metadata"]["namespace"], other, port, how)
        for each in chosen
        for rule in each["spec"].get(key) or ()
    )


def _types(spec: Json) -> list[str]:
    return spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def _rule_lets(rule: Json, side: str, namespace: str, other: End, port: int, how: str) -> bool:
    peers, ports = rule.get(side) or [], rule.get("ports") or []
    return (not peers or any(_is(peer, namespace, other) for peer in peers)) and (
        not ports or any(_opens(each, port, how) for each in ports)
    )


def _opens(entry: Json, port: int, how: str) -> bool:
    if entry.get("protocol", "TCP") != how:
        return False
    if "port" not in entry:
        return True
    return bool(entry["port"] <= port <= entry.get("endPort", entry["port"]))


def _is(peer: Json, namespace: str, other: End) -> bool:
    if "ipBlock" in peer:
        block, address = peer["ipBlock"], ip_address(other.address)
        return address in ip_network(block["cidr"]) and not any(
            address in ip_network(each) for each in block.get("except") or ()
        )
    if not other.is_pod:
        return False
    if "namespaceSelector" in peer:
        named = {"kubernetes.io/metadata.name": other.namespace}
        if not _selects(peer["namespaceSelector"], named):
            return False
    elif other.namespace != namespace:
        return False
    return _selects(peer.get("podSelector") or {}, other.labels)


def _selects(selector: Json, labels: dict[str, str]) -> bool:
    return all(
        labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()
    ) and all(_expression(each, labels) for each in selector.get("matchExpressions") or ())


def _expression(entry: Json, labels: dict[str, str]) -> bool:
    key, values = entry["key"], entry.get("values") or []
    return {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }[entry["operator"]]
