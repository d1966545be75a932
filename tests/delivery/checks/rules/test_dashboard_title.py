from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.dashboard_title import CHECK
from tests.delivery.checks.trees import DASHBOARD, dashboard, found

OTHER = "grafana/dashboards/overview/till.json"


@pytest.mark.parametrize(
    ("changes", "reason", "remedy"),
    [
        ({"title": ""}, "the dashboard has no title", "Say in a few words what it shows"),
        (
            {"description": " "},
            "the dashboard has no description",
            "Say whom it is for, and when",
        ),
    ],
)
def test_what_is_not_said(tmp_path, changes, reason, remedy):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(**changes)}) == [
        Finding("dashboard/title", DASHBOARD, "dashboard", reason, remedy)
    ]


def test_one_title_twice_in_a_folder(tmp_path):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(), OTHER: dashboard()}) == [
        Finding(
            "dashboard/title",
            OTHER,
            "dashboard",
            f"{DASHBOARD} in the same folder has the title 'Shop' too",
            "Choose another: Grafana up to 11.2 takes the two for one",
        )
    ]


def test_one_title_in_two_folders(tmp_path):
    other = OTHER.replace("overview", "slo")
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(), other: dashboard()}) == []
