from __future__ import annotations

from delivery.checks.rules.field_unknown import CHECK
from tests.delivery.checks.trees import fault, found, in_panel


def test_before_any_parser(tmp_path):
    expr = '{cluster="$cluster",service="shop"} | outcome="refused"'
    assert found(tmp_path, CHECK, in_panel(expr)) == [
        fault(
            "field/unknown",
            expr,
            'outcome="refused"',
            "'outcome' is in the line, and no parser stands before this stage",
            "Put | json before it",
        )
    ]


def test_of_another_service(tmp_path):
    expr = '{cluster="$cluster",service="till"} | json | outcome="refused"'
    (only,) = found(tmp_path, CHECK, in_panel(expr))
    assert only.reason == "no line has a field or label 'outcome'"


def test_behind_the_parser(tmp_path):
    expr = '{cluster="$cluster",service="shop"} | json | outcome="refused"'
    assert found(tmp_path, CHECK, in_panel(expr)) == []
