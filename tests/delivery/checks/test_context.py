"""Rules are read before what reads them, alerts before what shows them."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.checks.context import Context, make_context, words
from delivery.checks.documents import Documents
from delivery.checks.read import read_file
from tests.delivery.checks.trees import (
    DASHBOARD,
    LOG_RULES,
    RULES,
    SOURCES,
    alert,
    dashboard,
    group,
    minimal,
    panel,
    recording,
    rules,
    source,
    sources,
    variable,
    with_variables,
)


def read(files: dict[str, Any]) -> Context:
    documents = Documents()
    for path, content in files.items():
        read_file(path, content, documents)
    return make_context(minimal(), (), documents)


def told(context: Context) -> list[str]:
    return [
        f"{fault.check} at {fault.where}: {fault.query[fault.start : fault.end]}"
        for fault in context.faults
    ]


SALES = "sum by (cluster, outcome) (rate(sales_total[5m]))"


def test_a_series_is_known_to_rules_before_and_after_it_and_to_other_files():
    context = read(
        {
            "prometheus/rules/a.yaml": rules(
                group(recording("a:twice:rate5m", "2 * b:sales:rate5m{outcome='sold'}"))
            ),
            "prometheus/rules/b.yaml": rules(
                group(
                    recording("c:thrice:rate5m", "3 * a:twice:rate5m"),
                    recording("b:sales:rate5m", SALES, team="sales"),
                )
            ),
        }
    )
    assert told(context) == []
    twice = context.universe.signal("a:twice:rate5m").known
    assert twice.labels["outcome"] == {"sold"}
    assert twice.labels["team"] == {"sales"}
    assert twice.sure >= {"cluster", "outcome", "team"}
    assert context.universe.signal("c:thrice:rate5m").unit == "sales/s"


def test_what_a_rule_of_the_ruler_records_has_its_labels():
    counted = 'sum by (cluster, level) (rate({service="shop"}[5m]))'
    context = read(
        {
            LOG_RULES: rules(group(recording("service:log_lines:rate5m", counted))),
            RULES: rules(
                group(
                    recording("a:lines:rate5m", "sum by (levels) (service:log_lines:rate5m)"),
                )
            ),
        }
    )
    assert told(context) == ["label/missing at recording a:lines:rate5m in group shop: levels"]
    assert context.universe.signal("service:log_lines:rate5m").unit == "lines/s"


def test_rules_that_read_each_other_in_a_circle_are_read_all_the_same():
    context = read(
        {
            RULES: rules(
                group(
                    recording("a:b:c", "sum by (cluster) (d:e:f)"),
                    recording("d:e:f", "sum by (cluster) (a:b:c)"),
                )
            )
        }
    )
    assert {fault.check for fault in context.faults} <= {"metric/unknown"}
    assert len(context.queries) == 2


def test_a_running_total_has_the_labels_of_what_is_added_to_it():
    """It reads itself, and so do others: a label that it never has is found in both."""
    total = "b:sales:rate5m + (b:sales:sum{outcome='sold'} or 0 * b:sales:rate5m)"
    wrong = "b:sales:rate5m + (b:sales:sum{nosuch='x'} or 0 * b:sales:rate5m)"
    for expr, faults in (
        (total, []),
        (wrong, ["label/missing at recording b:sales:sum in group shop: nosuch"]),
    ):
        group_ = group(
            recording("b:sales:rate5m", SALES, team="sales"),
            recording("b:sales:sum", expr, team="sales"),
            recording("c:sales:sum", "b:sales:sum{team='sales',outcome='sold'}"),
        )
        context = read({"prometheus/rules/a.yaml": rules(group_)})
        assert told(context) == faults
        signal = context.universe.signal("b:sales:sum")
        assert signal is not None
        assert set(signal.known.labels) == {"cluster", "outcome", "team"}
        assert signal.known.sure == {"cluster", "outcome", "team"}


def test_a_broken_rule_causes_no_fault_in_what_reads_it():
    context = read(
        {
            RULES: rules(
                group(
                    recording("a:sales:rate5m", "sum(rate(sale_total[5m]))"),
                    recording("b:sales:rate5m", "sum by (outcome) (a:sales:rate5m)"),
                )
            )
        }
    )
    assert told(context) == ["metric/unknown at recording a:sales:rate5m in group shop: sale_total"]


@pytest.mark.parametrize(
    ("expr", "faults"),
    [
        ('ALERTS{alertname="HighErrorRatio",alertstate="firing",cluster="$cluster"}', []),
        ('ALERTS{severity="ticket",team="sales"}', []),
        ('max by (alertname) (ALERTS{alertname="Nothing"})', ["label/value: Nothing"]),
        ('ALERTS{severity="page"}', ["label/value: page"]),
        ('ALERTS{alertstate="silenced"}', ["label/value: silenced"]),
        ("max by (owner) (ALERTS)", ["label/missing: owner"]),
        ('ALERTS_FOR_STATE{alertname="HighErrorRatio"}', []),
    ],
)
def test_alerts_have_the_labels_of_the_rules(expr, faults):
    context = read({RULES: rules(group(alert())), DASHBOARD: dashboard(panel(expr))})
    assert [
        f"{fault.check}: {fault.query[fault.start : fault.end]}" for fault in context.faults
    ] == faults


def test_two_alerts_are_not_one():
    other = alert(alert="AllTargetsDown", labels={"severity": "page"})
    expr = 'ALERTS{alertname="AllTargetsDown",severity="ticket"}'
    context = read({RULES: rules(group(alert(), other)), DASHBOARD: dashboard(panel(expr))})
    (only,) = context.faults
    assert only.reason == (
        "no series of 'ALERTS' has all of this at once: "
        'alertname="AllTargetsDown", severity="ticket"'
    )


def test_a_place_in_a_templated_query_is_that_of_the_shipped_text():
    expr = 'sum(rate(sales_total{cluster="$cluster",outcom="sold"}[$__rate_interval]))'
    (only,) = read({RULES: rules(group(alert())), DASHBOARD: dashboard(panel(expr))}).faults
    assert only.query == expr
    assert expr[only.start : only.end] == "outcom"


def test_a_variable_may_list_the_labels_of_a_counter():
    listed = variable("outcome", "label_values(sales_total, outcome)")
    files = {RULES: rules(group(alert())), DASHBOARD: with_variables(listed)}
    assert read(files).faults == []


def test_variables_that_nothing_defines():
    made = dashboard(panel('sum(rate(sales_total{cluster="$clusters"}[5m]))'))
    queries = [query for query in read({DASHBOARD: made}).queries if query.unknown]
    assert [query.unknown for query in queries] == [(("clusters", 30, 39),)]


def correlating(expr: str, *steps: dict[str, str]) -> dict[str, Any]:
    target = {"targetUID": "market-prometheus", "label": "Sales"}
    config = {"transformations": list(steps), "target": {"expr": expr}}
    entry = source("loki", correlations=[{**target, "config": config}])
    return {SOURCES: sources(entry, source("prometheus"))}


@pytest.mark.parametrize(
    ("expr", "steps", "unknown"),
    [
        # Without a transformation it is a label of the line.
        ('up{service="$${service}"}', (), ()),
        ('up{service="$${servic}"}', (), ("servic",)),
        ('up{service="$${name}"}', ({"type": "regex", "mapValue": "name"},), ()),
        ('up{service="$${service}"}', ({"type": "regex", "mapValue": "name"},), ("service",)),
        ('up{service="$${n}"}', ({"type": "regex", "expression": "a=(?<n>.*)"},), ()),
    ],
)
def test_a_correlation_is_filled_by_its_transformations(expr, steps, unknown):
    (query,) = read(correlating(expr, *steps)).queries
    assert tuple(name for name, _, _ in query.unknown) == unknown
    assert query.use.text == expr.replace("$$", "$")


def test_the_names_in_an_expression():
    found = list(words('sum by (a) (job:x:rate5m{b="c"}) / 2'))
    assert found == ["sum", "by", "a", "job:x:rate5m", "b", "c", "2"]
