from __future__ import annotations

from delivery.checks.rules.stream_not_a_label import CHECK
from tests.delivery.checks.trees import fault, found, in_panel


def test_a_field_of_the_line(tmp_path):
    expr = '{cluster="$cluster",outcome="refused"}'
    assert found(tmp_path, CHECK, in_panel(expr)) == [
        fault(
            "stream/not-a-label",
            expr,
            'outcome="refused"',
            "'outcome' is no stream label: it is in the line",
            'Filter behind the selector: | outcome="…", after a parser if it is in the line',
        )
    ]


def test_a_stream_label(tmp_path):
    assert found(tmp_path, CHECK, in_panel('{cluster="$cluster",level="error"}')) == []
