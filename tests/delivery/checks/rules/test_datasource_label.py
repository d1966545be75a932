from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.datasource_label import CHECK
from tests.delivery.checks.trees import SOURCES, found, source, sources


def of_loki(**field):
    return source("loki", jsonData={"derivedFields": [{"name": "Trace", **field}]})


def of_jaeger(setting, tags, value):
    return source("jaeger", jsonData={setting: {tags: [{"key": "k8s.pod.name", "value": value}]}})


def correlating(expression):
    steps = [{"type": "regex", "field": "Line", "expression": expression, "mapValue": "service"}]
    return source("loki", correlations=[{"label": "Sales", "config": {"transformations": steps}}])


DERIVED = "datasource 'Market loki', jsonData.derivedFields 'Trace'"
TO_LOGS = "datasource 'Market jaeger', jsonData.tracesToLogsV2"
TO_METRICS = "datasource 'Market jaeger', jsonData.tracesToMetrics"
SALES = "datasource 'Market loki', correlation 'Sales'"


@pytest.mark.parametrize(
    ("entry", "where", "reason", "remedy", "name"),
    [
        (
            of_loki(matcherType="label", matcherRegex="traceid"),
            DERIVED,
            "no line has a label or field 'traceid'",
            "Did you mean 'trace_id'?",
            "traceid",
        ),
        (
            of_loki(matcherRegex="trace=(\\w+"),
            DERIVED,
            "not a regular expression: missing ), unterminated subpattern",
            "Correct the pattern",
            "trace=(\\w+",
        ),
        (
            of_loki(matcherRegex="trace=\\w+"),
            DERIVED,
            "the pattern has no group, so that nothing is taken",
            "Put (…) around the value",
            "trace=\\w+",
        ),
        (
            of_jaeger("tracesToLogsV2", "tags", "pods"),
            TO_LOGS,
            "no stream has the label 'pods'",
            "Did you mean 'pod'?",
            "pods",
        ),
        (
            of_jaeger("tracesToMetrics", "tags", "pods"),
            TO_METRICS,
            "no target has the label 'pods'",
            "Did you mean 'pod'?",
            "pods",
        ),
        (
            correlating("service=(.*"),
            SALES,
            "not a regular expression: missing ), unterminated subpattern",
            "Correct the pattern",
            "service=(.*",
        ),
    ],
)
def test_what_leads_nowhere(tmp_path, entry, where, reason, remedy, name):
    assert found(tmp_path, CHECK, {SOURCES: sources(entry)}) == [
        Finding("datasource/label", SOURCES, where, reason, remedy, name)
    ]


@pytest.mark.parametrize(
    "entry",
    [
        of_loki(matcherType="label", matcherRegex="trace_id"),
        of_loki(matcherType="label", matcherRegex="pod"),
        of_loki(matcherRegex='"?trace_id"?\\s*[:=]\\s*"?([0-9a-f]{16,32})"?'),
        of_jaeger("tracesToLogsV2", "tags", "namespace"),
        of_jaeger("tracesToLogs", "mappedTags", "pod"),
        of_jaeger("tracesToMetrics", "tags", "pod"),
        correlating('"service":"(?<service>[^"]+)"'),
        source("alertmanager"),
    ],
)
def test_what_leads_somewhere(tmp_path, entry):
    assert found(tmp_path, CHECK, {SOURCES: sources(entry)}) == []
