from __future__ import annotations

import pytest

from delivery.checks.rules.metric_type import CHECK
from tests.delivery.checks.trees import fault, found, in_rule

BUCKETS = "http_server_request_duration_seconds_bucket"


@pytest.mark.parametrize(
    ("expr", "word", "reason", "remedy"),
    [
        (
            "rate(open_baskets[5m]) > 1",
            "rate",
            "rate() reads counters, and this is a gauge",
            "Use delta() or deriv() of a gauge, or ask for the counter",
        ),
        (
            "delta(sales_total[5m]) > 1",
            "delta",
            "delta() reads gauges, and 'sales_total' is a counter",
            "Use rate() or increase()",
        ),
        (
            f"histogram_quantile(0.9, sum by (cluster) (rate({BUCKETS}[5m]))) > 1",
            "histogram_quantile",
            "histogram_quantile() needs the buckets of a histogram, with their label 'le'",
            "Keep 'le' in the grouping, and read the series that ends in _bucket",
        ),
    ],
)
def test_a_function_for_another_type(tmp_path, expr, word, reason, remedy):
    assert found(tmp_path, CHECK, in_rule(expr)) == [
        fault("metric/type", expr, word, reason, remedy)
    ]


def test_a_function_for_its_type(tmp_path):
    assert found(tmp_path, CHECK, in_rule("rate(sales_total[5m]) > 1")) == []
    assert found(tmp_path, CHECK, in_rule("delta(open_baskets[5m]) > 1")) == []
