from __future__ import annotations

from delivery.checks.rules.label_missing import CHECK
from tests.delivery.checks.trees import fault, found, in_rule


def test_a_grouping_by_none(tmp_path):
    expr = "sum by (cluster, outcomes) (rate(sales_total[5m])) > 1"
    assert found(tmp_path, CHECK, in_rule(expr)) == [
        fault(
            "label/missing",
            expr,
            "outcomes",
            "sum groups by 'outcomes', which no series has",
            "Did you mean 'outcome'?",
        )
    ]


def test_a_matcher_of_none(tmp_path):
    expr = 'rate(sales_total{outcomes="sold"}[5m]) > 1'
    assert found(tmp_path, CHECK, in_rule(expr)) == [
        fault(
            "label/missing",
            expr,
            "outcomes",
            "'sales_total' has no label 'outcomes'",
            "Did you mean 'outcome'?",
        )
    ]


def test_one_that_it_has(tmp_path):
    expr = 'sum by (cluster, outcome) (rate(sales_total{outcome="sold"}[5m])) > 1'
    assert found(tmp_path, CHECK, in_rule(expr)) == []
