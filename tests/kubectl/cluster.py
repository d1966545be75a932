"""What a cluster holds once the manifests that ship are applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from catalog.deployment import Pods
from catalog.model import Catalog

Json = dict[str, Any]
#: Where manifests lie. Of generated/deploy/helm only the chart knows what comes of it.
FOLDERS = ("generated/deploy/k8s", "generated/deploy/k8s-current", "generated/deploy/argo-rollouts",
           "examples/kubernetes")  # fmt: skip
WORKLOADS = frozenset({"DaemonSet", "Deployment", "StatefulSet", "Rollout"})


@dataclass(frozen=True)
class Thing:
    """An object. ``containers`` and ``ports`` are those of its pods, or a Service's own."""

    kind: str
    name: str
    namespace: str | None
    labels: Mapping[str, str] = field(default_factory=dict)
    containers: tuple[str, ...] = ()
    ports: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()


def documents(path: Path) -> Iterator[Json]:
    """The objects of a manifest."""
    for each in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        if isinstance(each, dict) and "kind" in each:
            yield each


def things(root: Path, catalog: Catalog) -> list[Thing]:
    """Every object that the manifests make, and what comes with them.

    Of each service of the catalog there is a workload named after its ``app``, and pods of it.
    """
    found = [
        thing
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*.yaml"))
        for each in documents(path)
        for thing in _of(each)
    ]
    for service in catalog.services:
        app, space = service.workload.app, service.workload.namespace
        ports = frozenset({str(service.workload.metrics_port)})
        labels = {"app": app}
        found += [
            Thing("Deployment", app, space, labels, (app,), ports),
            Thing("Pod", f"{app}-*", space, labels, (app,), ports),
            Thing("Service", app, space, labels, (), ports),
        ]
    # What is in the cluster already has the labels that deployment.yaml says; what its pods are
    # called only it knows, so that no other pod is named so.
    for name, peer in catalog.deployment.peers if catalog.deployment else ():
        if isinstance(peer, Pods):
            found.append(Thing("Pod", f"({name})", peer.namespace, peer.labels))
    spaces = sorted({each.namespace for each in found if each.namespace})
    return [*found, *(Thing("Namespace", space, None) for space in spaces)]


def _of(item: Json) -> Iterator[Thing]:
    kind, meta, spec = item["kind"], item["metadata"], item.get("spec") or {}
    name, space, labels = meta["name"], meta.get("namespace"), meta.get("labels") or {}
    ports: Sequence[Json] = ()
    containers: tuple[str, ...] = ()
    template = spec.get("template") or {}
    if kind in WORKLOADS and "spec" in template:
        parts = [*template["spec"]["containers"], *template["spec"].get("initContainers", ())]
        containers = tuple(each["name"] for each in parts)
        ports = [port for each in parts for port in each.get("ports", ())]
    elif kind == "Service":
        ports = spec["ports"]
    numbers = frozenset(
        str(port[key]) for port in ports for key in ("containerPort", "port", "name") if key in port
    )
    yield Thing(kind, name, space, labels, containers, numbers)
    if kind == "Service":
        yield Thing("Endpoints", name, space, labels)
    if kind == "ExternalSecret":
        keys = tuple(each["secretKey"] for each in spec.get("data", ()))
        yield Thing("Secret", spec["target"]["name"], space, {}, (), frozenset(), keys)
    if containers:
        own = template["metadata"].get("labels") or {}
        yield from _pods(kind, name, space, own, containers, numbers, spec)


def _pods(
    kind: str,
    name: str,
    space: str | None,
    labels: Mapping[str, str],
    containers: tuple[str, ...],
    ports: frozenset[str],
    spec: Json,
) -> Iterator[Thing]:
    """Those of a StatefulSet have names of their own, and volumes; others any name."""
    numbered = range(spec.get("replicas", 1)) if kind == "StatefulSet" else ["*"]
    for number in numbered:
        yield Thing("Pod", f"{name}-{number}", space, labels, containers, ports)
        for claim in spec.get("volumeClaimTemplates", ()):
            volume = f"{claim['metadata']['name']}-{name}-{number}"
            yield Thing("PersistentVolumeClaim", volume, space, spec["selector"]["matchLabels"])
