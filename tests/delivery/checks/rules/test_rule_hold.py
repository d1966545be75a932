from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.rule_hold import CHECK
from tests.delivery.checks.trees import RULES, alert, found, group, rules

WHERE = "alert HighErrorRatio in group shop"
GONE = "group by (job) (last_over_time(up[1h])) unless group by (job) (up)"


def files(expr, hold):
    return {RULES: rules(group(alert(expr=expr, **{"for": hold})))}


@pytest.mark.parametrize(
    ("expr", "hold", "longest"),
    [
        (GONE, "1h", "1h"),
        ('last_over_time(up{job="a"}[10m]) == 1 unless (up{job="a"})', "30m", "10m"),
        ('up{job="a"} offset 10m unless up', "20m", "15m"),
    ],
)
def test_an_alert_that_waits_for_longer_than_it_is_true(tmp_path, expr, hold, longest):
    assert found(tmp_path, CHECK, files(expr, hold)) == [
        Finding(
            "rule/hold",
            RULES,
            WHERE,
            f"the alert can never fire: it is true for less than {longest} after the last "
            f"sample, and waits for {hold}",
            "Wait for less, or look further back",
            expr,
        )
    ]


def test_no_duration(tmp_path):
    assert found(tmp_path, CHECK, files("up == 0", "5 minutes")) == [
        Finding(
            "rule/hold",
            RULES,
            WHERE,
            "'for' is '5 minutes', which is no duration",
            "Write it as in 5m",
        )
    ]


@pytest.mark.parametrize(
    ("expr", "hold"),
    [
        (GONE, "59m"),
        ("up == 0", "1h"),
        # Still true while the target is down: the right side goes too.
        ("last_over_time(up[10m]) unless up == 1", "30m"),
        ('last_over_time(up[10m]) unless up{job="a"}', "30m"),
        ("group by (job) (last_over_time(up[10m])) unless group by (pod) (up)", "30m"),
        ("last_over_time(up[10m]) unless on (job) up", "30m"),
        ("sales_total unless last_over_time(sales_total[10m])", "30m"),
        ("up[", "30m"),
    ],
)
def test_what_can_be_true_for_long_enough(tmp_path, expr, hold):
    assert found(tmp_path, CHECK, files(expr, hold)) == []
