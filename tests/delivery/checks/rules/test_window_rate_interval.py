from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.window_rate_interval import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    RULES,
    alert,
    dashboard,
    found,
    group,
    panel,
    rules,
)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("sum(rate(sales_total[5m]))", "rate() over 5m skips samples once a step is longer"),
        (
            "increase(sales_total[${__range_s}m])",
            "increase() over ${__range_s}m skips samples once a step is longer",
        ),
        (
            "rate(sales_total[$__interval])",
            "$__interval shrinks with the range, until no two samples are in it",
        ),
        (
            "max_over_time(up[${__interval}])",
            "$__interval shrinks with the range, until no two samples are in it",
        ),
    ],
)
def test_a_range_that_does_not_follow_the_step(tmp_path, query, reason):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(panel(query))}) == [
        Finding(
            "window/rate-interval",
            DASHBOARD,
            "panel 1 'Requests', query A",
            reason,
            "Write $__rate_interval, which is four scrapes at least",
            query,
            query.index("["),
            query.index("]") + 1,
        )
    ]


@pytest.mark.parametrize(
    "query",
    [
        "rate(sales_total[$__rate_interval])",
        "increase(sales_total[$__range])",
        "last_over_time(up[1h] offset 10m)",
        'rate(sales_total{outcome=~"[5m]"}[${__rate_interval}])',
        'count_over_time({service="shop"} [$__interval])',
    ],
)
def test_one_that_does_or_need_not(tmp_path, query):
    files = {DASHBOARD: dashboard(panel(query)), RULES: rules(group(alert()))}
    assert found(tmp_path, CHECK, files) == []
