"""Every dashboard there is, in the order it is generated."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from catalog.artifact import Artifact
from catalog.model import Catalog
from catalog.service import Service
from dashboards import (
    anomalies,
    canary,
    common,
    dependencies,
    imported,
    imports,
    log_explorer,
    platform,
    service_logs,
    slo_overview,
    slo_service,
    unified,
)
from dashboards.assemble import artifact
from dashboards.spec import Dashboard

#: One dashboard a system.
SYSTEM: tuple[Callable[[Catalog], Dashboard], ...] = (
    unified.build,
    log_explorer.build,
    slo_overview.build,
    anomalies.build,
    dependencies.build,
    canary.build,
    platform.build,
)
#: One dashboard a service.
SERVICE: tuple[Callable[[Catalog, Service], Dashboard], ...] = (
    service_logs.build,
    slo_service.build,
)


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Each dashboard as a file; one without panels (no objective, say) is left out."""
    siblings = common.siblings(catalog)
    for build in SYSTEM:
        dashboard = build(catalog)
        if dashboard.rows:
            yield artifact(dashboard, catalog.prefix, siblings)
    for service in catalog.services:
        links = [*siblings, *common.own_links(catalog.prefix, service)]
        for build_one in SERVICE:
            dashboard = build_one(catalog, service)
            if dashboard.rows:
                yield artifact(dashboard, catalog.prefix, links)
    for build_imported in imports.IMPORTED:
        yield imported.artifact(build_imported(catalog), catalog.prefix)
