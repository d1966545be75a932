"""Everything Grafana is provisioned with, but the dashboards themselves."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.artifact import Artifact
from catalog.model import Catalog
from datasources.folders import folder_file
from datasources.provisioning import datasource_files, empty_files, provider_file


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Datasources, dashboard providers, folders, and what keeps other files from being missed."""
    yield from datasource_files(catalog)
    used = folders_in_use(catalog)
    yield provider_file(catalog, used)
    yield folder_file(catalog, used)
    yield from empty_files(catalog)


def folders_in_use(catalog: Catalog) -> frozenset[str]:
    """The folders that get a dashboard: a provider of an empty one logs an error."""
    platform = catalog.platform
    used = {platform.folder("overview").id, platform.folder("platform").id}
    used |= {service.folder or platform.folder("logs").id for service in catalog.services}
    if catalog.has_objectives:
        used.add(platform.folder("slo").id)
    return frozenset(used)
