from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.alert_unproven import CHECK
from tests.delivery.checks.trees import LOG_RULES, RULES, alert, found, group, rules

TESTS = "prometheus/tests/shop.yaml"
NAME = 'HighErrorRatio{service="shop"}'
WHERE = "alert HighErrorRatio in group shop"
FIRING = {"exp_labels": {"cluster": "one", **alert()["labels"]}}
REMEDY = "Add the incident under alerts/proofs"


def told(title, *moments, name=NAME, alertname="HighErrorRatio"):
    """A test in which the alert fires at those minutes that are true."""
    asked = [
        {
            "eval_time": f"{minute}m",
            "alertname": alertname,
            "exp_alerts": [FIRING] if fires else [],
        }
        for minute, fires in moments
    ]
    return {"name": f"{name}: {title}", "alert_rule_test": asked}


INCIDENT = told("sales fail", (9, False), (10, True), (30, False))
NEAR = told("some fail", (10, False))


def tree(*tests, of_rules=RULES, path=TESTS):
    return {of_rules: rules(group(alert())), path: {"tests": list(tests)}}


def finding(reason, file=RULES):
    return Finding("alert/unproven", file, WHERE, f"{TESTS} has {reason}", REMEDY)


def test_it_is_proved(tmp_path):
    assert found(tmp_path, CHECK, tree(INCIDENT, NEAR)) == []


def test_it_has_no_tests_at_all(tmp_path):
    assert found(tmp_path, CHECK, {RULES: rules(group(alert()))}) == [
        finding("no test in which it fires"),
        finding("no test of a near miss, in which it never fires"),
    ]


def test_it_never_fires(tmp_path):
    assert found(tmp_path, CHECK, tree(NEAR)) == [finding("no test in which it fires")]


def test_what_fires_is_another_severity(tmp_path):
    other = told("sales fail", (9, False), (10, True), (30, False))
    labels = {**FIRING["exp_labels"], "severity": "page"}
    other["alert_rule_test"][1]["exp_alerts"] = [{"exp_labels": labels}]
    assert found(tmp_path, CHECK, tree(other, NEAR)) == [finding("no test in which it fires")]


@pytest.mark.parametrize("moments", [((10, True),), ((9, False), (10, True), (11, True))])
def test_it_never_resets(tmp_path, moments):
    assert found(tmp_path, CHECK, tree(told("sales fail", *moments), NEAR)) == [
        finding("no test in which it is silent again after it has fired")
    ]


def test_the_order_of_the_moments_is_their_time(tmp_path):
    jumbled = told("sales fail", (30, False), (10, True), (9, False))
    assert found(tmp_path, CHECK, tree(jumbled, NEAR)) == []


def test_it_has_no_near_miss(tmp_path):
    assert found(tmp_path, CHECK, tree(INCIDENT)) == [
        finding("no test of a near miss, in which it never fires")
    ]


def test_a_test_that_asks_nothing_is_no_near_miss(tmp_path):
    empty = told("nothing is asked")
    assert found(tmp_path, CHECK, tree(INCIDENT, empty)) == [
        Finding(
            "alert/unproven",
            TESTS,
            f"test '{NAME}: nothing is asked'",
            "the file of rules that it tests has no such alert",
            "Remove it, or begin its name with the alert that it is about",
        ),
        finding("no test of a near miss, in which it never fires"),
    ]


@pytest.mark.parametrize(
    "changes",
    [{"name": 'HighErrorRatio{service="till"}'}, {"alertname": "HighLatency"}],
)
def test_a_test_of_no_alert(tmp_path, changes):
    odd = told("sales fail", (10, False), **changes)
    assert found(tmp_path, CHECK, tree(INCIDENT, NEAR, odd)) == [
        Finding(
            "alert/unproven",
            TESTS,
            f"test '{odd['name']}'",
            "the file of rules that it tests has no such alert",
            "Remove it, or begin its name with the alert that it is about",
        )
    ]


def test_the_tests_of_loki_are_for_every_tenant(tmp_path):
    path = "loki/tests/shop.yaml"
    line = alert(expr='sum by (cluster) (count_over_time({service="shop"} [5m])) > 1')
    files = {
        LOG_RULES: rules(group(line)),
        "loki/rules/market/shop.yaml": rules(group(line)),
        path: {"tests": [INCIDENT, NEAR]},
    }
    assert found(tmp_path, CHECK, files) == []
    (tmp_path / "again").mkdir()
    without = {**files, path: {"tests": [INCIDENT]}}
    reason = f"{path} has no test of a near miss, in which it never fires"
    assert [(each.file, each.reason) for each in found(tmp_path / "again", CHECK, without)] == [
        ("loki/rules/fake/shop.yaml", reason),
        ("loki/rules/market/shop.yaml", reason),
    ]
