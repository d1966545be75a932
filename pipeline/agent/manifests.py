"""The agents in Kubernetes: one pod a node that reads the node's log files, and no more rights.

What the seed asks for and we do otherwise (positions in a world-writable folder, read access to
nodes and to pods' logs over the API) is told in docs/log-agents.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from catalog.artifact import Documents, Embedded
from catalog.log_agent import AgentName, DaemonSet
from catalog.model import Catalog

Json = dict[str, Any]

_UID = 0
_CONFIG = "config"


@dataclass(frozen=True, slots=True)
class Program:
    """How one of the agents is started, and where it is asked whether it is ready."""

    name: AgentName
    file: str
    folder: str
    arguments: tuple[str, ...]
    ready: str


def program(name: AgentName, state: str, port: int) -> Program:
    """Promtail or Alloy, its positions in ``state``."""
    if name == "promtail":
        path = "/etc/promtail"
        return Program(
            name, "promtail.yaml", path, (f"-config.file={path}/promtail.yaml",), "/ready"
        )
    path = "/etc/alloy"
    arguments = (
        "run",
        f"{path}/config.alloy",
        f"--storage.path={state}",
        f"--server.http.listen-addr=0.0.0.0:{port}",
        "--disable-reporting",
    )
    return Program(name, "config.alloy", path, arguments, "/-/ready")


def config_map(program: Program, daemon: DaemonSet, content: object) -> Json:
    """The configuration as the DaemonSet mounts it."""
    text = content if isinstance(content, str) else Embedded(content)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(program, daemon.namespace, f"{program.name}-config"),
        "data": {program.file: text},
    }


def daemon_set(
    catalog: Catalog, program: Program, daemon: DaemonSet, image: str, content: object
) -> Documents:
    """Account, rights, the pods and the address that syslog is sent to."""
    account = _metadata(program, daemon.namespace)
    # Cluster-wide things have no namespace.
    role = {"name": program.name, "labels": _labels(program)}
    ports = _ports(catalog)
    return Documents(
        (
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": role,
                # Which pods run here and how they are labelled. Their lines are read from files.
                "rules": [
                    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
                ],
            },
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRoleBinding",
                "metadata": role,
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": program.name,
                },
                "subjects": [
                    {
                        "kind": "ServiceAccount",
                        "name": program.name,
                        "namespace": daemon.namespace,
                    }
                ],
            },
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": account,
                "spec": {
                    "selector": {"matchLabels": _selector(program)},
                    # A node without an agent only waits: its files stay.
                    "updateStrategy": {
                        "type": "RollingUpdate",
                        "rollingUpdate": {"maxUnavailable": "10%"},
                    },
                    "template": {
                        "metadata": {
                            "labels": _labels(program),
                            "annotations": _annotations(ports, content),
                        },
                        "spec": _pod(program, daemon, image, ports),
                    },
                },
            },
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": account,
                "spec": {
                    "selector": _selector(program),
                    "ports": [
                        {
                            "name": port["name"],
                            "port": port["containerPort"],
                            "protocol": port["protocol"],
                            "targetPort": port["name"],
                        }
                        for port in ports
                    ],
                },
            },
        )
    )


def _selector(program: Program) -> Json:
    return {"app": program.name}


def _labels(program: Program) -> Json:
    return {
        **_selector(program),
        "app.kubernetes.io/name": program.name,
        "app.kubernetes.io/component": "log-agent",
    }


def _metadata(program: Program, namespace: str, name: str = "") -> Json:
    return {"name": name or program.name, "namespace": namespace, "labels": _labels(program)}


def _ports(catalog: Catalog) -> list[Json]:
    components = catalog.platform.components
    http = components["agent"].metrics_port or components["agent"].ports.get("http")
    found = [{"name": "http", "containerPort": http, "protocol": "TCP"}] if http else []
    if "syslog" in components:
        port = components["syslog"].ports["udp"]
        found.append({"name": "syslog", "containerPort": port, "protocol": "UDP"})
    return found


def _annotations(ports: list[Json], content: object) -> Json:
    """Who scrapes it, and a sum that changes with the configuration, so that pods restart."""
    told = json.dumps(content, sort_keys=True).encode()
    scraped = [str(port["containerPort"]) for port in ports if port["name"] == "http"]
    return {
        **({"prometheus.io/scrape": "true", "prometheus.io/port": scraped[0]} if scraped else {}),
        "checksum/config": hashlib.sha256(told).hexdigest(),
    }


def _pod(program: Program, daemon: DaemonSet, image: str, ports: list[Json]) -> Json:
    mounts = {
        "logs": ("/var/log", True),
        "containers": ("/var/lib/docker/containers", True),
        "machine-id": ("/etc/machine-id", True),
        "state": (daemon.state, False),
    }
    kinds = {"containers": "", "machine-id": "File", "state": "DirectoryOrCreate"}
    return {
        "serviceAccountName": program.name,
        "priorityClassName": daemon.priority_class,
        "tolerations": [{"operator": "Exists"}],
        # Long enough to hand over the batch in hand.
        "terminationGracePeriodSeconds": 30,
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": program.name,
                "image": image,
                "imagePullPolicy": "IfNotPresent",
                "args": list(program.arguments),
                # By the node's name the agent knows which pods are its own.
                "env": [
                    {
                        "name": "HOSTNAME",
                        "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}},
                    }
                ],
                "ports": ports,
                # Alive is what answers at all: an agent that waits for Loki is not to be restarted.
                "startupProbe": _listens(5, 24),
                "readinessProbe": _probe(program.ready, 10, 3),
                "livenessProbe": _listens(20, 6),
                "resources": {
                    "requests": daemon.requests.model_dump(),
                    "limits": daemon.limits.model_dump(),
                },
                # The runtime's files are readable to root alone; root here has no capability.
                "securityContext": {
                    "runAsUser": _UID,
                    "runAsGroup": _UID,
                    "privileged": False,
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [
                    {"name": _CONFIG, "mountPath": program.folder, "readOnly": True},
                    *(
                        {"name": name, "mountPath": path, "readOnly": only}
                        for name, (path, only) in mounts.items()
                    ),
                ],
            }
        ],
        "volumes": [
            {"name": _CONFIG, "configMap": {"name": f"{program.name}-config"}},
            *(
                {
                    "name": name,
                    "hostPath": {
                        "path": path,
                        **({"type": kinds[name]} if kinds.get(name) else {}),
                    },
                }
                for name, (path, _) in mounts.items()
            ),
        ],
    }


def _probe(path: str, period: int, failures: int) -> Json:
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": period,
        "failureThreshold": failures,
    }


def _listens(period: int, failures: int) -> Json:
    return {
        "tcpSocket": {"port": "http"},
        "periodSeconds": period,
        "failureThreshold": failures,
    }
