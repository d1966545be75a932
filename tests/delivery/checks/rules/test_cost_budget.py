from __future__ import annotations

import pytest

from catalog.platform import Cost
from delivery.checks.finding import Finding
from delivery.checks.rules.cost_budget import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    LINES,
    REQUESTS,
    SCOPE,
    dashboard,
    found,
    minimal,
    panel,
)

EVERYTHING = f"rate(http_server_request_duration_seconds_bucket{{{SCOPE}}}[$__rate_interval])"
REMEDY = "Group by fewer labels, show a shorter range first, or record the series"


def with_cost(**changes):
    platform = minimal().platform.model_copy(update={"cost": Cost(**changes)})
    return minimal().model_copy(update={"platform": platform})


def test_a_panel_that_groups_by_everything(tmp_path):
    files = {DASHBOARD: dashboard(panel(REQUESTS), panel(EVERYTHING, id=2, title="All"))}
    # 3 pods, 2 codes, 50 routes and 4 buckets are 1,200 series of 240 points.
    assert found(tmp_path, CHECK, files) == [
        Finding(
            "cost/budget",
            DASHBOARD,
            "dashboard",
            "opened once, the dashboard shows about 290,000 points, and 250,000 is the most; "
            "panel 2 'All' alone 290,000",
            REMEDY,
        )
    ]


def test_a_longer_range_reads_more(tmp_path):
    made = dashboard(panel(REQUESTS), time={"from": "now-90d", "to": "now"})
    # 300 series, scraped every 15 s for 90 days; the window is a step of them.
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == [
        Finding(
            "cost/budget",
            DASHBOARD,
            "dashboard",
            "opened once, the dashboard reads about 160,000,000 samples, and 50,000,000 is the "
            "most; panel 1 'Requests' alone 160,000,000",
            REMEDY,
        )
    ]


@pytest.mark.parametrize(("most", "findings"), [(9_000, 0), (7_000, 1)])
def test_lines_are_read_too(tmp_path, most, findings):
    # Two services of 60 lines a minute: 7,200 in an hour.
    files = {DASHBOARD: dashboard(panel(LINES))}
    assert len(found(tmp_path, CHECK, files, catalog=with_cost(samples=most))) == findings


def test_a_sum_is_one_line(tmp_path):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(panel(REQUESTS))}) == []
