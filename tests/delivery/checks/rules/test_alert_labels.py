from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.alert_labels import CHECK
from tests.delivery.checks.trees import RULES, alert, found, group, labelled, rules

COMPONENTS = "agent, alertmanager, jaeger, loki, memcached, prometheus, shop, till"


@pytest.mark.parametrize(
    ("label", "value", "reason", "remedy"),
    [
        (
            "severity",
            "pages",
            "the label 'severity' is 'pages', which nothing is routed by",
            "Did you mean 'page'?",
        ),
        (
            "severity",
            "none",
            "the label 'severity' is 'none', which nothing is routed by",
            "Known here are page, ticket",
        ),
        (
            "service",
            "",
            "the alert has no label 'service', by which it is routed",
            f"Known here are {COMPONENTS}",
        ),
        (
            "team",
            "salse",
            "the label 'team' is 'salse', which nothing is routed by",
            "Did you mean 'sales'?",
        ),
    ],
)
def test_an_alert_for_nobody(tmp_path, label, value, reason, remedy):
    files = {RULES: rules(group(labelled(**{label: value})))}
    assert found(tmp_path, CHECK, files) == [
        Finding("alert/labels", RULES, "alert HighErrorRatio in group shop", reason, remedy)
    ]


def test_an_alert_of_the_platform_and_the_heartbeat(tmp_path):
    heartbeat = {**labelled(severity="none", service="loki", team="platform"), "alert": "Watchdog"}
    files = {RULES: rules(group(alert(), heartbeat, labelled(service="{{ $labels.service }}")))}
    assert found(tmp_path, CHECK, files) == []
