from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.alert_range import CHECK
from tests.delivery.checks.trees import RULES, alert, annotated, found, group, rules


@pytest.mark.parametrize(
    ("query", "reason", "remedy"),
    [
        (
            "?to=now",
            "the link has no 'from', so that the dashboard shows its own range",
            "Write from=now-1h",
        ),
        (
            "?from=now-1h",
            "the link has no 'to', so that the dashboard shows its own range",
            "Write to=now",
        ),
        (
            "?from=1700000000000&to=now",
            "'from' is 1700000000000, which is no longer the time of the alert",
            "Write from=now-1h",
        ),
    ],
)
def test_another_time(tmp_path, query, reason, remedy):
    address = f"http://localhost:3000/d/shop{query}"
    files = {RULES: rules(group(annotated(dashboard_url=address)))}
    where = "alert HighErrorRatio in group shop, annotation dashboard_url"
    assert found(tmp_path, CHECK, files) == [
        Finding("alert/range", RULES, where, reason, remedy, address)
    ]


def test_the_last_hour(tmp_path):
    assert found(tmp_path, CHECK, {RULES: rules(group(alert()))}) == []
