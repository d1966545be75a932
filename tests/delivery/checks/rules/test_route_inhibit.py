from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.route_inhibit import CHECK
from tests.delivery.checks.trees import RULES, found, group, labelled, rules

FILE = "alertmanager/alertmanager.yml"
REMEDY = "Name labels that alerts have, or remove the rule"


def silencing(source, target):
    rule = {"source_matchers": source, "target_matchers": target, "equal": ["service"]}
    alerts = rules(group(labelled(relies_on="agent,loki"), labelled(severity="page")))
    return {FILE: {"inhibit_rules": [rule]}, RULES: alerts}


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        (
            ['alertname="HighErrorRate"'],
            ['severity="ticket"'],
            'no alert that ships is a source of this: alertname="HighErrorRate"',
        ),
        (
            ['severity="page"'],
            ['relies_on=~"(.*,)?jaeger(,.*)?"'],
            'no alert that ships is a target of this: relies_on=~"(.*,)?jaeger(,.*)?"',
        ),
        # Each of the two is true of an alert, and both of none.
        (
            ['severity="page"', 'relies_on="agent,loki"'],
            ['severity="ticket"'],
            'no alert that ships is a source of this: severity="page", relies_on="agent,loki"',
        ),
        # A label that neither the rule nor its query gives is empty.
        (
            ['severity="page"'],
            ['zone="a"'],
            'no alert that ships is a target of this: zone="a"',
        ),
    ],
)
def test_a_side_that_is_nobody(tmp_path, source, target, reason):
    assert found(tmp_path, CHECK, silencing(source, target)) == [
        Finding("route/inhibit", FILE, "inhibit_rules[0]", reason, REMEDY)
    ]


def test_what_is_no_matcher(tmp_path):
    assert found(tmp_path, CHECK, silencing(["severity"], ['severity="page"'])) == [
        Finding(
            "route/inhibit",
            FILE,
            "inhibit_rules[0]",
            "'severity' is no matcher",
            'Write it as label="value"',
        )
    ]


def test_two_sides_that_ship(tmp_path):
    """``cluster`` comes from the query, whatever its value."""
    source = ['severity="page"', 'cluster="one"', 'zone!="a"']
    target = ['alertname=~"High.*"', 'relies_on=~"(.*,)?loki(,.*)?"']
    assert found(tmp_path, CHECK, silencing(source, target)) == []
