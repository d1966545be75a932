from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.label_shown import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    RULES,
    SCOPE,
    alert,
    annotated,
    dashboard,
    found,
    group,
    override,
    panel,
    rules,
    shown_as,
    target,
    variable,
    with_variables,
)

BY_OUTCOME = f"sum by (outcome) (rate(sales_total{{{SCOPE}}}[$__rate_interval]))"
PANEL = "panel 1 'Requests'"


def of_dashboard(where, reason, remedy, *span):
    return Finding("label/shown", DASHBOARD, where, reason, remedy, *span)


def test_a_legend(tmp_path):
    made = dashboard(panel(target(BY_OUTCOME, legendFormat="{{outcomes}}")))
    reason = "the legend shows the label 'outcomes', which the answer does not have"
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == [
        of_dashboard(f"{PANEL}, query A", reason, "Did you mean 'outcome'?")
    ]


def test_an_annotation(tmp_path):
    made = dashboard()
    made["annotations"]["list"][0]["tagKeys"] = "alertname,severity"
    reason = "the annotation shows the label 'severity', which the answer does not have"
    assert found(tmp_path, CHECK, {DASHBOARD: made, RULES: rules(group(alert()))}) == [
        of_dashboard("annotation 'Alerts'", reason, "Known here are alertname")
    ]


def test_the_values_of_a_variable(tmp_path):
    made = with_variables(variable("route", "label_values(sales_total, route)"))
    (only,) = found(tmp_path, CHECK, {DASHBOARD: made})
    assert only.where == "variable route"
    assert only.reason == "the variable lists the label 'route', which the answer does not have"


def test_the_text_of_an_alert_knows_no_label_that_the_rule_adds(tmp_path):
    made = annotated(summary="{{ $labels.team }} in {{ .Labels.cluster }}")
    assert found(tmp_path, CHECK, {RULES: rules(group(made))}) == [
        Finding(
            "label/shown",
            RULES,
            "alert HighErrorRatio in group shop",
            "the alert's text shows the label 'team', which the answer does not have",
            "Known here are cluster",
        )
    ]


@pytest.mark.parametrize(
    ("transformation", "by"),
    [
        (
            {"id": "filterFieldsByName", "options": {"include": {"names": ["outcomes"]}}},
            "filterFieldsByName",
        ),
        ({"id": "organize", "options": {"renameByName": {"outcomes": "Outcome"}}}, "organize"),
    ],
)
def test_a_column_of_a_table(tmp_path, transformation, by):
    made = dashboard(panel(BY_OUTCOME, type="table", transformations=[transformation]))
    reason = f"the transformation {by} names 'outcomes', which the answer does not have"
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == [
        of_dashboard(PANEL, reason, "Did you mean 'outcome'?")
    ]


def test_an_override_of_a_table_and_of_a_graph(tmp_path):
    config = shown_as("reqps", override("Sold", unit="short"))
    table = panel(BY_OUTCOME, type="table", fieldConfig=config)
    graph = panel(target(BY_OUTCOME, legendFormat="sold"), id=2, fieldConfig=config)
    reason = "an override names 'Sold', which the answer does not have"
    assert found(tmp_path, CHECK, {DASHBOARD: dashboard(table, graph)}) == [
        of_dashboard(PANEL, reason, "Known here are Time, Value, Value #A, outcome"),
        of_dashboard("panel 2 'Requests'", reason, "Did you mean 'sold'?"),
    ]


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("timeseries", "/d/shop?a=${__field.labels.outcomes}"),
        ("table", "/d/shop?a=${__data.fields.outcomes}"),
    ],
)
def test_a_link_that_takes_a_label_from_the_answer(tmp_path, kind, url):
    links = [{"title": "On", "url": url}]
    made = dashboard(panel(BY_OUTCOME, type=kind, fieldConfig=shown_as("reqps", links=links)))
    reason = "the link takes 'outcomes' from the answer, which does not have it"
    start = url.index("outcomes")
    span = url, start, start + len("outcomes")
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == [
        of_dashboard(f"{PANEL}, link 'On'", reason, "Did you mean 'outcome'?", *span)
    ]


def test_what_the_answer_has(tmp_path):
    lines = f"{{{SCOPE}}} | json"
    steps = [
        {"id": "extractFields", "options": {"source": "labels"}},
        {"id": "organize", "options": {"renameByName": {"trace_id": "Trace", "Time": "When"}}},
    ]
    graph = panel(target(BY_OUTCOME, legendFormat="{{outcome}}"))
    links = [{"title": "On", "url": "/x?a=${__data.fields.trace_id}"}]
    config = shown_as("short", override("Trace", links=links), override("Line"))
    table = panel(lines, id=2, type="table", transformations=steps, fieldConfig=config)
    files = {DASHBOARD: dashboard(graph, table), RULES: rules(group(alert()))}
    assert found(tmp_path, CHECK, files) == []


def test_where_nobody_knows_the_columns(tmp_path):
    config = shown_as("reqps", override("anything", unit="short"))
    joined = [{"id": "reduce", "options": {}}]
    made = dashboard(
        panel(BY_OUTCOME, type="table", transformations=joined, fieldConfig=config),
        panel(target(BY_OUTCOME, legendFormat="{{outcome}}"), id=2, fieldConfig=config),
    )
    assert found(tmp_path, CHECK, {DASHBOARD: made}) == []
