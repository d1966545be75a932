"""What mounts our own dashboards and rules in Kubernetes.

It wraps the files that are generated anyway, so it stands here, where all of them pass: Grafana's
sidecar reads ConfigMaps, Prometheus' operator PrometheusRules. One object a file: each stays
below what an object may hold, and below the quarter of that which ``kubectl apply`` can take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from catalog.artifact import Artifact
from catalog.errors import CatalogError, Problem
from catalog.model import Catalog
from delivery.render import json_text
from pipeline.deploy.registry import targets
from pipeline.deploy.target import PART_OF, Target

Json = dict[str, Any]
#: The folder of a tree, and the object in it.
Wrap = Callable[[Target, Artifact], tuple[str, Json]]
Generate = Callable[[Catalog], Iterator[Artifact]]

#: etcd's limit for an object, less what stands around the data.
MOST_BYTES = 2**20 - 2**14
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9.-]+")


def mounting(generate: Generate) -> Generate:
    """The generator, which after each of its files makes what mounts it in each tree."""
    return lambda catalog: with_mounts(catalog, generate(catalog))


def with_mounts(catalog: Catalog, produced: Iterable[Artifact]) -> Iterator[Artifact]:
    """Each artifact, and after it what mounts it in each tree."""
    trees = targets(catalog)
    for artifact in produced:
        yield artifact
        wrap = _WRAPS.get(artifact.kind)
        if wrap is not None:
            yield from (_mounted(wrap, target, artifact) for target in trees)


def _mounted(wrap: Wrap, target: Target, artifact: Artifact) -> Artifact:
    folder, content = wrap(target, artifact)
    path = f"{target.folder}/{folder}/{PurePosixPath(artifact.path).stem}.yaml"
    return Artifact(path, content, "kubernetes", artifact.owner)


def _config_map(target: Target, artifact: Artifact) -> tuple[str, Json]:
    """A dashboard for the sidecar, in the folder of Grafana's that it is in."""
    path = PurePosixPath(artifact.path)
    text = json_text(artifact.content)
    if len(text.encode()) > MOST_BYTES:
        raise CatalogError(
            Problem(
                artifact.path,
                f"it has {len(text.encode())} bytes, and a ConfigMap holds {MOST_BYTES}",
                "Make two dashboards of it",
            )
        )
    mounts = target.deployment.mounts
    titles = {folder.id: folder.title for folder in target.catalog.platform.folders}
    meta = target.meta(
        _name("dashboard", path.stem),
        {mounts.dashboard_label: "1", PART_OF: target.catalog.prefix},
        annotations={mounts.folder_annotation: titles.get(path.parent.name, path.parent.name)},
    )
    return "dashboards", {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": meta,
        "data": {path.name: text},
    }


def _prometheus_rule(target: Target, artifact: Artifact) -> tuple[str, Json]:
    mounts = target.deployment.mounts
    stem = PurePosixPath(artifact.path).stem
    labels = {**mounts.rule_labels, PART_OF: target.catalog.prefix}
    return "prometheus-rules", {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": target.meta(_name(target.catalog.prefix, stem), labels),
        "spec": artifact.content,
    }


def _name(*parts: str) -> str:
    """As Kubernetes takes it: lower case, digits, hyphens and dots."""
    return _NOT_IN_A_NAME.sub("-", "-".join(parts).lower()).strip("-.")


_WRAPS: dict[str, Wrap] = {"dashboard": _config_map, "prometheus-rules": _prometheus_rule}
