"""What the files say is read from the files; a file that says nothing readable is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catalog.errors import TreeError
from delivery.checks.read import is_read, load, read_tree
from tests.delivery.checks.trees import (
    DASHBOARD,
    LOG_RULES,
    PROVIDERS,
    RULES,
    SOURCES,
    alert,
    dashboard,
    group,
    panel,
    recording,
    rules,
    source,
    sources,
    target,
    variable,
    with_variables,
    write,
)


@pytest.mark.parametrize(
    "path",
    [
        DASHBOARD,
        RULES,
        LOG_RULES,
        PROVIDERS,
        SOURCES,
        "grafana/environments/cluster/datasources/market.yaml",
        "grafana/provisioning/alerting/market.yaml",
        "prometheus/rules/deep/er.yml",
        "loki/tests/shop.yaml",
        "deploy/k8s/18-loki-secrets.yaml",
    ],
)
def test_files_that_are_read(path):
    assert is_read(path)


@pytest.mark.parametrize(
    "path",
    [
        "manifest.json",
        "prometheus/prometheus.yml",
        "alertmanager/templates/shop.tmpl",
        "prometheus/shop.yaml",
        "grafana/dashboards/shop.json",
        "grafana/alerting-managed/rules.yaml",
        "loki/rules/shop.yaml",
        "x/prometheus/rules/a.yaml",
    ],
)
def test_files_that_are_not(path):
    assert not is_read(path)


def read(root: Path, files):
    return read_tree(root, write(root, files))


def test_the_queries_of_a_dashboard(tmp_path):
    inner = panel(target("up", "A", legendFormat="{{pod}} of {{ job }}"), id=2)
    row = {"id": 3, "type": "row", "title": "More", "panels": [inner]}
    made = with_variables(
        variable("pod", 'label_values(up{cluster="$cluster"}, pod)', multi=True), panels=(row,)
    )
    documents = read(tmp_path, {DASHBOARD: made})
    uses = [(use.where, use.kind, use.text, use.legend) for use in documents.uses]
    assert uses == [
        ("panel 2 'Requests', query A", "panel", "up", ("pod", "job")),
        ("variable cluster", "variable", "up", ("cluster",)),
        ("variable environment", "variable", 'up{cluster="$cluster"}', ("environment",)),
        ("variable pod", "variable", 'up{cluster="$cluster"}', ("pod",)),
        (
            "annotation 'Alerts'",
            "annotation",
            'max by (alertname) (ALERTS{cluster="$cluster",environment="$environment"})',
            ("alertname",),
        ),
    ]
    (found,) = documents.dashboards
    assert [(each.where, each.row) for each in found.panels] == [
        ("panel 3 'More'", ""),
        ("panel 2 'Requests'", "panel 3 'More'"),
    ]
    assert found.variables["pod"].many


def test_an_annotation_that_asks_two_things(tmp_path):
    """Grafana before 10 reads the one, later ones the other."""
    made = dashboard()
    entry = made["annotations"]["list"][0]
    entry["target"] = {"expr": "ALERTS_FOR_STATE"}
    found = [use.text for use in read(tmp_path, {DASHBOARD: made}).uses if use.kind == "annotation"]
    assert found == ["ALERTS_FOR_STATE", entry["expr"]]


def test_the_queries_of_rules(tmp_path):
    text = (
        "{{ with printf \"up{job='%s'}\" .Labels.job | query }}{{ . }}{{ end }} {{ $labels.pod }}"
    )
    made = alert()
    made["annotations"]["summary"] = text
    documents = read(
        tmp_path,
        {
            RULES: rules(group(recording("a:b:c", "up", team="sales"), made)),
            LOG_RULES: rules(group(recording("d:e:f", 'rate({a="b"}[5m])'), name="logs")),
        },
    )
    uses = {use.where: use for use in documents.uses}
    assert list(uses) == [
        "recording d:e:f in group logs",
        "recording a:b:c in group shop",
        "alert HighErrorRatio in group shop",
        "alert HighErrorRatio in group shop, annotation summary",
    ]
    recorded = uses["recording a:b:c in group shop"]
    assert (recorded.record, recorded.static) == ("a:b:c", (("team", "sales"),))
    assert uses["recording d:e:f in group logs"].language == "logql"
    assert set(uses["alert HighErrorRatio in group shop"].legend) == {"job", "pod", "cluster"}
    asked = uses["alert HighErrorRatio in group shop, annotation summary"]
    assert (asked.kind, asked.text) == ("template", "up{job='sample-value-of-label'}")


def test_the_queries_of_datasources_are_read_as_grafana_holds_them(tmp_path):
    entry = source(
        "jaeger",
        jsonData={
            "tracesToLogsV2": {
                "datasourceUid": "market-loki",
                "query": '{a="b"} | id="$${__trace.traceId}"',
                "tags": [{"key": "k8s.pod.name", "value": "pod"}],
            },
            "tracesToMetrics": {
                "datasourceUid": "market-prometheus",
                "queries": [{"name": "rate", "query": "rate(x{$$__tags}[5m])"}],
            },
        },
    )
    documents = read(tmp_path, {SOURCES: sources(entry, source("loki"), source("prometheus"))})
    assert [(use.where, use.language, use.text) for use in documents.uses] == [
        (
            "datasource 'Market jaeger', tracesToLogsV2",
            "logql",
            '{a="b"} | id="${__trace.traceId}"',
        ),
        (
            "datasource 'Market jaeger', tracesToMetrics 'rate'",
            "promql",
            "rate(x{$__tags}[5m])",
        ),
    ]
    assert [(each.kind, each.name) for each in documents.mapped] == [("stream", "pod")]


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        (DASHBOARD, "{", "cannot be read: Expecting property name enclosed in double quotes"),
        (DASHBOARD, "[]", "is not a mapping"),
        (RULES, "- a", "is not a mapping"),
        (RULES, "groups: [", "cannot be read: while parsing a flow"),
        (RULES, "groups: 5", "is not laid out as such a file is: 'int' object is not iterable"),
        (DASHBOARD, '{"panels": [5]}', "is not laid out as such a file is: 'int' object has no"),
        (SOURCES, "datasources: [a]", "is not laid out as such a file is: 'str' object has no"),
    ],
)
def test_a_file_that_says_nothing_readable(tmp_path, path, text, fault):
    write(tmp_path, {path: {}})
    (tmp_path / path).write_text(text)
    with pytest.raises(TreeError) as caught:
        read_tree(tmp_path, [path])
    (problem,) = caught.value.problems
    assert problem.place == path
    assert problem.fault.startswith(fault)
    assert problem.remedy == "Run python build.py"


def test_a_file_that_is_not_there_or_not_utf8(tmp_path):
    with pytest.raises(TreeError, match="No such file or directory"):
        read_tree(tmp_path, [DASHBOARD])
    write(tmp_path, {DASHBOARD: {}})
    (tmp_path / DASHBOARD).write_bytes(
        json.dumps({"title": "Σ"}, ensure_ascii=False).encode("cp1253")
    )
    with pytest.raises(TreeError, match="cannot be read: 'utf-8' codec"):
        read_tree(tmp_path, [DASHBOARD])


DEPLOYED = "deploy/k8s/18-loki-deployment.yaml"


def test_a_deployed_file_of_several_documents(tmp_path):
    write(tmp_path, {DEPLOYED: {"a": 1}})
    assert load(tmp_path, DEPLOYED) == {"a": 1}
    (tmp_path / DEPLOYED).write_text("a: 1\n---\nb: 2\n")
    assert load(tmp_path, DEPLOYED) == {"documents": [{"a": 1}, {"b": 2}]}


def test_a_deployed_file_that_holds_nothing_secret_is_not_parsed(tmp_path):
    """Nothing else is asked of it, and it may be large."""
    write(tmp_path, {DEPLOYED: {}})
    (tmp_path / DEPLOYED).write_text("a: [")
    assert read_tree(tmp_path, [DEPLOYED]).secrets == []
    (tmp_path / DEPLOYED).write_text("token: [")
    with pytest.raises(TreeError, match="cannot be read: while parsing"):
        read_tree(tmp_path, [DEPLOYED])
