"""Each object is one that Kubernetes of its tree knows: no field more, none of another type."""

from __future__ import annotations

import os
from types import ModuleType

import pytest

from tests.pipeline.deploy.manifests import TREES, objects, one, shipped

#: Kinds of operators, which Kubernetes itself has no schema of.
FOREIGN = {"ExternalSecret"}


@pytest.fixture(scope="module")
def kubernetes() -> ModuleType:
    if os.environ.get("CI"):
        import kubernetes_validate
    else:
        kubernetes_validate = pytest.importorskip("kubernetes_validate")
    return kubernetes_validate


def versions(kubernetes: ModuleType, tree: str) -> list[str]:
    """The version that the tree names, and the newest that there is a schema of."""
    deployment = shipped().deployment
    assert deployment
    [named] = [each.kubernetes for each in deployment.trees if each.id == tree]
    return [f"{named}.0", kubernetes.latest_version()]


@pytest.mark.parametrize("tree", TREES)
def test_every_object_is_known(tree: str, kubernetes: ModuleType) -> None:
    asked = [each for each in objects(shipped(), tree) if each["kind"] not in FOREIGN]
    assert len(asked) >= 14
    for version in versions(kubernetes, tree):
        for each in asked:
            kubernetes.validate(each, version, strict=True)


def test_a_misspelt_field_is_found(kubernetes: ModuleType) -> None:
    found = one(objects(shipped(), "k8s"), "StatefulSet", "loki")
    found["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    with pytest.raises(kubernetes.ValidationError):
        kubernetes.validate(found, "1.24.0", strict=True)


def test_a_wrong_type_is_found(kubernetes: ModuleType) -> None:
    found = one(objects(shipped(), "k8s"), "StatefulSet", "loki")
    found["spec"]["replicas"] = "3"
    with pytest.raises(kubernetes.ValidationError):
        kubernetes.validate(found, "1.24.0", strict=True)
