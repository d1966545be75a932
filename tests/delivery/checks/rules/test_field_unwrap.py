from __future__ import annotations

from delivery.checks.rules.field_unwrap import CHECK
from tests.delivery.checks.trees import fault, found, in_panel

COUNTED = 'sum_over_time({{cluster="$cluster",service="shop"}} | json | unwrap {} [$__interval])'


def test_no_number(tmp_path):
    expr = COUNTED.format('outcome | __error__=""')
    (only,) = found(tmp_path, CHECK, in_panel(expr))
    assert only.reason == "'outcome' is no number, so that every line would be an error"
    assert "took" in only.remedy


def test_without_a_filter_for_errors(tmp_path):
    expr = COUNTED.format("took")
    assert found(tmp_path, CHECK, in_panel(expr)) == [
        fault(
            "field/unwrap",
            expr,
            "| unwrap took",
            "a line in which 'took' is no number fails the whole query",
            'Append | __error__="" behind the unwrap',
        )
    ]


def test_a_number_with_one(tmp_path):
    assert found(tmp_path, CHECK, in_panel(COUNTED.format('took | __error__=""'))) == []
