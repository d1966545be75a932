from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.alert_twice import CHECK
from tests.delivery.checks.trees import LOG_RULES, RULES, alert, found, group, rules

FILE = "grafana/provisioning/alerting/market.yaml"
WHERE = "rule 'Errors' in group shop"
REMEDY = "Mount generated/grafana/alerting-managed only where no ruler has the rules"


def managed(expr, **labels):
    data = [{"refId": "A", "model": {"expr": expr}}, {"refId": "C", "model": {"type": "math"}}]
    rule = {"title": "Errors", "labels": labels, "data": data}
    return {"apiVersion": 1, "groups": [{"name": "shop", "rules": [rule]}]}


@pytest.mark.parametrize("file", [RULES, LOG_RULES])
@pytest.mark.parametrize(
    "content",
    [
        managed(alert()["expr"]),
        managed("up == 0", alert="HighErrorRatio", service="shop"),
    ],
)
def test_what_a_ruler_evaluates_too(tmp_path, file, content):
    reason = f"everyone would be told twice: {file} has the alert HighErrorRatio too"
    files = {FILE: content, file: rules(group(alert()))}
    assert found(tmp_path, CHECK, files) == [Finding("alert/twice", FILE, WHERE, reason, REMEDY)]


def test_another_rule_or_one_that_is_not_mounted(tmp_path):
    aside = "grafana/alerting-managed/shop.yaml"
    files = {
        FILE: managed("up == 0", alert="HighErrorRatio", service="till"),
        aside: managed(alert()["expr"]),
        RULES: rules(group(alert())),
    }
    assert found(tmp_path, CHECK, files) == []
