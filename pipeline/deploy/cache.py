"""Memcached in Kubernetes: several of it, each with the exporter that tells of its hits."""

from __future__ import annotations

from typing import Any

from catalog.deployment import MemcachedPod
from catalog.deployment_scalars import amount
from pipeline.deploy import limits, pods
from pipeline.deploy.target import NAME, Target

Json = dict[str, Any]

_CONNECTIONS = 1024


def selector() -> dict[str, str]:
    """What Memcached's pods are known by."""
    return {NAME: "memcached"}


def objects(target: Target) -> tuple[Json, ...]:
    """None where the catalog has no Memcached."""
    declared, images = target.deployment.memcached, target.deployment.images
    if declared is None or images.memcached is None or images.memcached_exporter is None:
        return ()
    labels = target.labels("memcached", images.memcached.rpartition(":")[2])
    ports = target.component("memcached").ports
    named = {"memcache": ports["memcache"], "metrics": ports["exporter"]}
    return (
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": target.meta("memcached", labels),
            "spec": {
                # Loki asks for the address of each, and spreads what it keeps over them.
                "clusterIP": "None",
                "selector": selector(),
                "ports": [
                    {"name": name, "port": port, "targetPort": name, "protocol": "TCP"}
                    for name, port in named.items()
                ],
            },
        },
        pods.budget(target.meta("memcached", labels), selector()),
        {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": target.meta("memcached", labels),
            "spec": {
                "replicas": target.replicas("memcached"),
                "serviceName": "memcached",
                "podManagementPolicy": "Parallel",
                "selector": {"matchLabels": selector()},
                "template": {
                    "metadata": {"labels": labels, "annotations": pods.scraped(named["metrics"])},
                    "spec": {
                        "automountServiceAccountToken": False,
                        "enableServiceLinks": False,
                        "securityContext": pods.pod_security(declared.user),
                        "affinity": pods.apart(selector(), required=False),
                        "containers": [
                            _memcached(declared, images.memcached, named["memcache"]),
                            _exporter(declared, images.memcached_exporter, named),
                        ],
                    },
                },
            },
        },
    )


def _memcached(declared: MemcachedPod, image: str, port: int) -> Json:
    probe = {"tcpSocket": {"port": "memcache"}}
    return {
        "name": "memcached",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": [
            f"--port={port}",
            f"--memory-limit={limits.cache_mebibytes(declared.cache)}",
            f"--max-item-size={int(amount(declared.item))}",
            f"--conn-limit={_CONNECTIONS}",
        ],
        "ports": [{"name": "memcache", "containerPort": port, "protocol": "TCP"}],
        "startupProbe": {**probe, "periodSeconds": 2, "failureThreshold": 15},
        "readinessProbe": {**probe, "periodSeconds": 5},
        "livenessProbe": {**probe, "periodSeconds": 15, "failureThreshold": 4},
        "resources": pods.resources(declared),
        "securityContext": pods.container_security(declared.user),
    }


def _exporter(declared: MemcachedPod, image: str, ports: dict[str, int]) -> Json:
    probe = {"httpGet": {"path": "/metrics", "port": "metrics"}}
    return {
        "name": "exporter",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": [
            f"--memcached.address=127.0.0.1:{ports['memcache']}",
            f"--web.listen-address=:{ports['metrics']}",
        ],
        "ports": [{"name": "metrics", "containerPort": ports["metrics"], "protocol": "TCP"}],
        "startupProbe": {**probe, "periodSeconds": 2, "failureThreshold": 15},
        "readinessProbe": {**probe, "periodSeconds": 10},
        "livenessProbe": {**probe, "periodSeconds": 30, "failureThreshold": 4},
        "resources": pods.resources(declared.exporter),
        "securityContext": pods.container_security(declared.exporter.user),
    }
