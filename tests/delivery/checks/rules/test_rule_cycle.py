from __future__ import annotations

from delivery.checks.finding import Finding
from delivery.checks.rules.rule_cycle import CHECK
from tests.delivery.checks.trees import RULES, found, group, recording, rules

FIRST, SECOND = "shop:first:sum", "shop:second:sum"


def finding(name, expr):
    return Finding(
        "rule/cycle",
        RULES,
        f"recording {name} in group shop",
        f"'{name}' is made of itself, by way of what it reads",
        "Record one of the series from what is scraped",
        expr,
    )


def test_two_that_are_made_of_each_other(tmp_path):
    made = group(
        recording(FIRST, SECOND), recording(SECOND, f"{FIRST} + 1"), recording("a:b:c", FIRST)
    )
    assert found(tmp_path, CHECK, {RULES: rules(made)}) == [
        finding(FIRST, SECOND),
        finding(SECOND, f"{FIRST} + 1"),
    ]


def test_one_that_is_made_of_itself(tmp_path):
    expr = f"{FIRST} or up"
    assert found(tmp_path, CHECK, {RULES: rules(group(recording(FIRST, expr)))}) == [
        finding(FIRST, expr)
    ]


def test_a_longer_window_that_is_made_of_a_shorter_one(tmp_path):
    made = group(
        recording(FIRST, "sum(up)", window="5m"),
        recording(FIRST, f'sum_over_time({FIRST}{{window="5m"}}[1h])', window="1h"),
        recording(SECOND, f'{FIRST}{{window=~"1.*"}}'),
    )
    assert found(tmp_path, CHECK, {RULES: rules(made)}) == []
