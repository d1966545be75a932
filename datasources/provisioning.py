"""Provisioning files: datasources, dashboard providers, and the folders Grafana looks into.

Grafana expands ``$NAME`` and ``${NAME}`` in provisioning files from its environment, and a
name it does not find becomes nothing; ``$$`` stays as one ``$``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog import names
from catalog.artifact import Artifact
from catalog.model import Catalog
from catalog.platform import Environment
from datasources.definitions import datasources

Json = dict[str, Any]

ROOT = "grafana/provisioning"
#: Where a Grafana that mounts generated/grafana/dashboards finds them.
DASHBOARDS = "/var/lib/grafana/dashboards"


def escaped(value: Any) -> Any:
    """The value with each ``$`` doubled, as provisioning files need it."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [escaped(item) for item in value]
    return value


def datasource_files(catalog: Catalog) -> Iterator[Artifact]:
    """The default environment's datasources to mount as they are, the others beside them."""
    default = catalog.default_environment
    yield _datasources(catalog, default, f"{ROOT}/datasources")
    for environment in catalog.platform.environments:
        if environment is not default:
            yield _datasources(
                catalog, environment, f"grafana/environments/{environment.id}/datasources"
            )


def _datasources(catalog: Catalog, environment: Environment, folder: str) -> Artifact:
    return Artifact(
        path=f"{folder}/{catalog.prefix}.yaml",
        content={
            "apiVersion": 1,
            "datasources": escaped(datasources(catalog, environment)),
        },
        kind="datasource",
        owner=catalog.platform.owner.team,
    )


def provider_file(catalog: Catalog, folders_with_dashboards: frozenset[str]) -> Artifact:
    """One provider a folder.

    What is deleted from the folder goes from Grafana too; what is edited in the UI cannot be
    saved over the file, which would come back at the next start.
    """
    providers = [
        {
            "name": f"{catalog.prefix}-{folder.id}",
            "orgId": 1,
            "folder": folder.title,
            "folderUid": names.folder_uid(catalog.prefix, folder.id),
            "type": "file",
            "disableDeletion": False,
            "updateIntervalSeconds": 30,
            "allowUiUpdates": False,
            "options": {"path": f"{DASHBOARDS}/{folder.id}"},
        }
        for folder in catalog.platform.folders
        if folder.id in folders_with_dashboards
    ]
    return Artifact(
        path=f"{ROOT}/dashboards/{catalog.prefix}.yaml",
        content={"apiVersion": 1, "providers": escaped(providers)},
        kind="dashboard-provider",
        owner=catalog.platform.owner.team,
    )


def empty_files(catalog: Catalog) -> Iterator[Artifact]:
    """A valid file that asks for nothing, in each folder that Grafana would miss.

    It logs an error for each that is not there.
    """
    for folder, content in (
        ("alerting", {"apiVersion": 1}),
        ("plugins", {"apiVersion": 1, "apps": []}),
        ("notifiers", {"apiVersion": 1, "notifiers": []}),
    ):
        yield Artifact(
            path=f"{ROOT}/{folder}/{catalog.prefix}.yaml",
            content=content,
            kind="provisioning",
            owner=catalog.platform.owner.team,
        )
