"""What each incident has to bring: alerts that ship, at times that the theory gives."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from alerts.registry import rule_files
from catalog.load import load_catalog
from simulate.fleet.expected import Due, expected
from simulate.fleet.incidents import KINDS, Incident, read
from tests.simulate.fleet.conftest import HARBOUR, MINIMAL, SHIPPED


def incident(folder: Path, kind: str, service: str, **more: float) -> Incident:
    asked = {"kind": kind, "service": service, "seconds": 600, **more}
    return read(asked, load_catalog(folder), "one", 0.0)


def shipped(folder: Path) -> dict[tuple[str, str], set[str]]:
    """Name and service of each alert that is generated, with its severities."""
    found: dict[tuple[str, str], set[str]] = {}
    for artifact in rule_files(load_catalog(folder)):
        content = artifact.content
        document = yaml.safe_load(content) if isinstance(content, str) else content
        for group in document["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    labels = rule["labels"]
                    key = rule["alert"], labels["service"]
                    found.setdefault(key, set()).add(labels["severity"])
    return found


@pytest.mark.parametrize("folder", [SHIPPED, HARBOUR, MINIMAL])
def test_what_is_expected_ships(folder: Path) -> None:
    catalog, known = load_catalog(folder), shipped(folder)
    for service in catalog.services:
        for kind in KINDS:
            if kind == "bad-canary" and catalog.platform.canary is None:
                continue
            for due in expected(catalog, incident(folder, kind, service.id)).fires:
                assert due.severity in known[due.alert, due.service]
                assert due.service == service.id


def test_every_kind_of_incident_brings_an_alert_of_each_shipped_service() -> None:
    catalog = load_catalog(SHIPPED)
    for service in catalog.services:
        for kind in KINDS:
            found = expected(catalog, incident(SHIPPED, kind, service.id))
            assert found.fires
            assert not {(each.alert, each.service) for each in found.fires} & found.may_fire


def test_names_that_may_fire_are_names_of_alerts() -> None:
    catalog = load_catalog(SHIPPED)
    known = {name for name, _ in shipped(SHIPPED)}
    for kind in KINDS:
        may = expected(catalog, incident(SHIPPED, kind, catalog.services[0].id)).may_fire
        assert {name for name, _ in may} <= known


def test_times_are_those_of_the_theory() -> None:
    catalog = load_catalog(SHIPPED)
    service = next(each for each in catalog.services if not each.depends_on)
    scrape = catalog.platform.scrape
    objective = next(each for each in service.objectives if each.sli.type == "availability")

    def first(kind: str, **more: float) -> Due:
        return expected(catalog, incident(SHIPPED, kind, service.id, **more)).fires[0]

    burst = first("error-burst", share=0.5)
    # An hour, 14.4 times the budget of 0.05 %, at a ratio of a half.
    assert (burst.alert, burst.severity) == ("ErrorBudgetBurnFast", "page")
    assert burst.seconds == pytest.approx(
        3600 * 14.4 * objective.budget / 0.5 + scrape.interval + scrape.evaluation
    )
    # A window of a quarter of an hour, and what it is held for.
    silence = first("silence")
    assert (silence.alert, silence.severity) == ("ServiceSilent", "page")
    assert silence.seconds is not None
    assert silence.seconds > catalog.platform.thresholds.silence + 300
    crash = first("crash-loop")
    assert (crash.alert, crash.severity) == ("TargetDown", "ticket")
    # Dead for five minutes, in moments of half a minute.
    assert crash.true_after == 330
    assert crash.seconds == 330 + scrape.interval + 2 * scrape.evaluation
    # 85 seconds dead, 15 alive: three lives lie within the fourth death's 300th second.
    assert first("crash-loop", factor=100).true_after == 300 + 3 * 15 + 30
    assert first("bad-canary").seconds is None


def test_too_few_errors_burn_no_budget() -> None:
    catalog = load_catalog(SHIPPED)
    service = catalog.services[0]
    few = expected(catalog, incident(SHIPPED, "error-burst", service.id, share=0.0001))
    assert few.fires == ()


def test_callers_may_feel_a_slow_dependency_and_no_one_else() -> None:
    catalog = load_catalog(SHIPPED)
    leaf = next(each for each in catalog.services if not each.depends_on)
    others = {each.id for each in catalog.services}
    slow = expected(catalog, incident(SHIPPED, "slow-dependency", leaf.id)).may_fire
    assert {service for _, service in slow} == others
    failing = expected(catalog, incident(SHIPPED, "error-burst", leaf.id)).may_fire
    assert {service for _, service in failing} == {leaf.id}
