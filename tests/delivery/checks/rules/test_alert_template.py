from __future__ import annotations

import pytest

from delivery.checks.finding import Finding
from delivery.checks.rules.alert_template import CHECK
from tests.delivery.checks.trees import LOG_RULES, RULES, alert, annotated, found, group, rules

REMEDY = "Correct the text where it is made, under alerts/"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "{{ $value | humanizePercent }} fail",
            "not a template: humanizePercent is no function that Prometheus has",
        ),
        ("{{ $value | humanize }", "not a template: unexpected } behind a value"),
        ("{{ $values }}", "not a template: $values is not declared"),
        ("{{ with .Labels.pod }}{{ . }}", "not a template: with has no end"),
        ("{{ $value | ToLower }}", "not a template: ToLower is no function that Prometheus has"),
    ],
)
@pytest.mark.parametrize("file", [RULES, LOG_RULES])
def test_a_text_that_cannot_be_filled_in(tmp_path, file, text, reason):
    where = "alert HighErrorRatio in group shop, annotation summary"
    assert found(tmp_path, CHECK, {file: rules(group(annotated(summary=text)))}) == [
        Finding("alert/template", file, where, reason, REMEDY, text)
    ]


def test_a_label(tmp_path):
    made = alert(labels={"severity": "ticket", "pod": "{{ .Labels.pod | upper }}"})
    (only,) = found(tmp_path, CHECK, {RULES: rules(group(made))})
    assert only.where == "alert HighErrorRatio in group shop, label pod"
    assert only.reason == "not a template: upper is no function that Prometheus has"


@pytest.mark.parametrize(
    "text",
    [
        "{{ $value | humanizePercentage }} in {{ $labels.cluster }}, {{ .Labels.pod | toUpper }}",
        "{{ with printf \"up{job='%s'}\" $labels.job | query }}{{ . | first | value }}{{ end }}",
        '{{ range query "up" }}{{ .Labels.instance }}{{ end }} {{ $externalLabels.cluster }}',
        "{{ if gt $value 1.0 }}{{ humanizeDuration $value }}{{ end }}",
        "no template, only } and {",
    ],
)
def test_a_text_that_can(tmp_path, text):
    files = {RULES: rules(group(annotated(summary=text, description=text)))}
    assert found(tmp_path, CHECK, files) == []
