"""The agents' manifests keep the same rules, but for those that nobody could read logs with."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from delivery.render import encode
from pipeline.agent import artifacts
from tests.pipeline.deploy.manifests import TREES, shipped
from tests.pipeline.deploy.scan import scan
from tests.pipeline.deploy.test_schemas import kubernetes, versions

__all__ = ["kubernetes"]

Json = dict[str, Any]
#: An agent reads its node's files, which are root's, and asks for the pods that write them.
MEANT = ("a folder of the node", "a token of the Kubernetes API", "root")


def objects(tree: str) -> list[Json]:
    return [
        document
        for artifact in artifacts.generate(shipped())
        if artifact.path.startswith(f"deploy/{tree}/")
        for document in yaml.safe_load_all(encode(artifact))
    ]


@pytest.mark.parametrize("tree", TREES)
def test_what_ships_keeps_the_rules(tree: str) -> None:
    meant = {f"DaemonSet/{TREES[tree]}: {rule}" for rule in MEANT}
    assert {each["kind"] for each in objects(tree)} >= {"ConfigMap", "DaemonSet", "ClusterRole"}
    assert set(scan(objects(tree))) == meant


@pytest.mark.parametrize("tree", TREES)
def test_every_object_is_known(tree: str, kubernetes: Any) -> None:
    for version in versions(kubernetes, tree):
        for each in objects(tree):
            kubernetes.validate(each, version, strict=True)
