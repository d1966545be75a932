from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.alert_links import CHECK
from tests.delivery.checks.trees import (
    LOG_RULES,
    RULES,
    alert,
    annotated,
    found,
    group,
    recording,
    rules,
)


@pytest.mark.parametrize(
    ("key", "remedy"),
    [
        ("summary", "Say in a sentence what is wrong, and where"),
        ("description", "Say what it means, and where to look first"),
        ("runbook_url", "Link the runbook of this alert"),
        ("dashboard_url", "Link the dashboard that shows it, with its variables and range"),
    ],
)
@pytest.mark.parametrize("path", [RULES, LOG_RULES])
def test_what_an_alert_does_not_say(tmp_path, path, key, remedy):
    assert found(tmp_path, CHECK, {path: rules(group(annotated(**{key: " "})))}) == [
        Finding(
            "alert/links",
            path,
            "alert HighErrorRatio in group shop",
            f"the alert has no {key}",
            remedy,
        )
    ]


def test_an_alert_that_says_all_and_a_recording(tmp_path):
    made = rules(group(alert(), recording("a:b:c", "up")))
    assert found(tmp_path, CHECK, {RULES: made}) == []
