"""Every file that this package generates."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.artifact import Artifact, Documents
from catalog.model import Catalog
from pipeline.deploy import cache, credentials, helm, loki_single, network, storage, workload
from pipeline.deploy.target import Target


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Loki for one machine, and what Kubernetes is told if the catalog deploys anything."""
    yield from _single(catalog)
    for target in targets(catalog):
        for name, objects in _manifests(target).items():
            path = f"{target.folder}/{name}.yaml"
            yield Artifact(path, Documents(objects), "kubernetes", target.owner)
    for target in targets(catalog)[-1:]:
        for name, values in (("loki", helm.loki_values), ("mimir", helm.mimir_values)):
            path = f"deploy/helm/{name}-distributed.yaml"
            yield Artifact(path, values(target), "helm-values", target.owner)


def targets(catalog: Catalog) -> tuple[Target, ...]:
    """The trees of manifests; none where nothing is deployed."""
    deployment = catalog.deployment
    if deployment is None:
        return ()
    return tuple(Target(catalog, deployment, tree) for tree in deployment.trees)


def _manifests(target: Target) -> dict[str, tuple[object, ...]]:
    """The files by their names of Phase 18E, in the order they are applied in."""
    before = (*storage.objects(target), *cache.objects(target), *network.objects(target))
    return {
        "18-storage-cache-networking": before,
        "18-loki-secrets": credentials.objects(target),
        "18-loki-configmap": (workload.config_map(target),),
        "18-loki-deployment": workload.objects(target),
    }


def _single(catalog: Catalog) -> Iterator[Artifact]:
    deployed = catalog.deployment.environment if catalog.deployment else None
    for environment in catalog.platform.environments:
        for release in catalog.platform.components["loki"].releases:
            if environment.id != deployed:
                yield Artifact(
                    f"deploy/{environment.id}/loki-{release}.yaml",
                    loki_single.configuration(catalog, environment, release),
                    "loki-config",
                    catalog.platform.owner.team,
                )
