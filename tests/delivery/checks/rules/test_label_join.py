from __future__ import annotations

from delivery.checks.rules.label_join import CHECK
from tests.delivery.checks.trees import fault, found, in_rule

LEFT = "sum by (cluster, outcome) (rate(sales_total[5m]))"
RIGHT = "sum by (cluster) (rate(sales_total[5m])) > 1"


def test_a_label_that_only_one_side_has(tmp_path):
    expr = f"{LEFT} / {RIGHT}"
    assert found(tmp_path, CHECK, in_rule(expr)) == [
        fault(
            "label/join",
            expr,
            "/",
            "'/' never matches: only the left side has 'outcome'",
            "Write on (…) or ignoring (outcome)",
        )
    ]


def test_one_of_which_many_meet_one(tmp_path):
    expr = f"{LEFT} / on (cluster) group_left {RIGHT}"
    assert found(tmp_path, CHECK, in_rule(expr)) == []
