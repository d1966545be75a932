"""What a careful reader of manifests asks of every pod, each rule by name.

``exempt`` names (rule, object) pairs that are meant, as an agent's mounts of its node are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Json = dict[str, Any]

_SHARED = ("hostNetwork", "hostPID", "hostIPC")
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


def scan(objects: Iterable[Json], exempt: frozenset[tuple[str, str]] = frozenset()) -> list[str]:
    """``Kind/name: rule`` of each rule that an object breaks."""
    known = list(objects)
    found = [
        (rule, f"{each['kind']}/{each['metadata']['name']}")
        for each in known
        for rule in (*_of_object(each), *_of_pods(each, known))
    ]
    return [f"{name}: {rule}" for rule, name in found if (rule, name) not in exempt]


def _of_object(each: Json) -> Iterator[str]:
    if each["kind"] == "Secret" and (each.get("data") or each.get("stringData")):
        yield "a literal secret"
    if each["kind"] in {"Role", "ClusterRole"}:
        for rule in each.get("rules") or ():
            if "*" in (*rule.get("verbs", ()), *rule.get("resources", ())):
                yield "a right to everything"
    if each["kind"] == "Service" and each["spec"].get("type") == "LoadBalancer":
        if not each["spec"].get("loadBalancerSourceRanges"):
            yield "a load balancer for everybody"
        if "internal" not in " ".join(each["metadata"].get("annotations") or {}):
            yield "a public load balancer"
    if each["kind"] == "Service" and each["spec"].get("type") == "NodePort":
        yield "a port of every node"


def _of_pods(each: Json, known: list[Json]) -> Iterator[str]:
    template = (each.get("spec") or {}).get("template")
    if each["kind"] not in {"StatefulSet", "Deployment", "DaemonSet"} or not template:
        return
    spec = template["spec"]
    yield from (f"the node's {key}" for key in _SHARED if spec.get(key))
    if any("hostPath" in volume for volume in spec.get("volumes") or ()):
        yield "a folder of the node"
    if spec.get("automountServiceAccountToken") is not False:
        yield "a token of the Kubernetes API"
    if (spec.get("securityContext") or {}).get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "unlimited system calls"
    labels = template["metadata"]["labels"]
    if each["spec"]["selector"]["matchLabels"].items() > labels.items():
        yield "a selector that misses its pods"
    if each["kind"] != "DaemonSet" and not any(
        other["kind"] == "PodDisruptionBudget"
        and other["spec"]["selector"]["matchLabels"].items() <= labels.items()
        for other in known
    ):
        yield "no disruption budget"
    for container in (*spec["containers"], *(spec.get("initContainers") or ())):
        yield from _of_container(container, init=container not in spec["containers"])


def _of_container(container: Json, *, init: bool) -> Iterator[str]:
    security = container.get("securityContext") or {}
    repository, _, tag = container["image"].rpartition(":")
    if not repository or tag == "latest" or "/" in tag:
        yield "an image of no release"
    if security.get("privileged"):
        yield "a privileged container"
    if security.get("allowPrivilegeEscalation") is not False:
        yield "a way to more rights"
    if security.get("readOnlyRootFilesystem") is not True:
        yield "a container that can be written"
    if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
        yield "root"
    if (security.get("capabilities") or {}).get("drop") != ["ALL"]:
        yield "capabilities"
    resources = container.get("resources") or {}
    if any(
        not (resources.get(side) or {}).get(what)
        for side in ("requests", "limits")
        for what in ("cpu", "memory")
    ):
        yield "no bounds on what it takes"
    if not init and any(probe not in container for probe in _PROBES):
        yield "a probe is missing"
    if any("hostPort" in port for port in container.get("ports") or ()):
        yield "a port of the node"
    if any(_secret(each) for each in container.get("env") or ()):
        yield "a literal secret"


def _secret(variable: Json) -> bool:
    words = ("SECRET", "PASSWORD", "TOKEN", "ACCESS_KEY")
    return "value" in variable and any(word in variable["name"] for word in words)
