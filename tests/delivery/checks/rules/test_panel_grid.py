from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.panel_grid import CHECK
from tests.delivery.checks.trees import DASHBOARD, dashboard, found, panel


def at(number, x, y, width=12, height=8):
    return panel(id=number, gridPos={"x": x, "y": y, "w": width, "h": height})


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (None, "the panel has no place on the grid"),
        ({"x": 0, "y": 0, "w": 12}, "the panel has no place on the grid"),
        ({"x": 0, "y": 0, "w": 0, "h": 8}, "the panel is 0 wide and 8 high"),
        ({"x": -1, "y": 0, "w": 4, "h": 8}, "the panel is at x -1, y 0, outside of the grid"),
        ({"x": 13, "y": 0, "w": 12, "h": 8}, "the panel ends at column 25, and the grid has 24"),
    ],
)
def test_a_place_that_is_none(tmp_path, place, reason):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(panel(gridPos=place))}) == [
        Finding(
            "panel/grid",
            DASHBOARD,
            "panel 1 'Requests'",
            reason,
            "Set x, y, w and h, within 24 columns",
        )
    ]


def test_one_over_another(tmp_path):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(at(1, 0, 0), at(2, 11, 7))}) == [
        Finding(
            "panel/grid",
            DASHBOARD,
            "panel 2 'Requests'",
            "the panel lies over panel 1 'Requests'",
            "Move one of the two, or make it smaller",
        )
    ]


def test_neighbours_and_what_a_collapsed_row_holds(tmp_path):
    row = {"id": 4, "type": "row", "gridPos": {"x": 0, "y": 16, "w": 24, "h": 1}}
    row["panels"] = [at(5, 0, 0), at(6, 12, 0)]
    made = dashboard(at(1, 0, 0), at(2, 12, 0), at(3, 0, 8, 24), row)
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == []


def test_two_in_one_row(tmp_path):
    row = {"id": 4, "type": "row", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}
    row["panels"] = [at(5, 0, 1), at(6, 0, 1)]
    assert [each.where for each in found(tmp_path, CHECK, {DASHBOARD: dashboard(row)})] == [
        "panel 6 'Requests'"
    ]
