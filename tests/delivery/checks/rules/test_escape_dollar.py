from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.escape_dollar import CHECK
from tests.delivery.checks.trees import (
    DASHBOARD,
    RULES,
    SOURCES,
    annotated,
    dashboard,
    found,
    group,
    panel,
    rules,
    source,
    sources,
)

ALERTING = "grafana/provisioning/alerting/market.yaml"
EMPTY = "Grafana puts an environment variable here, and most are empty"


def single(file, way, text, start):
    return Finding("escape/dollar", file, way, EMPTY, "Write $$", text, start, start + 1)


def doubled(file, where, text):
    reason, start = "nothing undoubles this '$$' here", text.index("$$")
    return Finding("escape/dollar", file, where, reason, "Write $", text, start, start + 2)


@pytest.mark.parametrize(
    ("url", "start"),
    [
        ("${__value.raw}", 0),
        ("/x?a=$name", 5),
        ("/x?a=$$${b}", 7),
        ("$$a and $1", 8),
    ],
)
def test_what_grafana_would_expand(tmp_path, url, start):
    made = source("loki", jsonData={"derivedFields": [{"name": "Trace", "url": url}]})
    way = "datasources[Market loki].jsonData.derivedFields[Trace].url"
    assert found(tmp_path, CHECK, {SOURCES: sources(made)}) == [single(SOURCES, way, url, start)]


def test_what_it_would_not(tmp_path):
    made = source(
        "loki",
        url="$__file{/run/address}",
        jsonData={"derivedFields": [{"name": "t", "matcherRegex": "a$|b$", "url": "$${x}"}]},
        secureJsonData={"basicAuthPassword": "$PASSWORD"},
    )
    assert found(tmp_path, CHECK, {SOURCES: sources(made)}) == []


def test_an_alerting_file_is_expanded_in_part(tmp_path):
    entry = {
        "title": "$labels",
        "annotations": {"summary": "$labels.a and $$labels.b"},
        "data": [{"refId": "A", "model": {"expr": "a[$__range]", "legendFormat": "$$x"}}],
    }
    files = {ALERTING: {"groups": [{"name": "g", "rules": [entry]}]}}
    way = "groups[g].rules[0]"
    assert found(tmp_path, CHECK, files) == [
        single(ALERTING, f"{way}.title", "$labels", 0),
        doubled(ALERTING, f"{way}.annotations.summary", "$labels.a and $$labels.b"),
        doubled(ALERTING, f"{way}.data[0].model.legendFormat", "$$x"),
    ]


def test_dashboards_and_rule_files_are_not_expanded(tmp_path):
    query, summary = 'up{cluster="$$cluster"}', "In {{ $$labels.cluster }}"
    files = {
        DASHBOARD: dashboard(panel(query), title="Shop $${cluster}"),
        RULES: rules(group(annotated(summary=summary))),
    }
    assert found(tmp_path, CHECK, files) == [
        doubled(DASHBOARD, "panel 1 'Requests', query A", query),
        doubled(DASHBOARD, "dashboard, title", "Shop $${cluster}"),
        doubled(RULES, "alert HighErrorRatio in group shop, annotation summary", summary),
    ]


def test_a_group_of_a_pattern_is_escaped_by_none(tmp_path):
    """``$$1`` is a dollar and a one, and no series has such a label."""
    query = 'label_replace(up, "node", "$$1", "instance", "(.*):.*")'
    files = {DASHBOARD: dashboard(panel(query))}
    where = "panel 1 'Requests', query A"
    assert found(tmp_path, CHECK, files) == [doubled(DASHBOARD, where, query)]
