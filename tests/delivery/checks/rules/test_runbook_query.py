from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.runbook_query import CHECK
from tests.delivery.checks.pages import FILE, PAGE, found, line_of

ASKED = "query run volume-trend --service SERVICE --since 1h"


@pytest.mark.parametrize(
    ("command", "reason", "remedy"),
    [
        (
            "query run volume-trends --service SERVICE",
            "query volume-trends: the library has no such query",
            "Did you mean 'volume-trend'?",
        ),
        (
            "query run volume-trend --service SERVICE --param levels=error",
            "volume-trend: there is no parameter 'levels'",
            "It takes none: leave it out",
        ),
        (
            "query run volume-trend --service shops",
            "--service: the catalog has no service 'shops'",
            "Did you mean 'shop'?",
        ),
        (
            "query run volume-trend --service SERVICE --since soon",
            "--since: is 'soon', not a duration",
            "Write a whole number and one of s, m, h, d, w, y, as in 30d",
        ),
        (
            "query run volume-trend --services SERVICE",
            "query run has no option '--services'",
            "Did you mean '--service'?",
        ),
        (
            "query run volume-trend --service",
            "'--service' stands without a value",
            "Write it, or take the option out",
        ),
        (
            "query run volume-trend --service SERVICE --environment moon",
            "the catalog has no environment 'moon'",
            "Known here are here",
        ),
        (
            "query run  ",
            "'python build.py query run' names no query",
            "Name one that python build.py query list shows",
        ),
    ],
)
def test_the_command_would_be_refused(tmp_path, command, reason, remedy):
    page = PAGE.replace(ASKED, command)
    assert page != PAGE
    where = line_of(page, "python build.py query")
    assert found(tmp_path, page, CHECK) == [Finding("runbook/query", FILE, where, reason, remedy)]


@pytest.mark.parametrize(
    "command",
    ["query show volume-trend --service shop", "query run volume-trend --service SERVICE"],
)
def test_it_would_be_answered(tmp_path, command):
    assert found(tmp_path, PAGE.replace(ASKED, command), CHECK) == []
