from __future__ import annotations

from delivery.checks.rules.field_format import CHECK
from tests.delivery.checks.trees import fault, found, in_panel


def test_a_parser_for_another_format(tmp_path):
    expr = '{cluster="$cluster",service="shop"} | logfmt'
    assert found(tmp_path, CHECK, in_panel(expr)) == [
        fault(
            "field/format",
            expr,
            "| logfmt",
            "these lines are json, and logfmt finds nothing in them",
            "Parse them with | json",
        )
    ]


def test_the_parser_of_the_service(tmp_path):
    assert found(tmp_path, CHECK, in_panel('{cluster="$cluster",service="shop"} | json')) == []
