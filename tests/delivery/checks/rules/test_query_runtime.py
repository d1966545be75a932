from __future__ import annotations

from delivery.checks.rules.query_runtime import CHECK
from tests.delivery.checks.trees import fault, found, in_panel


def test_an_expression_of_a_line_filter(tmp_path):
    expr = '{cluster="$cluster",service="shop"} |~ "("'
    assert found(tmp_path, CHECK, in_panel(expr)) == [
        fault(
            "query/runtime",
            expr,
            '"("',
            "LogQL: not a regular expression: missing ): (",
            "Correct the query where it is built, under queries/",
        )
    ]


def test_a_text_that_looks_like_one(tmp_path):
    assert found(tmp_path, CHECK, in_panel('{cluster="$cluster",service="shop"} |= "("')) == []
