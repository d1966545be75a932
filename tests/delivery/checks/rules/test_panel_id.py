from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.panel_id import CHECK
from tests.delivery.checks.trees import DASHBOARD, dashboard, found, panel


@pytest.mark.parametrize(
    ("number", "reason", "remedy"),
    [
        (
            None,
            "the panel has no id, so that Grafana gives it another one each time",
            "Give it a number of its own",
        ),
        (0, "the id 0 is not between 1 and 2147483647", "Give it a number that Grafana can keep"),
        (
            2**31,
            "the id 2147483648 is not between 1 and 2147483647",
            "Give it a number that Grafana can keep",
        ),
        (
            7,
            "the id 7 is that of panel 7 'Requests' too",
            "Give each panel a number of its own",
        ),
    ],
)
def test_a_number_that_is_none(tmp_path, number, reason, remedy):
    # Also when one of the two is held by a collapsed row.
    row = {"id": 8, "type": "row", "title": "More", "panels": [panel(id=number, title="Late")]}
    files = {DASHBOARD: dashboard(panel(id=7), row)}
    where = f"panel {number} 'Late'"
    assert found(tmp_path, CHECK, files) == [Finding("panel/id", DASHBOARD, where, reason, remedy)]


def test_the_same_number_on_another_dashboard(tmp_path):
    other = DASHBOARD.replace("shop.json", "other.json")
    files = {DASHBOARD: dashboard(panel(id=2**31 - 1)), other: dashboard(panel(id=2**31 - 1))}
    assert found(tmp_path, CHECK, files) == []
