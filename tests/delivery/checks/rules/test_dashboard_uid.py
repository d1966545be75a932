from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.dashboard_uid import CHECK
from tests.delivery.checks.trees import DASHBOARD, PROVIDERS, dashboard, found

FOLDER = {"providers": [{"folder": "Overview", "folderUid": "taken"}]}


@pytest.mark.parametrize(
    ("uid", "reason", "remedy"),
    [
        ("", "the dashboard has no uid", "Set it to 'shop', the name of its file"),
        (
            "shop.1",
            "the uid 'shop.1' holds what Grafana refuses",
            "Use letters, digits, - and _ only",
        ),
        ("s" * 41, "the uid has 41 characters, and Grafana takes 40", "Shorten it"),
        (
            "taken",
            "the uid 'taken' is that of a folder too",
            "Choose another: Grafana up to 11 keeps both in one table",
        ),
        (
            "shops",
            "the uid is 'shops', and the file is called 'shop'",
            "Name the file by the uid",
        ),
    ],
)
def test_a_uid_that_is_none(tmp_path, uid, reason, remedy):
    files = {DASHBOARD: dashboard(uid=uid), PROVIDERS: FOLDER}
    assert found(tmp_path, CHECK, files) == [
        Finding("dashboard/uid", DASHBOARD, "dashboard", reason, remedy)
    ]


def test_one_uid_in_two_folders(tmp_path):
    other = "grafana/dashboards/slo/shop.json"
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(), other: dashboard()}) == [
        Finding(
            "dashboard/uid",
            other,
            "dashboard",
            f"the uid 'shop' is that of {DASHBOARD} too",
            "Choose another: of two, Grafana keeps the one it reads last",
        )
    ]


def test_the_name_of_its_file(tmp_path):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(), PROVIDERS: FOLDER}) == []
