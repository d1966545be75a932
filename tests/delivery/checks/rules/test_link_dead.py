from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.link_dead import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    LOGS,
    RULES,
    SCOPE,
    SOURCES,
    annotated,
    dashboard,
    found,
    group,
    panel,
    rules,
    shown_as,
    source,
    sources,
    target,
    with_variables,
)

BY_SERVICE = f"sum by (service) (rate(sales_total{{{SCOPE}}}[$__rate_interval]))"
BY_POD = f"sum by (pod) (rate(sales_total{{{SCOPE}}}[$__rate_interval]))"


def linked(url, query=BY_SERVICE):
    return panel(target(query), fieldConfig=shown_as("ops", links=[{"title": "On", "url": url}]))


def lines(uid="lines-shop"):
    return dashboard(panel(id=5), uid=uid, title="Lines")


@pytest.mark.parametrize(
    ("url", "word", "reason", "remedy"),
    [
        (
            "/d/lines-shops?a=b",
            "lines-shops",
            "no dashboard has the uid 'lines-shops'",
            "Did you mean 'lines-shop'?",
        ),
        (
            "http://localhost:3000/d/lines-shop?viewPanel=6",
            "6",
            "the dashboard 'lines-shop' has no panel 6",
            "Name the id of a panel that it has",
        ),
        (
            "/d/lines-shop/lines?var-clutser=one&var-cluster=one",
            "var-clutser",
            "the dashboard 'lines-shop' has no variable 'clutser'",
            "Did you mean 'cluster'?",
        ),
        # The answer is of the shop only, whatever other services there are.
        (
            "/d/sold-${__field.labels.service}",
            "sold-${__field.labels.service}",
            "no dashboard has the uid 'sold-shop'",
            "Did you mean 'lines-shop'?",
        ),
    ],
)
def test_a_link_of_a_panel(tmp_path, url, word, reason, remedy):
    files = {DASHBOARD: dashboard(linked(url)), LOGS: lines()}
    start = url.index(word)
    assert found(tmp_path, CHECK, files) == [
        Finding(
            "link/dead",
            DASHBOARD,
            "panel 1 'Requests', link 'On'",
            reason,
            remedy,
            url,
            start,
            start + len(word),
        )
    ]


def test_a_variable_of_which_one_value_leads_nowhere(tmp_path):
    choice = {"name": "service", "type": "custom", "query": "shop,till"}
    link = {"type": "link", "title": "Lines", "url": "/d/lines-${service}"}
    files = {DASHBOARD: with_variables(choice, links=[link]), LOGS: lines()}
    (only,) = found(tmp_path, CHECK, files)
    assert only.where == "link 'Lines'"
    assert only.reason == "no dashboard has the uid 'lines-till'"


def test_an_alert_and_a_derived_field(tmp_path):
    made = annotated(dashboard_url="http://localhost:3000/d/gone?from=now-1h&to=now")
    fields = [{"name": "t", "url": "/d/lost?id=$${__value.raw}"}]
    loki = source("loki", jsonData={"derivedFields": fields})
    files = {RULES: rules(group(made)), SOURCES: sources(loki)}
    assert [(each.file, each.where, each.reason) for each in found(tmp_path, CHECK, files)] == [
        (
            SOURCES,
            "datasource 'Market loki', jsonData.derivedFields 't'",
            "no dashboard has the uid 'lost'",
        ),
        (
            RULES,
            "alert HighErrorRatio in group shop, annotation dashboard_url",
            "no dashboard has the uid 'gone'",
        ),
    ]


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("/d/lines-${__field.labels.service}?var-cluster=${cluster}&viewPanel=panel-5", BY_SERVICE),
        ("/d/lines-${__field.labels.pod}", BY_POD),
        ("https://example.org/d/other", BY_SERVICE),
        ("/explore?a=b", BY_SERVICE),
    ],
)
def test_what_leads_somewhere_or_cannot_be_told(tmp_path, url, query):
    files = {DASHBOARD: dashboard(linked(url, query)), LOGS: lines()}
    assert found(tmp_path, CHECK, files) == []


def test_a_service_that_only_the_server_knows_is_any_of_the_catalogs(tmp_path):
    files = {
        DASHBOARD: dashboard(linked("/d/lines-${__field.labels.service}", "nothing_of_ours")),
        LOGS: lines(),
    }
    assert [each.reason for each in found(tmp_path, CHECK, files)] == [
        "no dashboard has the uid 'lines-till'"
    ]
