from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.alert_name import CHECK
from tests.delivery.checks.trees import RULES, alert, found, group, labelled, rules


@pytest.mark.parametrize(
    ("name", "reason", "remedy"),
    [
        (
            "high_error_ratio",
            "'high_error_ratio' is not CamelCase",
            "Write it as one word, as in HighErrorRatio",
        ),
        (
            "ShopFailing",
            "the name says 'shop', as the label service does",
            "Name what is wrong, so that every service can share the alert",
        ),
    ],
)
def test_a_name_that_is_no_faults(tmp_path, name, reason, remedy):
    assert found(tmp_path, CHECK, {RULES: rules(group(alert(alert=name)))}) == [
        Finding("alert/name", RULES, f"alert {name} in group shop", reason, remedy)
    ]


def test_a_word_that_services_share(tmp_path):
    other = {**labelled(service="till"), "alert": "ShopFailing"}
    files = {RULES: rules(group(alert(alert="ShopFailing"), other, alert()))}
    assert found(tmp_path, CHECK, files) == []
