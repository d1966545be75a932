"""Every file that this package generates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from alerts import (
    anomaly,
    canary,
    canary_rollout,
    dependencies,
    logs,
    managed,
    managed_routes,
    platform,
    platform_streams,
    routes,
    service,
    silence,
    slo,
)
from alerts.model import Group
from alerts.present import accepted, alert_labels, rule_file
from alerts.proof_tests import loki_tests, promtool_tests
from alerts.proofs.registry import proofs
from alerts.reliance import with_reliance
from catalog.artifact import Artifact, Kind
from catalog.model import Catalog

RULES = "prometheus/rules"
LOG_RULES = "loki/rules"
TESTS = "prometheus/tests"
LOG_TESTS = "loki/tests"


def generate(catalog: Catalog) -> Iterator[Artifact]:
    """Rules of each service, then the platform's, each with their tests, then what reads them."""
    made = tuple(files(catalog))
    yield from made
    rules = tuple(_rules_of(made))
    yield from routes.files(catalog, alert_labels(rules))
    yield from managed.rule_files(catalog, rules)
    yield from managed_routes.files(catalog)
    for each in catalog.services:
        for path, content in canary_rollout.files(catalog, each):
            yield Artifact(path, content, "rollout", each.owner.team)


def rule_files(catalog: Catalog) -> Iterator[Artifact]:
    """Every file of rules, of Prometheus and of Loki's ruler."""
    return _rules_of(files(catalog))


def _rules_of(made: Iterable[Artifact]) -> Iterator[Artifact]:
    return (each for each in made if each.kind in {"prometheus-rules", "loki-rules"})


def files(catalog: Catalog) -> Iterator[Artifact]:
    """Every file of rules, of Prometheus and of Loki's ruler, and of their tests."""
    for each in catalog.services:
        team = each.owner.team
        for objective in each.objectives:
            promised = slo.groups(catalog, each, objective)
            yield from _metric_rules(catalog, slo.file_name(each, objective), promised, team)
        own = (service.group(catalog, each),)
        yield from _metric_rules(catalog, f"service-{each.id}", own, team)
        yield from _metric_rules(catalog, f"anomaly-{each.id}", anomaly.groups(catalog, each), team)
        compared = canary.groups(catalog, each)
        if compared:
            yield from _metric_rules(catalog, f"canary-{each.id}", compared, team)
        groups = (
            *logs.groups(catalog, each),
            *slo.log_groups(each),
            *canary.log_groups(catalog, each),
        )
        yield from _log_rules(catalog, each.id, groups, team)
    team = catalog.platform.owner.team
    for name, parts in _platform(catalog).items():
        yield from _metric_rules(catalog, name, tuple(parts), team)
    yield from _log_rules(catalog, "platform", tuple(platform_streams.groups(catalog)), team)
    calls = dependencies.groups(catalog)
    if calls:
        yield from _metric_rules(catalog, "dependencies", calls, team)


def _platform(catalog: Catalog) -> dict[str, list[Group]]:
    """The platform's groups by the file they go into: promtool evaluates a whole file a test."""
    made: dict[str, list[Group]] = {}
    for group in (*platform.groups(catalog), *silence.platform_group(catalog)):
        made.setdefault(group.name.removesuffix("-steps"), []).append(group)
    return made


def _metric_rules(
    catalog: Catalog, name: str, groups: tuple[Group, ...], team: str
) -> Iterator[Artifact]:
    """A file of Prometheus' rules, and the tests that prove its alerts."""
    labelled = with_reliance(groups, catalog, "prometheus-rules")
    yield _rules(f"{RULES}/{name}.yaml", labelled, "prometheus-rules", team, catalog)
    for file, tests in promtool_tests(catalog, labelled, name, proofs()):
        yield Artifact(f"{TESTS}/{file}", tests, "prometheus-tests", team)


def _log_rules(
    catalog: Catalog, name: str, groups: tuple[Group, ...], team: str
) -> Iterator[Artifact]:
    """A file of Loki's rules for each tenant, and the tests that prove its alerts."""
    labelled = with_reliance(groups, catalog, "loki-rules")
    for tenant in sorted({each.tenant for each in catalog.platform.environments}):
        path = f"{LOG_RULES}/{tenant}/{name}.yaml"
        yield replace(_rules(path, labelled, "loki-rules", team, catalog), uid=name)
    tests = loki_tests(catalog, labelled, f"{name}.yaml", proofs())
    yield Artifact(f"{LOG_TESTS}/{name}.yaml", tests, "loki-tests", team)


def _rules(
    path: str, groups: tuple[Group, ...], kind: Kind, team: str, catalog: Catalog
) -> Artifact:
    content = rule_file(groups, catalog)
    return Artifact(path, content, kind, team, suppressions=accepted(groups))
