from __future__ import annotations

from delivery.checks.finding import Finding
from delivery.checks.rules.panel_unit import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    REQUESTS,
    SCOPE,
    dashboard,
    found,
    override,
    panel,
    shown_as,
)


def test_a_panel_of_numbers_without(tmp_path):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(panel(fieldConfig={}))}) == [
        Finding(
            "panel/unit",
            DASHBOARD,
            "panel 1 'Requests'",
            "the panel shows numbers and says no unit",
            "Set a unit, 'short' for a plain count",
        )
    ]


def test_a_table_of_which_one_column_has_none(tmp_path):
    config = shown_as("", override("Value #A", unit="reqps"))
    made = dashboard(panel(REQUESTS, REQUESTS, type="table", fieldConfig=config))
    assert len(found(tmp_path, CHECK, {DASHBOARD: made})) == 1


def test_each_query_has_its_own_or_there_are_no_numbers(tmp_path):
    config = shown_as("", override("Value #A", unit="reqps"), override("Value #B", unit="s"))
    made = dashboard(
        panel(REQUESTS, REQUESTS, type="table", fieldConfig=config),
        panel(f"{{{SCOPE}}}", id=2, type="table", fieldConfig={}),
        panel(f"{{{SCOPE}}}", id=3, type="logs", fieldConfig={}),
    )
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == []
