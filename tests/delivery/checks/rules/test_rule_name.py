from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.rule_name import CHECK
from tests.delivery.checks.trees import LOG_RULES, RULES, alert, found, group, recording, rules

REMEDY = "Name it level:metric:operations, as in service:log_lines:rate5m"


def finding(where, reason, remedy):
    return Finding("rule/name", RULES, where, reason, remedy)


@pytest.mark.parametrize("name", ["sales_rate5m", "shop:sales", "shop::sales:rate5m", ":a:b"])
def test_a_recorded_name_that_says_little(tmp_path, name):
    files = {RULES: rules(group(recording(name, "up")))}
    reason = f"'{name}' does not say what was done to which metric"
    assert found(tmp_path, CHECK, files) == [
        finding(f"recording {name} in group shop", reason, REMEDY)
    ]


def test_two_groups_of_one_name_and_one_of_none(tmp_path):
    files = {RULES: rules(group(alert()), group(alert()), group(alert(), name=""))}
    assert found(tmp_path, CHECK, files) == [
        finding(
            "group shop",
            "the file has two groups 'shop', and is refused as a whole",
            "Rename one, or join the two",
        ),
        finding("group ", "the group has no name", "Name it after what it is about"),
    ]


def test_one_name_in_two_files(tmp_path):
    made = rules(group(recording("shop:sales:rate5m", "up")))
    assert found(tmp_path, CHECK, {RULES: made, LOG_RULES: rules(group(alert()))}) == []
