from __future__ import annotations

import pytest

from delivery.checks.rules.metric_raw_counter import CHECK
from tests.delivery.checks.trees import fault, found, in_rule


def test_the_bare_value_of_a_counter(tmp_path):
    expr = "sum by (cluster) (sales_total) > 1"
    assert found(tmp_path, CHECK, in_rule(expr)) == [
        fault(
            "metric/raw-counter",
            expr,
            "sales_total",
            "the bare value of the counter 'sales_total' only says how long ago it was restarted",
            "Use rate() or increase() of it",
        )
    ]


@pytest.mark.parametrize(
    "expr", ["count by (cluster) (sales_total) < 2", "sum(increase(sales_total[5m])) > 1"]
)
def test_whether_it_is_there_and_how_it_rises(tmp_path, expr):
    assert found(tmp_path, CHECK, in_rule(expr)) == []
