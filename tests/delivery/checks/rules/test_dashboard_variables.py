from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.dashboard_variables import CHECK
from tests.delivery.checks.trees import DASHBOARD, LINES, REQUESTS, dashboard, found, panel


def finding(where, reason, remedy, *span):
    return Finding("dashboard/variables", DASHBOARD, where, reason, remedy, *span)


def test_a_dashboard_without_them(tmp_path):
    made = dashboard(panel("vector(1)"), annotations={"list": []})
    del made["templating"]["list"][1]
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == [
        finding(
            "dashboard",
            "the dashboard has no variable 'environment'",
            "Add it, and match it in every query",
        ),
        finding(
            "dashboard",
            "the dashboard does not mark when alerts fire",
            "Add an annotation that reads ALERTS",
        ),
    ]


@pytest.mark.parametrize(
    ("query", "selector", "scope"),
    [
        ('up{cluster="one",environment="$environment"}', None, "cluster"),
        ('up{cluster="$cluster"}', None, "environment"),
        (f"{REQUESTS} / sum(up)", "up", "cluster"),
        ('count_over_time({service="shop"} [$__interval])', '{service="shop"}', "cluster"),
    ],
)
def test_a_query_that_does_not_follow_them(tmp_path, query, selector, scope):
    word = selector or query
    start = query.rindex(word)
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(panel(query))}) == [
        finding(
            "panel 1 'Requests', query A",
            f"the query does not follow the variable '{scope}'",
            f'Match {scope}="${scope}": it mixes what is apart',
            query,
            start,
            start + len(word),
        )
    ]


def test_queries_that_do(tmp_path):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(panel(REQUESTS, LINES))}) == []
