"""Every file that this package generates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alerts import logs, platform, routes, service, slo
from alerts.model import Alert, Group
from alerts.present import accepted, place, rule_file
from alerts.proof_tests import loki_tests, promtool_tests
from alerts.proofs.registry import PENDING, proofs
from catalog.artifact import Artifact, Kind, Suppression
from catalog.model import Catalog
from catalog.platform import Links

RULES = "prometheus/rules"
LOG_RULES = "loki/rules"
TESTS = "prometheus/tests"
LOG_TESTS = "loki/tests"


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Rules of each service, then the platform's, each with their tests, then the routes."""
    links = catalog.platform.links
    tenants = sorted({environment.tenant for environment in catalog.platform.environments})
    for each in catalog.services:
        team = each.owner.team
        if each.objectives:
            yield from _proved(catalog, f"slo-{each.id}.yaml", slo.groups(catalog, each), team)
        own = (service.group(catalog, each),)
        yield from _proved(catalog, f"service-{each.id}.yaml", own, team)
        groups = (*logs.groups(catalog, each), *slo.log_groups(each))
        for tenant in tenants:
            made = _rules(f"{LOG_RULES}/{tenant}/{each.id}.yaml", groups, "loki-rules", team, links)
            yield replace(made, uid=each.id)
        tests = loki_tests(catalog, groups, f"{each.id}.yaml", proofs())
        yield Artifact(f"{LOG_TESTS}/{each.id}.yaml", tests, "loki-tests", team)
    team = catalog.platform.owner.team
    yield from _proved(catalog, "platform.yaml", tuple(platform.groups(catalog)), team)
    configuration = routes.configuration(catalog)
    yield Artifact("alertmanager/alertmanager.yml", configuration, "alertmanager", team)


def _proved(
    catalog: Catalog, name: str, groups: tuple[Group, ...], team: str
) -> Iterator[Artifact]:
    """A file of Prometheus' rules, and the tests that prove its alerts."""
    yield _rules(f"{RULES}/{name}", groups, "prometheus-rules", team, catalog.platform.links)
    tests = promtool_tests(catalog, groups, name, proofs())
    if tests["tests"]:
        yield Artifact(f"{TESTS}/{name}", tests, "prometheus-tests", team)


def _rules(path: str, groups: tuple[Group, ...], kind: Kind, team: str, links: Links) -> Artifact:
    content = rule_file(groups, links)
    return Artifact(path, content, kind, team, suppressions=(*accepted(groups), *_pending(groups)))


def _pending(groups: tuple[Group, ...]) -> Iterator[Suppression]:
    """The alerts that ship before their proofs: each of a name once a group."""
    for group in groups:
        alerts = {rule.name: rule for rule in group.rules if isinstance(rule, Alert)}
        for name, rule in alerts.items():
            if name in PENDING:
                where = f"{place(rule)} in group {group.name}"
                yield Suppression("alert/unproven", where, PENDING[name])
