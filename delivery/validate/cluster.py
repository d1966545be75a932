"""What kubectl tells of a cluster that the manifests were applied to; it is only ever asked.

What is looked for stands in the manifests that ship. Secrets are asked for by name, and never
with what is in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from delivery.validate.judge import NothingToSeeError, Seen, judge, listed
from delivery.validate.kubectl import Json, Kubectl, Manifest, manifests
from delivery.validate.model import Check
from delivery.validate.subset import unlike
from delivery.validate.system import System

_WORKLOADS = frozenset({"DaemonSet", "Deployment", "StatefulSet"})
#: What makes Secrets is one way to have them: the Secrets themselves are looked for.
_OF_SECRETS = frozenset({"ExternalSecret", "Secret"})
_DNS = ("-n", "kube-system", "-l", "k8s-app=kube-dns")


def checks(phase: int, kubectl: Kubectl, system: System) -> Iterator[Check]:
    """What a cluster has to say of a phase."""
    files = manifests(system, kubectl.tree)
    if phase == 1:
        yield from _prerequisites(kubectl, system, files)
    elif phase == 2:
        yield from _objects(kubectl, files)
    elif phase == 3:
        yield from _workloads(kubectl, files)


def _all(files: list[Manifest], *kinds: str) -> Iterator[Json]:
    for file in files:
        yield from (each for each in file.objects if each["kind"] in kinds)


def _at(kubectl: Kubectl, item: Json) -> list[str]:
    """``statefulset loki -n monitoring``, as kubectl takes it."""
    group = item["apiVersion"].rpartition("/")[0]
    kind = item["kind"].lower() + (f".{group}" if "." in group else "")
    space = item["metadata"].get("namespace")
    where = ["-n", kubectl.namespace or space] if space else []
    return [kind, item["metadata"]["name"], *where]


def _prerequisites(kubectl: Kubectl, system: System, files: list[Manifest]) -> Iterator[Check]:
    component = system.catalog.platform.components.get("kubernetes")
    oldest = component.releases[0] if component else "1.24"
    yield judge(
        1,
        "Kubernetes is of a supported release",
        kubectl.line("version", "-o", "json"),
        f"{oldest} or newer",
        lambda: _version(kubectl, oldest),
    )
    yield judge(
        1,
        "Names are resolved",
        kubectl.line("get", "pods", *_DNS),
        "at least one pod of DNS is ready",
        lambda: _dns(kubectl),
    )
    spaces = {each["metadata"].get("namespace") for file in files for each in file.objects}
    for space in sorted(kubectl.namespace or each for each in spaces if each):
        yield _there(kubectl, 1, f"Namespace {space}", ["namespace", space])
    for item in _all(files, "StorageClass"):
        yield _there(kubectl, 1, f"StorageClass {item['metadata']['name']}", _at(kubectl, item))
    for space, name in sorted(_secrets(kubectl, files)):
        yield _there(kubectl, 1, f"Secret {name}", ["secret", name, "-n", space])


def _version(kubectl: Kubectl, oldest: str) -> Seen:
    told = kubectl.json("version") or {}
    server = str(told["serverVersion"]["gitVersion"])
    return server, _numbers(server) >= _numbers(oldest)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in re.findall(r"\d+", version)[:2])


def _dns(kubectl: Kubectl) -> Seen:
    found = kubectl.json("get", "pods", *_DNS) or {}
    pods = found.get("items", [])
    ready = [each for each in pods if _is_ready(each)]
    return f"{len(ready)} of {len(pods)} pods ready", bool(ready)


def _is_ready(pod: Json) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _there(kubectl: Kubectl, phase: int, title: str, what: list[str]) -> Check:
    arguments = ("get", *what, "-o", "name")
    return judge(
        phase,
        f"{title} is there",
        kubectl.line(*arguments),
        "it is there",
        lambda: ("missing", False) if kubectl.ask(*arguments) is None else ("it is there", True),
    )


def _secrets(kubectl: Kubectl, files: list[Manifest]) -> set[tuple[str, str]]:
    """Namespace and name of every Secret that pods need."""
    found = set()
    for item in _all(files, *_WORKLOADS):
        space = kubectl.namespace or item["metadata"].get("namespace", "default")
        for reference in _references(item["spec"]["template"]["spec"]):
            found.add((space, reference))
    for item in _all(files, "ExternalSecret"):
        space = kubectl.namespace or item["metadata"].get("namespace", "default")
        found.add((space, str(item["spec"]["target"]["name"])))
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in {"secretKeyRef", "secretRef", "secret"} and isinstance(each, dict):
                name = each.get("name") or each.get("secretName")
                if name and not each.get("optional"):
                    yield str(name)
            else:
                yield from _references(each)


def _objects(kubectl: Kubectl, files: list[Manifest]) -> Iterator[Check]:
    for file in files:
        wanted = [each for each in file.objects if each["kind"] not in _OF_SECRETS]
        if wanted:
            yield judge(
                2,
                f"{PurePosixPath(file.path).name} is applied as it ships",
                kubectl.line("get", "-f", f"generated/{file.path}", "-o", "yaml"),
                f"{len(wanted)} objects as in the file",
                partial(_applied, kubectl, wanted),
            )


def _applied(kubectl: Kubectl, wanted: list[Json]) -> Seen:
    odd = []
    for item in wanted:
        name = f"{item['kind']} {item['metadata']['name']}"
        there = kubectl.json("get", *_at(kubectl, item))
        if there is None:
            odd.append(f"{name} is missing")
        elif where := unlike(_stated(item), there):
            odd.append(f"{name} differs at {where}")
    return listed(odd, f"{len(wanted)} objects are as in the file"), not odd


def _stated(item: Json) -> Json:
    """What an object says of itself: a server tells it in the version that it prefers."""
    meta = {key: item["metadata"][key] for key in ("labels",) if key in item["metadata"]}
    rest = {
        key: value for key, value in item.items() if key not in {"apiVersion", "metadata", "status"}
    }
    return {**rest, "metadata": meta}


def _workloads(kubectl: Kubectl, files: list[Manifest]) -> Iterator[Check]:
    states: Mapping[str, Callable[[Json], Seen]] = {
        "DaemonSet": _daemons,
        "Deployment": _replicas,
        "StatefulSet": _replicas,
    }
    for item in _all(files, *_WORKLOADS):
        arguments = ("get", *_at(kubectl, item))
        wanted = item["spec"].get("replicas", 1)
        expected = "ready on every node" if item["kind"] == "DaemonSet" else f"{wanted} ready"
        yield judge(
            3,
            f"{item['kind']} {item['metadata']['name']} runs",
            kubectl.line(*arguments),
            expected,
            partial(_state, kubectl, arguments, states[item["kind"]]),
        )
    for item in _all(files, "Service"):
        if item["spec"].get("selector"):
            what = ["endpoints", *_at(kubectl, item)[1:]]
            yield judge(
                3,
                f"Service {item['metadata']['name']} leads to pods",
                kubectl.line("get", *what),
                "at least one address",
                partial(_state, kubectl, ("get", *what), _addresses),
            )
    for item in _all(files, "ClusterRoleBinding", "RoleBinding"):
        for subject in item.get("subjects", ()):
            space = kubectl.namespace or subject.get("namespace", "default")
            title = f"Account {subject['name']} of {item['kind']} {item['metadata']['name']}"
            what = [subject["kind"].lower(), subject["name"], "-n", space]
            yield _there(kubectl, 3, title, what)
    for item in _all(files, "StatefulSet"):
        if item["spec"].get("volumeClaimTemplates"):
            space = kubectl.namespace or item["metadata"].get("namespace", "default")
            labels = item["spec"]["selector"]["matchLabels"]
            chosen = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
            what = ["pvc", "-n", space, "-l", chosen]
            yield judge(
                3,
                f"Volumes of StatefulSet {item['metadata']['name']} are bound",
                kubectl.line("get", *what),
                f"{item['spec'].get('replicas', 1)} bound",
                partial(_volumes, kubectl, what, int(item["spec"].get("replicas", 1))),
            )


def _state(kubectl: Kubectl, arguments: tuple[str, ...], told: Callable[[Json], Seen]) -> Seen:
    there = kubectl.json(*arguments)
    return ("missing", False) if there is None else told(there)


def _replicas(item: Json) -> Seen:
    """As the live object wants it: somebody may have scaled it, which phase 2 tells."""
    wanted = int(item["spec"].get("replicas", 1))
    status = item.get("status", {})
    ready, new = int(status.get("readyReplicas", 0)), int(status.get("updatedReplicas", 0))
    told = f"{ready} of {wanted} ready, {new} of this release"
    return told, wanted > 0 and ready >= wanted and new >= wanted


def _daemons(item: Json) -> Seen:
    status = item.get("status", {})
    wanted, ready = int(status["desiredNumberScheduled"]), int(status.get("numberReady", 0))
    return f"{ready} of {wanted} nodes", wanted > 0 and ready >= wanted


def _addresses(item: Json) -> Seen:
    found = [each for part in item.get("subsets", ()) for each in part.get("addresses", ())]
    return f"{len(found)} addresses", bool(found)


def _volumes(kubectl: Kubectl, what: list[str], wanted: int) -> Seen:
    found = (kubectl.json("get", *what) or {}).get("items", [])
    if not found:
        raise NothingToSeeError("no claim carries the labels of its pods")
    bound = [each for each in found if each["status"].get("phase") == "Bound"]
    return f"{len(bound)} of {len(found)} bound", len(bound) >= max(wanted, len(found))
