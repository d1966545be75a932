from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.runbook_unfinished import CHECK
from tests.delivery.checks.pages import FILE, PAGE, found, line_of


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("TODO: what users notice while it fires", "what users notice while it fires"),
        ("TODO", "what belongs here"),
    ],
)
def test_a_question_is_open(tmp_path, written, asked):
    page = PAGE.replace("Users see errors.", written)
    assert found(tmp_path, page, CHECK) == [
        Finding(
            "runbook/unfinished",
            FILE,
            line_of(page, "TODO"),
            f"nobody has written {asked}",
            "Write it: whoever is woken has nobody to ask",
        )
    ]


def test_all_is_answered(tmp_path):
    assert found(tmp_path, PAGE, CHECK) == []
