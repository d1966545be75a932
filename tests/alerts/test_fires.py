"""Every Prometheus alert fires when it should, and stays silent when it nearly should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from alerts.proofs import slo_health
from tests.alerts.promtool import Scenario, run
from tests.alerts.scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_as_told(
    scenario: Scenario, written: Path, tmp_path: Path, need_binary: Callable[[str], str]
) -> None:
    complaint = run(tmp_path, scenario, written / "prometheus/rules", need_binary("promtool"))
    assert not complaint, complaint


def test_every_alert_has_a_scenario_that_fires_it_and_one_that_does_not(written: Path) -> None:
    shipped = {
        rule["alert"]
        for path in (written / "prometheus/rules").glob("*.yaml")
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }
    # An objective's own alerts are replayed from their proofs, in test_slo_health.
    told = shipped - set(slo_health.PROOFS)
    assert {each.alert for each in SCENARIOS if each.firing} == told
    assert {each.alert for each in SCENARIOS if not each.firing} == told
