"""What every pod of ours has: bounds on what it takes, and nothing it does not need."""

from __future__ import annotations

from typing import Any

from catalog.deployment import Container

Json = dict[str, Any]

#: A writable place where the rest of the container cannot be written.
SCRATCH: Json = {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}}
SCRATCH_MOUNT: Json = {"name": "tmp", "mountPath": "/tmp"}  # noqa: S108 - the container's own


def pod_security(user: int) -> Json:
    """A user who is not root, with a volume of its own; only the usual system calls."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security(user: int) -> Json:
    """No way to more rights, and no writing but to what is mounted."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def resources(container: Container) -> Json:
    """What it asks for, and the most that it gets."""
    return {
        "requests": {"cpu": container.requests.cpu, "memory": container.requests.memory},
        "limits": {"cpu": container.limits.cpu, "memory": container.limits.memory},
    }


def apart(labels: dict[str, str], *, required: bool) -> Json:
    """Each pod on a node of its own, always or where it can be had."""
    term = {"labelSelector": {"matchLabels": labels}, "topologyKey": "kubernetes.io/hostname"}
    if required:
        return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    preferred = {"weight": 100, "podAffinityTerm": term}
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [preferred]}}


def scraped(port: int) -> dict[str, str]:
    """The annotations by which a Prometheus that discovers pods finds this one."""
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(port),
        "prometheus.io/path": "/metrics",
    }


def budget(meta: Json, labels: dict[str, str]) -> Json:
    """Who drains a node takes one pod at a time."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": meta,
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels}},
    }
