from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.variable_multi import CHECK
from tests.delivery.checks.trees import DASHBOARD, SCOPE, found, panel, variable, with_variables

POD = variable("pod", "label_values(up, pod)", multi=True, includeAll=True)


def files(query):
    return {DASHBOARD: with_variables(POD, panels=(panel(query),))}


@pytest.mark.parametrize(
    ("query", "operator", "right"),
    [
        (f'up{{{SCOPE},pod="$pod"}}', "=", "=~"),
        (f'up{{{SCOPE},pod!="${{pod}}"}}', "!=", "!~"),
        (f'count_over_time({{{SCOPE}}} |= "$pod" [$__interval])', "|=", "|~"),
    ],
)
def test_several_values_where_one_is_compared(tmp_path, query, operator, right):
    word = "${pod}" if "${pod}" in query else "$pod"
    start = query.index(word)
    assert found(tmp_path, CHECK, files(query)) == [
        Finding(
            "variable/multi",
            DASHBOARD,
            "panel 1 'Requests', query A",
            f"'$pod' can be several values at once, and '{operator}' compares with one",
            f"Write {right}",
            query,
            start,
            start + len(word),
        )
    ]


@pytest.mark.parametrize("query", [f'up{{{SCOPE},pod=~"$pod"}}', f'up{{{SCOPE},pod!~"$pod"}}'])
def test_an_expression_matches_them_all(tmp_path, query):
    assert found(tmp_path, CHECK, files(query)) == []


def test_one_value_is_compared_with_one(tmp_path):
    one = variable("pod", "label_values(up, pod)")
    made = with_variables(one, panels=(panel(f'up{{{SCOPE},pod="$pod"}}'),))
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == []
