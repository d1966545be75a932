from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.variable_unknown import CHECK
from tests.delivery.checks.trees import DASHBOARD, dashboard, found, panel, shown_as, target

QUERY = 'sum(rate(sales_total{cluster="$clutser"}[$__rate_interval]))'


def finding(where, reason, remedy, text, word):
    start = text.index(word)
    span = text, start, start + len(word)
    return Finding("variable/unknown", DASHBOARD, where, reason, remedy, *span)


def test_a_query_with_a_variable_that_nobody_defines(tmp_path):
    files = {DASHBOARD: dashboard(panel(QUERY))}
    assert found(tmp_path, CHECK, files) == [
        finding(
            "panel 1 'Requests', query A",
            "nothing fills '$clutser' here",
            "Did you mean 'cluster'?",
            QUERY,
            "$clutser",
        )
    ]


@pytest.mark.parametrize(
    ("link", "reason", "remedy", "word"),
    [
        (
            "/x?a=${clutser}",
            "nothing fills '$clutser' here",
            "Did you mean 'cluster'?",
            "${clutser}",
        ),
        ("/x?a=${__value.rwa}", "'$__value' has no 'rwa'", "Did you mean 'raw'?", "${__value.rwa}"),
    ],
)
def test_a_link_from_a_value(tmp_path, link, reason, remedy, word):
    links = [{"title": "On", "url": link}]
    files = {DASHBOARD: dashboard(panel(fieldConfig=shown_as("reqps", links=links)))}
    assert found(tmp_path, CHECK, files) == [
        finding("panel 1 'Requests', link 'On'", reason, remedy, link, word)
    ]


def test_a_panels_own_link_knows_no_value(tmp_path):
    url = "/x?a=${__value.raw}"
    files = {DASHBOARD: dashboard(panel(links=[{"title": "On", "url": url}]))}
    assert found(tmp_path, CHECK, files) == [
        finding(
            "panel 1 'Requests', link 'On'",
            "nothing fills '$__value' here",
            "Only the data links of a panel know it; move the link there",
            url,
            "${__value.raw}",
        )
    ]


def test_titles_repeats_and_the_queries_of_other_servers(tmp_path):
    search = {"refId": "A", "datasource": {"type": "jaeger", "uid": "j"}, "service": "$one"}
    made = dashboard(panel(search, title="Of $two", repeat="three"), title="Shop $four")
    assert [(each.where, each.query) for each in found(tmp_path, CHECK, {DASHBOARD: made})] == [
        ("panel 1 'Of $two', query A", "$one"),
        ("panel 1 'Of $two', title", "Of $two"),
        ("panel 1 'Of $two', repeat", "${three}"),
        ("dashboard, title", "Shop $four"),
    ]


def test_what_is_known_and_what_is_no_variable(tmp_path):
    query = 'label_replace(up{cluster="$cluster",pod=~"a.*$"}, "b", "$1", "pod", "(.*)$")'
    links = [{"title": "$environment", "url": "/x?${__url_time_range}&b=${__field.labels.pod}"}]
    shown = panel(
        target(query, legendFormat="$cluster"),
        title="In ${cluster:text}",
        fieldConfig=shown_as("short", links=links),
        options={"reduceOptions": {"fields": "/^Value$/"}},
    )
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(shown)}) == []
