from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.rule_unused import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    RULES,
    alert,
    annotated,
    dashboard,
    found,
    group,
    panel,
    recording,
    rules,
)

NAME = "shop:sales:rate5m"
RECORDING = recording(NAME, "sum(rate(sales_total[5m]))")


def test_a_series_that_nothing_reads(tmp_path):
    other = alert(expr="shop:sales:rate5 > 1")
    assert found(tmp_path, CHECK, {RULES: rules(group(RECORDING, other))}) == [
        Finding(
            "rule/unused",
            RULES,
            f"recording {NAME} in group shop",
            f"no rule, dashboard or text reads '{NAME}'",
            "Remove the rule, or suppress this and say who reads the series",
        )
    ]


@pytest.mark.parametrize(
    "files",
    [
        {RULES: rules(group(RECORDING, alert(expr=f"{NAME} > 1")))},
        {RULES: rules(group(RECORDING)), DASHBOARD: dashboard(panel(f"{NAME} * 2"))},
        {RULES: rules(group(RECORDING, annotated(summary=f'{{{{ with query "{NAME}" }}}}')))},
        {RULES: rules(group(RECORDING, annotated(summary=f'{{{{ "{NAME}" | query }}}}')))},
    ],
    ids=["a rule", "a dashboard", "a text's call", "a text's pipeline"],
)
def test_a_reader(tmp_path, files):
    assert found(tmp_path, CHECK, files) == []
