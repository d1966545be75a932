from __future__ import annotations

import pytest

from delivery.checks.rules.query_syntax import CHECK
from tests.delivery.checks.trees import DASHBOARD, LINES, REQUESTS, found, in_panel


@pytest.mark.parametrize(
    ("expr", "word", "reason"),
    [
        ("sum(rate(sales_total[$__rate_interval]]", "]]", ""),
        ('count_over_time({cluster="$cluster"}} [$__interval])', "}}", ""),
    ],
)
def test_what_no_server_parses(tmp_path, expr, word, reason):
    (only,) = found(tmp_path, CHECK, in_panel(expr))
    assert only.check == "query/syntax"
    assert (only.file, only.where, only.query) == (
        DASHBOARD,
        "panel 1 'Requests', query A",
        expr,
    )
    assert only.reason.startswith(("PromQL: ", "LogQL: "))
    assert only.start == expr.index(word) + 1


def test_what_one_does(tmp_path):
    assert found(tmp_path, CHECK, in_panel(REQUESTS)) == []
    assert found(tmp_path, CHECK, in_panel(LINES)) == []
