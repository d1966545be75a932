from __future__ import annotations

from delivery.checks.rules.metric_unit import CHECK
from tests.delivery.checks.trees import fault, found, in_rule

SUMS = "sum by (cluster) (rate({}[5m])) + sum by (cluster) (rate({}[5m])) > 1"


def test_unlike_units_added_up(tmp_path):
    expr = SUMS.format("sales_total", "payments_total")
    assert found(tmp_path, CHECK, in_rule(expr)) == [
        fault(
            "metric/unit",
            expr,
            "+",
            "'+' puts sales/s and payments/s together",
            "Convert one of the two, or ask for another metric",
        )
    ]


def test_like_ones(tmp_path):
    assert found(tmp_path, CHECK, in_rule(SUMS.format("sales_total", "sales_total"))) == []
