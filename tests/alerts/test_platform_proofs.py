"""The platform's further alerts, replayed by promtool: each story of each catalog."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts import platform, platform_streams
from alerts.model import Alert, Group, Recording
from alerts.present import rule_file
from alerts.proof import Incident, LogIncident, Proof
from alerts.proofs.platform_more import PROOFS
from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.yaml_text import dump
from tests.alerts.promtool import Scenario, check, expected, series

ROOT = Path(__file__).resolve().parents[2]
CATALOGS = ("catalog", "tests/fixtures/minimal", "tests/fixtures/second")


def alerts(catalog: Catalog) -> Iterator[tuple[Group, Alert]]:
    for group in (*platform.groups(catalog), *platform_streams.groups(catalog)):
        for rule in group.rules:
            if isinstance(rule, Alert) and rule.name in PROOFS:
                yield group, rule


def told() -> Iterator[Any]:
    for folder in CATALOGS:
        catalog = load_catalog(ROOT / folder)
        for group, alert in alerts(catalog):
            for proof in PROOFS[alert.name](catalog, alert):
                if isinstance(proof, Incident):
                    name = f"{folder}: {alert.service} {alert.name}: {proof.title}"
                    yield pytest.param(catalog, group, alert, proof, id=name)


@pytest.mark.parametrize(("catalog", "group", "alert", "proof"), list(told()))
def test_it_fires_when_it_should_and_only_then(
    catalog: Catalog,
    group: Group,
    alert: Alert,
    proof: Incident,
    tmp_path: Path,
    need_binary: Callable[[str], str],
) -> None:
    rules = tmp_path / "rules.yaml"
    # Of its group only what it may read: the other alerts would be evaluated for nothing.
    read = (each for each in group.rules if isinstance(each, Recording))
    alone = Group(group.name, group.interval, (*read, alert))
    rules.write_text(dump(rule_file((alone,), catalog.platform.links)), encoding="utf-8")
    test = {
        "rule_files": [rules.name],
        "evaluation_interval": f"{catalog.platform.scrape.evaluation}s",
        "tests": [
            {
                "interval": f"{proof.interval}s",
                "input_series": series(proof.series),
                "alert_rule_test": [
                    {
                        "eval_time": f"{moment.at}s",
                        "alertname": alert.name,
                        "exp_alerts": [
                            expected(
                                rules,
                                Scenario(alert.name, proof.title, rules.name, {}, ""),
                                {**each.labels, "service": alert.service},
                                each.value,
                            )
                            for each in moment.firing
                        ],
                    }
                    for moment in proof.moments
                ],
            }
        ],
    }
    complaint = check(tmp_path, test, need_binary("promtool"))
    assert not complaint, complaint


@pytest.mark.parametrize("folder", CATALOGS)
def test_each_has_an_incident_that_ends_and_a_near_miss(folder: str) -> None:
    catalog = load_catalog(ROOT / folder)
    for _, alert in alerts(catalog):
        proofs: tuple[Proof, ...] = PROOFS[alert.name](catalog, alert)
        assert any(not proof.fires for proof in proofs), alert.name
        for proof in proofs:
            assert isinstance(proof, Incident | LogIncident)
            firing = [bool(moment.firing) for moment in proof.moments]
            assert firing == [False, True, False] if proof.fires else not any(firing)
        assert any(proof.fires for proof in proofs), alert.name


def test_every_story_is_of_an_alert_that_ships() -> None:
    shipped = {alert.name for _, alert in alerts(load_catalog(ROOT / "catalog"))}
    assert shipped == set(PROOFS)
