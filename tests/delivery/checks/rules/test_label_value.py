from __future__ import annotations

import pytest

from delivery.checks.rules.label_value import CHECK
from tests.delivery.checks.trees import fault, found, in_rule


@pytest.mark.parametrize("matcher", ['="denied"', '=~"sold|denied"'])
def test_a_value_that_it_never_has(tmp_path, matcher):
    expr = f"rate(sales_total{{outcome{matcher}}}[5m]) > 1"
    assert found(tmp_path, CHECK, in_rule(expr)) == [
        fault(
            "label/value",
            expr,
            "denied",
            "'outcome' of 'sales_total' is never 'denied'",
            "Known here are refused, sold",
        )
    ]


@pytest.mark.parametrize("matcher", ['="sold"', '=~"so.*"', '!="denied"', '=~"sold|refused"'])
def test_one_that_it_can_have(tmp_path, matcher):
    expr = f"rate(sales_total{{outcome{matcher}}}[5m]) > 1"
    assert found(tmp_path, CHECK, in_rule(expr)) == []
