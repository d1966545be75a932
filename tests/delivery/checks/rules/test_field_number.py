from __future__ import annotations

from delivery.checks.rules.field_number import CHECK
from tests.delivery.checks.trees import fault, found, in_panel


def test_a_text_and_a_number(tmp_path):
    expr = '{cluster="$cluster",service="shop"} | json | outcome > 5'
    assert found(tmp_path, CHECK, in_panel(expr)) == [
        fault(
            "field/number",
            expr,
            "outcome > 5",
            "'outcome' is text, and is compared with a number",
            'Compare it with a string, as in ="…"',
        )
    ]


def test_a_number_and_a_number(tmp_path):
    expr = '{cluster="$cluster",service="shop"} | json | took > 5'
    assert found(tmp_path, CHECK, in_panel(expr)) == []
