"""Blocks of the quick start, of upgrading and of training: commands and times of this catalog."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import yaml

import pipeline.registry
from catalog.deployment import Tree
from catalog.model import Catalog
from delivery.guides.blocks import Maker, Page
from delivery.guides.catalog_tables import table
from delivery.render import encode
from simulate.fleet.expected import Due, expected
from simulate.fleet.incidents import KINDS, RefusedError, read

_WITHOUT = "This catalog has no `deployment.yaml`: nothing is generated for a cluster."
_WAITED = ("StatefulSet", "DaemonSet", "Deployment")
#: In which order the numbered files are applied, by a word of their names: what others need first.
_ORDER = ("storage", "secrets", "loki", "")
#: Long enough for any incident to bring all that it can.
_LONG_SECONDS = 86_400


def cluster_start(page: Page) -> str:
    """The commands that put the pipeline up on a cluster, in the tree that is supported."""
    deployment = page.catalog.deployment
    if deployment is None:
        return _WITHOUT
    tree = deployment.trees[-1]
    told = ["<!-- run: cluster -->", "```sh", f"cd generated/deploy/{tree.id}"]
    for files in _steps(page.catalog, tree):
        told.append("kubectl apply " + " ".join(f"-f {name}" for name in files))
        told += [
            f"kubectl rollout status {kind.lower()}/{name} -n {space} --timeout=10m"
            for kind, name, space in _workloads(page.catalog, tree, files)
        ]
    return "\n".join([*told, "```"])


def _steps(catalog: Catalog, tree: Tree) -> Iterator[Sequence[str]]:
    """The numbered files of a tree, those that are applied at once together."""
    found = [
        path.name
        for path in map(PurePosixPath, (each.path for each in pipeline.registry.generate(catalog)))
        if path.parent == PurePosixPath("deploy", tree.id) and re.match(r"\d", path.name)
    ]
    for word in _ORDER:
        step = sorted(name for name in found if word in name)
        found = [name for name in found if name not in step]
        if step:
            yield step


def _workloads(
    catalog: Catalog, tree: Tree, files: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    for artifact in pipeline.registry.generate(catalog):
        path = PurePosixPath(artifact.path)
        if path.parent != PurePosixPath("deploy", tree.id) or path.name not in files:
            continue
        for item in yaml.safe_load_all(encode(artifact)):
            if item["kind"] in _WAITED:
                yield item["kind"], item["metadata"]["name"], item["metadata"]["namespace"]


def releases(page: Page) -> str:
    """What each tree of manifests has."""
    deployment = page.catalog.deployment
    if deployment is None:
        return _WITHOUT
    return table(
        ["Folder", "Loki", "Agent", "Index"],
        [
            (
                f"`generated/deploy/{each.id}`",
                each.loki,
                each.agent,
                "tsdb, after boltdb-shipper" if each.has_structured_metadata else "boltdb-shipper",
            )
            for each in deployment.trees
        ],
    )


def exercises(page: Page) -> str:
    """What each incident has to bring, and after how long at the latest."""
    rows: list[tuple[str, str, str]] = []
    for kind in KINDS:
        due = list(_due(page.catalog, kind))
        for alert in dict.fromkeys(each.alert for each in due):
            own = [each for each in due if each.alert == alert]
            rows.append((f"`{kind}`", _runbook(alert), _after(own)))
    return table(["Incident", "Has to bring", "At the latest after"], rows)


def _due(catalog: Catalog, kind: str) -> Iterator[Due]:
    """Of an incident of that kind at each service in turn, as the endpoint takes it by itself."""
    for service in catalog.services:
        asked = {"kind": kind, "service": service.id, "seconds": _LONG_SECONDS}
        try:
            incident = read(asked, catalog, "exercise", 0.0)
        except RefusedError:
            # Such as a canary, where the catalog speaks of none.
            continue
        yield from expected(catalog, incident).fires


def _runbook(alert: str) -> str:
    return f"[{alert}](runbooks/{alert}.md)"


def _after(due: Sequence[Due]) -> str:
    """The span of all services' times, in minutes."""
    times = sorted(each.seconds for each in due if each.seconds is not None)
    if not times:
        return "when the evidence is enough"
    first, last = (str(math.ceil(seconds / 60)) for seconds in (times[0], times[-1]))
    return f"{last} minutes" if first == last else f"{first} to {last} minutes, by service"


MAKERS: Mapping[str, Maker] = {
    "cluster-start": cluster_start,
    "releases": releases,
    "exercises": exercises,
}
