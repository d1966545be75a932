from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.panel_query import CHECK
from tests.delivery.checks.trees import DASHBOARD, REQUESTS, dashboard, found, panel, target


@pytest.mark.parametrize(
    ("targets", "reason", "remedy"),
    [
        ([], "the panel asks nothing", "Add a query, or remove the panel"),
        (
            [target(REQUESTS), target(REQUESTS)],
            "two queries are called A",
            "Give each a letter of its own",
        ),
        ([target(REQUESTS, "")], "a query has no refId", "Name it with a letter, as in A"),
        ([target(" ", "B")], "the query B is empty", "Write its expression, or remove it"),
    ],
)
def test_what_is_not_asked(tmp_path, targets, reason, remedy):
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(panel(targets=targets))}) == [
        Finding("panel/query", DASHBOARD, "panel 1 'Requests'", reason, remedy)
    ]


def test_a_list_of_alerts_and_a_search_of_traces(tmp_path):
    search = {"refId": "A", "datasource": {"type": "jaeger", "uid": "j"}, "queryType": "search"}
    made = dashboard(panel(search), {"id": 2, "type": "alertlist"}, {"id": 3, "type": "row"})
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == []
