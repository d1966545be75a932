"""Every file that this package generates."""

from __future__ import annotations

from collections.abc import Iterator

from alerts import logs, platform, routes, service, slo
from alerts.present import rule_file
from catalog.artifact import Artifact
from catalog.model import Catalog

RULES = "prometheus/rules"
LOG_RULES = "loki/rules"


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Rules of each service, then the platform's, then the routes."""
    links = catalog.platform.links
    tenants = sorted({environment.tenant for environment in catalog.platform.environments})
    for each in catalog.services:
        team = each.owner.team
        if each.objectives:
            content = rule_file(slo.groups(catalog, each), links)
            yield Artifact(f"{RULES}/slo-{each.id}.yaml", content, "prometheus-rules", team)
        content = rule_file((service.group(catalog, each),), links)
        yield Artifact(f"{RULES}/service-{each.id}.yaml", content, "prometheus-rules", team)
        content = rule_file(logs.groups(catalog, each), links)
        for tenant in tenants:
            path = f"{LOG_RULES}/{tenant}/{each.id}.yaml"
            yield Artifact(path, content, "loki-rules", team, uid=each.id)
    team = catalog.platform.owner.team
    content = rule_file(platform.groups(catalog), links)
    yield Artifact(f"{RULES}/platform.yaml", content, "prometheus-rules", team)
    configuration = routes.configuration(catalog)
    yield Artifact("alertmanager/alertmanager.yml", configuration, "alertmanager", team)
