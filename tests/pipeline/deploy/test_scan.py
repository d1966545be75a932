"""The manifests keep the usual rules, and the scan finds each rule that is broken."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.catalog.deployed import deployed
from tests.pipeline.deploy.manifests import TREES, Json, objects, one, shipped
from tests.pipeline.deploy.scan import scan


@pytest.mark.parametrize("tree", TREES)
def test_what_ships_keeps_them(tree: str) -> None:
    found = objects(shipped(), tree)
    assert {each["kind"] for each in found} >= {"StatefulSet", "Service", "PodDisruptionBudget"}
    assert scan(found) == []


def test_so_does_another_system(tmp_path: Path) -> None:
    assert scan(objects(deployed(tmp_path).load(), "current")) == []


def _container(change: Callable[[Json], object]) -> Callable[[list[Json]], object]:
    return lambda found: change(_pod(found)["containers"][0])


def _pod(found: list[Json]) -> Json:
    pod: Json = one(found, "StatefulSet", "loki")["spec"]["template"]["spec"]
    return pod


def _balancer(found: list[Json]) -> Json:
    return one(found, "Service", "loki-distributor")


@pytest.mark.parametrize(
    ("name", "rule", "spoil"),
    [
        (
            "StatefulSet/loki",
            "an image of no release",
            _container(lambda each: each.update(image="grafana/loki")),
        ),
        (
            "StatefulSet/loki",
            "an image of no release",
            _container(lambda each: each.update(image="grafana/loki:latest")),
        ),
        (
            "StatefulSet/loki",
            "an image of no release",
            _container(lambda each: each.update(image="registry:5000/loki")),
        ),
        *(
            (
                "StatefulSet/loki",
                rule,
                _container(
                    lambda each, key=key, value=value: each["securityContext"].update({key: value})
                ),
            )
            for rule, key, value in (
                ("a privileged container", "privileged", True),
                ("a way to more rights", "allowPrivilegeEscalation", True),
                ("a container that can be written", "readOnlyRootFilesystem", False),
                ("root", "runAsNonRoot", False),
                ("root", "runAsUser", 0),
                ("capabilities", "capabilities", {"drop": ["NET_RAW"]}),
            )
        ),
        (
            "StatefulSet/loki",
            "no bounds on what it takes",
            _container(lambda each: each["resources"]["limits"].pop("memory")),
        ),
        (
            "StatefulSet/loki",
            "a probe is missing",
            _container(lambda each: each.pop("livenessProbe")),
        ),
        (
            "StatefulSet/loki",
            "a port of the node",
            _container(lambda each: each["ports"][0].update(hostPort=1)),
        ),
        (
            "StatefulSet/loki",
            "a literal secret",
            _container(
                lambda each: each["env"].append({"name": "AWS_SECRET_ACCESS_KEY", "value": "x"})
            ),
        ),
        *(
            (
                "StatefulSet/loki",
                f"the node's {key}",
                lambda found, key=key: _pod(found).update({key: True}),
            )
            for key in ("hostNetwork", "hostPID", "hostIPC")
        ),
        (
            "StatefulSet/loki",
            "a folder of the node",
            lambda found: _pod(found)["volumes"].append({"name": "x", "hostPath": {"path": "/"}}),
        ),
        (
            "StatefulSet/loki",
            "a token of the Kubernetes API",
            lambda found: _pod(found).pop("automountServiceAccountToken"),
        ),
        (
            "StatefulSet/loki",
            "unlimited system calls",
            lambda found: _pod(found)["securityContext"].pop("seccompProfile"),
        ),
        (
            "StatefulSet/loki",
            "no disruption budget",
            lambda found: found.remove(one(found, "PodDisruptionBudget", "loki")),
        ),
        (
            "Service/loki-distributor",
            "a load balancer for everybody",
            lambda found: _balancer(found)["spec"].pop("loadBalancerSourceRanges"),
        ),
        (
            "Service/loki-distributor",
            "a public load balancer",
            lambda found: _balancer(found)["metadata"].pop("annotations"),
        ),
        (
            "Secret/s",
            "a literal secret",
            lambda found: found.append(
                {"kind": "Secret", "metadata": {"name": "s"}, "stringData": {"token": "x"}}
            ),
        ),
        (
            "ClusterRole/r",
            "a right to everything",
            lambda found: found.append(
                {
                    "kind": "ClusterRole",
                    "metadata": {"name": "r"},
                    "rules": [{"verbs": ["*"], "resources": ["pods"]}],
                }
            ),
        ),
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_is_found(
    name: str, rule: str, spoil: Callable[[list[Json]], object]
) -> None:
    found = copy.deepcopy(objects(shipped(), "k8s"))
    spoil(found)
    assert scan(found) == [f"{name}: {rule}"]
    assert scan(found, frozenset({(rule, name)})) == []
