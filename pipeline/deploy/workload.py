"""Loki in Kubernetes: its replicas, the ways in to them, and who they are.

Its account has no rights: Loki asks the Kubernetes API nothing, so it gets no token either.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from catalog.artifact import Embedded
from pipeline.deploy import pods
from pipeline.deploy.loki_cluster import DATA, configuration, headless
from pipeline.deploy.target import NAME, Target

Json = dict[str, Any]

CONFIG_MAP = "loki-config"
_CONFIG = "loki.yaml"
_READY = {"path": "/ready", "port": "http"}
#: Answers as long as the process does. A replica that is not ready, since it waits for the ring
#: or reads its write-ahead log, must not be killed for it.
_ALIVE = {"path": "/loki/api/v1/status/buildinfo", "port": "http"}
#: The seed waits 30 s; ten minutes more are for reading a write-ahead log again.
_START_SECONDS, _START_PERIOD, _START_TRIES = 30, 10, 60
#: Time to hand over and to write down what has not been stored.
_END_SECONDS = 300


def config_map(target: Target) -> Json:
    """18-loki-configmap.yaml."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": target.meta(CONFIG_MAP, _labels(target)),
        "data": {_CONFIG: Embedded(configuration(target))},
    }


def objects(target: Target) -> tuple[Json, ...]:
    """18-loki-deployment.yaml."""
    labels = _labels(target)
    return (
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": target.meta("loki", labels),
            "automountServiceAccountToken": False,
        },
        _service(target, headless(target), {"clusterIP": "None", "publishNotReadyAddresses": True}),
        _service(target, target.service, {"type": "ClusterIP"}),
        _load_balancer(target),
        pods.budget(target.meta("loki", labels), selector()),
        _stateful_set(target),
    )


def selector() -> dict[str, str]:
    """What Loki's pods are known by."""
    return {NAME: "loki"}


def _labels(target: Target) -> dict[str, str]:
    return target.labels("loki", target.tree.loki)


def _ports(target: Target) -> dict[str, int]:
    ports = target.component("loki").ports
    return {
        "http": ports["http"],
        "grpc": ports["grpc"],
        "gossip": target.deployment.loki.gossip_port,
    }


def _service(target: Target, name: str, spec: Json) -> Json:
    ports = _ports(target)
    if "publishNotReadyAddresses" not in spec:
        ports.pop("gossip")
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": target.meta(name, _labels(target)),
        "spec": {
            **spec,
            "selector": selector(),
            "ports": [_port(port, number) for port, number in ports.items()],
        },
    }


def _port(name: str, number: int) -> Json:
    return {"name": name, "port": number, "targetPort": name, "protocol": "TCP"}


def _load_balancer(target: Target) -> Json:
    """Local, so that the senders' own addresses arrive, which the network policy names."""
    declared = target.deployment.load_balancer
    meta = target.meta("loki-distributor", _labels(target), annotations=dict(declared.annotations))
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta,
        "spec": {
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Local",
            "loadBalancerSourceRanges": list(declared.source_ranges),
            "selector": selector(),
            "ports": [_port("http", _ports(target)["http"])],
        },
    }


def _stateful_set(target: Target) -> Json:
    declared = target.deployment.loki
    labels = _labels(target)
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": target.meta("loki", labels),
        "spec": {
            "replicas": target.replicas("loki"),
            "serviceName": headless(target),
            "selector": {"matchLabels": selector()},
            "updateStrategy": {"type": "RollingUpdate"},
            "template": {
                "metadata": {
                    "labels": labels,
                    "annotations": {
                        # A replica reads its configuration once, so a new one is a new pod.
                        "checksum/config": _checksum(configuration(target)),
                        **pods.scraped(_ports(target)["http"]),
                    },
                },
                "spec": {
                    "serviceAccountName": "loki",
                    "automountServiceAccountToken": False,
                    "enableServiceLinks": False,
                    "terminationGracePeriodSeconds": _END_SECONDS,
                    "securityContext": pods.pod_security(declared.user),
                    "affinity": pods.apart(selector(), required=True),
                    "containers": [_container(target)],
                    "volumes": [
                        {"name": "config", "configMap": {"name": CONFIG_MAP}},
                        pods.SCRATCH,
                    ],
                },
            },
            "volumeClaimTemplates": [
                {
                    "metadata": {"name": "data"},
                    "spec": {
                        "accessModes": ["ReadWriteOnce"],
                        "storageClassName": target.deployment.storage_class.name,
                        "resources": {"requests": {"storage": declared.volume}},
                    },
                }
            ],
        },
    }


def _container(target: Target) -> Json:
    declared = target.deployment.loki
    return {
        "name": "loki",
        "image": f"{target.deployment.images.loki}:{target.tree.loki}",
        "imagePullPolicy": "IfNotPresent",
        "args": [f"-config.file=/etc/loki/{_CONFIG}", "-target=all"],
        "env": [*_credentials(target), *_tracing(target)],
        "ports": [
            {"name": name, "containerPort": number, "protocol": "TCP"}
            for name, number in _ports(target).items()
        ],
        "startupProbe": {
            "httpGet": _READY,
            "initialDelaySeconds": _START_SECONDS,
            "periodSeconds": _START_PERIOD,
            "failureThreshold": _START_TRIES,
        },
        "readinessProbe": {"httpGet": _READY, "periodSeconds": 10, "failureThreshold": 3},
        "livenessProbe": {
            "httpGet": _ALIVE,
            "periodSeconds": 30,
            "timeoutSeconds": 5,
            "failureThreshold": 4,
        },
        "resources": pods.resources(declared),
        "securityContext": pods.container_security(declared.user),
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/loki", "readOnly": True},
            {"name": "data", "mountPath": DATA},
            pods.SCRATCH_MOUNT,
        ],
    }


def _credentials(target: Target) -> list[Json]:
    """Where the client of S3 looks first; their values are in no file of ours."""
    secret = target.deployment.secrets.object_store
    variables = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": secret.name, "key": key}}}
        for name, key in zip(variables, secret.keys, strict=True)
    ]


def _tracing(target: Target) -> list[Json]:
    """Both releases are told by these variables alone where their spans go."""
    tracing = target.deployment.tracing
    if tracing is None:
        return []
    share = f"{tracing.sampled:g}"
    address = f"{tracing.address}:{tracing.ports[target.tree.span_port]}"
    if target.tree.has_structured_metadata:
        found = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": address,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": share,
        }
    else:
        found = {
            "JAEGER_ENDPOINT": f"{address}/api/traces",
            "JAEGER_SAMPLER_TYPE": "probabilistic",
            "JAEGER_SAMPLER_PARAM": share,
        }
    return [{"name": name, "value": value} for name, value in found.items()]


def _checksum(content: Json) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
