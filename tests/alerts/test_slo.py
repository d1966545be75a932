"""The rules of one objective, as they are written: a golden pair."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from alerts import slo
from alerts.present import rule_file
from catalog.artifact import Artifact
from catalog.load import load_catalog
from catalog.model import Catalog
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
    content = rule_file(slo.groups(catalog, catalog.services[0]), catalog)
    made = encode(Artifact("out.yaml", content, "prometheus-rules", "sales"))
    if os.environ.get("UPDATE_GOLDEN"):
        (GOLDEN / "out.yaml").write_bytes(made)
    assert made == (GOLDEN / "out.yaml").read_bytes(), "make golden, and review the difference"


def test_every_objective_has_its_burn_rates_and_budget(shipped: Catalog) -> None:
    windows = shipped.windows.windows
    lengths = {length for window in windows for length in (window.long, window.short)}
    for service in shipped.services:
        steps, burning, budget = slo.groups(shipped, service)
        number = len(service.objectives)
        assert (steps.interval, budget.interval) == (300, 120)
        assert burning.interval == shipped.platform.scrape.evaluation
        assert len(steps.rules) == 2 * number
        assert len(burning.rules) == (len(lengths) + len(windows)) * number
        assert len(budget.rules) == 6 * number
