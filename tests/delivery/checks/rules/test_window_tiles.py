from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.window_tiles import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    LOG_RULES,
    alert,
    dashboard,
    found,
    group,
    panel,
    rules,
    target,
)


def counted(window):
    return f'sum(count_over_time({{service="shop"}} |= "[" [{window}]))'


@pytest.mark.parametrize(
    ("window", "changes", "reason", "remedy"),
    [
        (
            "5m",
            {"queryType": "range"},
            "windows of 5m overlap or leave gaps between two steps",
            "Write $__interval, which is the step",
        ),
        (
            "$__range",
            {},
            "windows of $__range overlap or leave gaps between two steps",
            "Write $__interval, which is the step",
        ),
        (
            "$__interval",
            {"queryType": "instant"},
            "the one number of this query counts $__interval, not what is shown",
            "Write $__range",
        ),
    ],
)
def test_a_count_of_other_lines_than_are_shown(tmp_path, window, changes, reason, remedy):
    query = counted(window)
    files = {DASHBOARD: dashboard(panel(target(query, **changes)))}
    start = query.index(f"[{window}]")
    assert found(tmp_path, CHECK, files) == [
        Finding(
            "window/tiles",
            DASHBOARD,
            "panel 1 'Requests', query A",
            reason,
            remedy,
            query,
            start,
            start + len(window) + 2,
        )
    ]


@pytest.mark.parametrize(
    ("window", "kind"),
    [("$__interval", "range"), ("$__auto", "range"), ("$__range", "instant")],
)
def test_what_is_shown(tmp_path, window, kind):
    files = {
        DASHBOARD: dashboard(panel(target(counted(window), queryType=kind))),
        LOG_RULES: rules(group(alert(expr=f"{counted('5m')} > 1"))),
    }
    assert found(tmp_path, CHECK, files) == []
