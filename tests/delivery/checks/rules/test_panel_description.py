from __future__ import annotations

from delivery.checks.finding import Finding
from delivery.checks.rules.panel_description import CHECK
from tests.delivery.checks.trees import DASHBOARD, dashboard, found, panel


def test_a_panel_without(tmp_path):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(panel(description=""))}) == [
        Finding(
            "panel/description",
            DASHBOARD,
            "panel 1 'Requests'",
            "the panel has no description",
            "Say what it shows and what to do when it looks wrong",
        )
    ]


def test_a_heading_and_a_note_need_none(tmp_path):
    made = dashboard(panel(), {"id": 2, "type": "row"}, {"id": 3, "type": "text"})
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == []
