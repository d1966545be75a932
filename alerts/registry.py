"""Every file that this package generates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alerts import logs, managed, managed_routes, platform, routes, service, slo
from alerts.model import Group
from alerts.present import accepted, alert_labels, rule_file
from alerts.reliance import with_reliance
from catalog.artifact import Artifact, Kind
from catalog.model import Catalog

RULES = "prometheus/rules"
LOG_RULES = "loki/rules"


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Rules of each service, then the platform's, then what is made of all of them."""
    made = tuple(rule_files(catalog))
    yield from made
    yield from routes.files(catalog, alert_labels(made))
    yield from managed.rule_files(catalog, made)
    yield from managed_routes.files(catalog)


def rule_files(catalog: Catalog) -> Iterator[Artifact]:
    """Every file of rules, of Prometheus and of Loki's ruler."""
    tenants = sorted({environment.tenant for environment in catalog.platform.environments})
    for each in catalog.services:
        team = each.owner.team
        if each.objectives:
            groups = slo.groups(catalog, each)
            yield _rules(f"{RULES}/slo-{each.id}.yaml", groups, "prometheus-rules", team, catalog)
        groups = (service.group(catalog, each),)
        yield _rules(f"{RULES}/service-{each.id}.yaml", groups, "prometheus-rules", team, catalog)
        groups = tuple(logs.groups(catalog, each))
        for tenant in tenants:
            made = _rules(
                f"{LOG_RULES}/{tenant}/{each.id}.yaml", groups, "loki-rules", team, catalog
            )
            yield replace(made, uid=each.id)
    team = catalog.platform.owner.team
    groups = tuple(platform.groups(catalog))
    yield _rules(f"{RULES}/platform.yaml", groups, "prometheus-rules", team, catalog)


def _rules(
    path: str, groups: tuple[Group, ...], kind: Kind, team: str, catalog: Catalog
) -> Artifact:
    content = rule_file(with_reliance(groups, catalog, kind), catalog)
    return Artifact(path, content, kind, team, suppressions=accepted(groups))
