from __future__ import annotations

from delivery.checks.finding import Finding
from delivery.checks.rules.rule_order import CHECK
from tests.delivery.checks.trees import RULES, found, group, recording, rules

STEP = "shop:sales:increase5m"
RECORDED = recording(STEP, "sum(increase(sales_total[5m]))", window="5m")
READING = recording("shop:sales:increase1h", f'sum_over_time({STEP}{{window="5m"}}[1h])')


def test_a_rule_before_what_it_reads(tmp_path):
    expr = READING["expr"]
    start = expr.index(STEP)
    assert found(tmp_path, CHECK, {RULES: rules(group(READING, RECORDED))}) == [
        Finding(
            "rule/order",
            RULES,
            "recording shop:sales:increase1h in group shop",
            f"the rule reads '{STEP}', which its group records only after it",
            "Move the rule behind the one that records it",
            expr,
            start,
            start + len(STEP),
        )
    ]


def test_behind_it_or_in_another_group(tmp_path):
    files = {RULES: rules(group(RECORDED, READING), group(READING, name="other"))}
    assert found(tmp_path, CHECK, files) == []


def test_the_one_behind_it_is_told_apart_by_its_labels(tmp_path):
    later = recording(STEP, "sum(increase(sales_total[5m]))", window="1h")
    assert found(tmp_path, CHECK, {RULES: rules(group(RECORDED, READING, later))}) == []
