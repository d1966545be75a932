from __future__ import annotations

from delivery.checks.rules.metric_unknown import CHECK
from tests.delivery.checks.trees import RULES, alert, fault, found, group, in_rule, recording, rules


def test_nobody_emits_it(tmp_path):
    expr = "sum by (cluster) (rate(sale_total[5m])) > 1"
    assert found(tmp_path, CHECK, in_rule(expr)) == [
        fault(
            "metric/unknown",
            expr,
            "sale_total",
            "nobody emits 'sale_total'",
            "Did you mean 'sales_total'?",
        )
    ]


def test_a_service_a_rule_or_a_scrape_does(tmp_path):
    made = rules(
        group(
            recording("shop:sales:rate5m", "sum by (cluster) (rate(sales_total[5m]))"),
            alert(expr="shop:sales:rate5m > 1 and on (cluster) up == 1"),
        )
    )
    assert found(tmp_path, CHECK, {RULES: made}) == []
