"""Every file that this package generates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alerts import canary, canary_rollout, logs, platform, routes, service, slo
from alerts.model import Group
from alerts.present import accepted, rule_file
from catalog.artifact import Artifact, Kind
from catalog.model import Catalog
from catalog.platform import Links

RULES = "prometheus/rules"
LOG_RULES = "loki/rules"


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Rules of each service, then the platform's, then the routes."""
    links = catalog.platform.links
    tenants = sorted({environment.tenant for environment in catalog.platform.environments})
    for each in catalog.services:
        team = each.owner.team
        if each.objectives:
            groups = slo.groups(catalog, each)
            yield _rules(f"{RULES}/slo-{each.id}.yaml", groups, "prometheus-rules", team, links)
        groups = (service.group(catalog, each),)
        yield _rules(f"{RULES}/service-{each.id}.yaml", groups, "prometheus-rules", team, links)
        groups = canary.groups(catalog, each)
        if groups:
            yield _rules(f"{RULES}/canary-{each.id}.yaml", groups, "prometheus-rules", team, links)
        groups = (*logs.groups(catalog, each), *canary.log_groups(catalog, each))
        for tenant in tenants:
            made = _rules(f"{LOG_RULES}/{tenant}/{each.id}.yaml", groups, "loki-rules", team, links)
            yield replace(made, uid=each.id)
    for each in catalog.services:
        for path, content in canary_rollout.files(catalog, each):
            yield Artifact(path, content, "rollout", each.owner.team)
    team = catalog.platform.owner.team
    groups = tuple(platform.groups(catalog))
    yield _rules(f"{RULES}/platform.yaml", groups, "prometheus-rules", team, links)
    configuration = routes.configuration(catalog)
    yield Artifact("alertmanager/alertmanager.yml", configuration, "alertmanager", team)


def _rules(path: str, groups: tuple[Group, ...], kind: Kind, team: str, links: Links) -> Artifact:
    content = rule_file(groups, links)
    return Artifact(path, content, kind, team, suppressions=accepted(groups))
