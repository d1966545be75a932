from __future__ import annotations

from delivery.checks.finding import Finding
from delivery.checks.rules.panel_title import CHECK
from tests.delivery.checks.trees import DASHBOARD, dashboard, found, panel


def test_a_panel_without(tmp_path):
    files = {DASHBOARD: dashboard(panel(title=" "), {"id": 2, "type": "row"})}
    remedy = "Say in a few words what it shows"
    assert found(tmp_path, CHECK, files) == [
        Finding("panel/title", DASHBOARD, "panel 1 ' '", "this timeseries has no title", remedy),
        Finding("panel/title", DASHBOARD, "panel 2 ''", "this row has no title", remedy),
    ]


def test_a_note_needs_none(tmp_path):
    files = {DASHBOARD: dashboard(panel(), {"id": 2, "type": "text"})}
    assert found(tmp_path, CHECK, files) == []
