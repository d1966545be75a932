"""The rules of one objective, as they are written: a golden pair."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from alerts import slo
from alerts.model import Alert, Recording
from alerts.present import rule_file
from catalog import names
from catalog.artifact import Artifact
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.scalars import format_duration
from catalog.service import Objective, Service
from delivery.render import encode

TESTS = Path(__file__).resolve().parents[1]
GOLDEN = TESTS / "golden/slo"


def test_golden_objective(tmp_path: Path) -> None:
    """``in.yaml`` is a service with one objective, ``out.yaml`` all rules that follow from it.

    ``UPDATE_GOLDEN=1 pytest -k golden`` (``make golden``) rewrites the latter.
    """
    shutil.copytree(TESTS / "fixtures/minimal", tmp_path / "catalog")
    for path in (tmp_path / "catalog/services").iterdir():
        path.unlink()
    shutil.copy(GOLDEN / "in.yaml", tmp_path / "catalog/services/service.yaml")
    text = (tmp_path / "catalog/platform.yaml").read_text("utf-8")
    (tmp_path / "catalog/platform.yaml").write_text(
        text.replace("    - {match: {level: info, service: till}, keep: 3d}\n", "").replace(
            "  log_overrides:\n", ""
        ),
        "utf-8",
    )
    catalog = load_catalog(tmp_path / "catalog")
    service = catalog.services[0]
    (objective,) = service.objectives
    content = rule_file(slo.groups(catalog, service, objective), catalog)
    made = encode(Artifact("out.yaml", content, "prometheus-rules", "sales"))
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / "out.yaml").write_bytes(made)
    assert made == (GOLDEN / "out.yaml").read_bytes(), "make golden, and review the difference"


def promises(catalog: Catalog) -> Iterator[tuple[Service, Objective]]:
    return ((service, each) for service in catalog.services for each in service.objectives)


def test_every_objective_has_its_burn_rates_and_budget(shipped: Catalog) -> None:
    windows = shipped.windows.windows
    lengths = {length for window in windows for length in (window.long, window.short)}
    for service, objective in promises(shipped):
        burning, budget = slo.groups(shipped, service, objective)
        assert burning.interval == shipped.platform.scrape.evaluation
        assert budget.interval == 120
        recorded = Counter(
            (rule.labels["objective"], rule.record, rule.labels.get("window"))
            for group in (burning, budget)
            for rule in group.rules
            if isinstance(rule, Recording)
        )
        assert set(recorded.values()) == {1}
        period = format_duration(objective.period)
        of_windows = {format_duration(each) for each in lengths}
        for name, windows_of in (
            (names.BURN_RATE, of_windows),
            (names.SLI_EVENTS, of_windows | {period}),
            (names.SLI_ERRORS, of_windows | {period}),
            (names.BUDGET_REMAINING, {period, "quarter"}),
        ):
            found = {key[2] for key in recorded if key[:2] == (objective.id, name)}
            assert found == windows_of, (objective.id, name)


def test_an_alert_reads_only_what_its_own_group_records(shipped: Catalog) -> None:
    """Else it would wait for another group: one evaluation more for each level of recording."""
    for service, objective in promises(shipped):
        group, _ = slo.groups(shipped, service, objective)
        made = {rule.record for rule in group.rules if isinstance(rule, Recording)}
        for rule in group.rules:
            if isinstance(rule, Alert):
                assert set(re.findall(r"slo:\w+:\w+", rule.expr)) <= made


def test_only_what_lines_tell_is_counted_by_loki(shipped: Catalog) -> None:
    for service in shipped.services:
        of_logs = [each.id for each in service.objectives if each.sli.log]
        rules = [rule for group in slo.log_groups(service) for rule in group.rules]
        assert [rule.labels["objective"] for rule in rules] == [i for i in of_logs for _ in "ab"]
