from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.rule_range import CHECK
from tests.delivery.checks.trees import LOG_RULES, RULES, alert, found, group, recording, rules

STEP = recording("shop:sales:increase5m", "sum(increase(sales_total[5m]))")


def finding(path, where, reason, remedy, expr):
    start = expr.index("[")
    span = expr, start, expr.index("]") + 1
    return Finding("rule/range", path, where, reason, remedy, *span)


def test_of_what_is_scraped(tmp_path):
    expr = "rate(sales_total[59s]) > 1"
    assert found(tmp_path, CHECK, {RULES: rules(group(alert(expr=expr)))}) == [
        finding(
            RULES,
            "alert HighErrorRatio in group shop",
            "the range 59s is shorter than four scrapes",
            "Write at least 1m",
            expr,
        )
    ]


def test_of_what_is_recorded(tmp_path):
    expr = "sum_over_time(shop:sales:increase5m[19m]) > 1"
    files = {RULES: rules(group(STEP, interval="5m"), group(alert(expr=expr), name="alerts"))}
    assert found(tmp_path, CHECK, files) == [
        finding(
            RULES,
            "alert HighErrorRatio in group alerts",
            "the range 19m is shorter than four evaluations of 'shop:sales:increase5m'",
            "Write at least 20m",
            expr,
        )
    ]


def test_of_lines(tmp_path):
    expr = 'sum(count_over_time({service="shop"}[4m])) > 1'
    assert found(tmp_path, CHECK, {LOG_RULES: rules(group(alert(expr=expr), interval="5m"))}) == [
        finding(
            LOG_RULES,
            "alert HighErrorRatio in group shop",
            "the range 4m is shorter than the 5m between two evaluations, and lines fall between",
            "Write at least 5m",
            expr,
        )
    ]


@pytest.mark.parametrize(
    "expr",
    [
        "rate(sales_total[1m]) > 1",
        "sum_over_time(shop:sales:increase5m[20m]) > 1",
        'sum_over_time(ALERTS{alertname="x[1s]"}[1s]) > 1',
        "max_over_time(up[5m:15s]) > 1",
    ],
)
def test_long_enough(tmp_path, expr):
    files = {RULES: rules(group(STEP, interval="5m"), group(alert(expr=expr), name="alerts"))}
    assert found(tmp_path, CHECK, files) == []
