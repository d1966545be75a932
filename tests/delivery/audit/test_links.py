"""Links are resolved as Grafana and Prometheus resolve them, and a broken one is told."""

from __future__ import annotations

from typing import Any

import pytest

from delivery.audit.answers import Answer, Column, Frame
from delivery.audit.links.alerts import rendered
from delivery.audit.links.clicked import correlated, found_by, logs_query
from delivery.audit.links.follow import explored
from delivery.audit.links.panels import data_links
from delivery.audit.links.rows import Row, parsed, resolved, rows
from tests.delivery.audit.fakes import NOW

ROW = Row({"service": "a b", "trace_id": "1f"}, {"pod": "p"}, "3", "17")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/d/x?var-service=${__data.fields.service}", "/d/x?var-service=a%20b"),
        ('/d/x?v=${__data.fields["trace_id"]}', "/d/x?v=1f"),
        ("/d/x?v=${__field.labels.pod}&t=${__value.time}", "/d/x?v=p&t=17"),
        ("/d/x?v=${__value.raw}", "/d/x?v=3"),
        ("/d/x?v=${__field.labels.zone}", None),
        ("/d/x?v=${service}", "/d/x?v=${service}"),
    ],
)
def test_a_link_is_filled_from_its_row(url: str, expected: str | None) -> None:
    assert resolved(url, ROW) == expected


def test_the_rows_of_lines_have_labels_and_fields_and_not_their_kinds() -> None:
    frame = Frame(
        (
            Column("labels", "other", {}, [{"service": "a", "trace_id": "1f"}]),
            Column("Time", "time", {}, [17]),
            Column("Line", "string", {}, ['{"user": "u", "service": "z"}']),
            Column("labelTypes", "other", {}, [{"trace_id": "S"}]),
        )
    )
    (row,) = rows(Answer((frame,)), "trace_id")
    assert (row.value, row.time, row.fields["user"]) == ("1f", "17", "u")
    assert row.fields["trace_id"] == "1f"
    assert row.fields["service"] == "a"


def test_the_rows_of_numbers_have_the_labels_of_their_series() -> None:
    times = Column("Time", "time", {}, [1, 2, 3])
    value = Column("Value", "number", {"service": "a"}, [1.0, 2.0, None])
    found = list(rows(Answer((Frame((times, value)),))))
    assert [(each.value, each.time) for each in found] == [("2.0", "2"), ("1.0", "1")]
    assert found[0].fields["service"] == "a"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"a": 1}', {"a": "1"}),
        ('a=1 b="two words"', {"a": "1", "b": "two words"}),
        ("[1]", {}),
        ("nothing", {}),
    ],
)
def test_lines_are_parsed(line: str, expected: dict[str, str]) -> None:
    assert parsed(line) == expected


def test_links_of_values_are_found_in_defaults_and_overrides() -> None:
    link = {"url": "/d/x"}
    panel = {
        "fieldConfig": {
            "defaults": {"links": [link]},
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": "Trace"},
                    "properties": [{"id": "links", "value": [link]}, {"id": "unit", "value": "s"}],
                }
            ],
        }
    }
    assert list(data_links(panel)) == [("", link), ("Trace", link)]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/d/x?v={{ $labels.pod }}", ("/d/x?v=p", "")),
        ("/d/x?v={{.Labels.pod}}", ("/d/x?v=p", "")),
        ("/d/x", ("/d/x", "")),
        ("/d/x?v={{ $labels.zone }}", ("/d/x?v=", "the alert has no label 'zone'")),
        (
            "/d/x?v={{ $value | humanize }}",
            (
                "/d/x?v=",
                "'{{ $value | humanize }}' is more than a label: a link must not depend on it",
            ),
        ),
    ],
)
def test_annotations_are_filled_as_prometheus_fills_them(
    template: str, expected: tuple[str, str]
) -> None:
    assert rendered(template, {"pod": "p"}) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({"matcherRegex": "trace_id=(\\w+)"}, "1f"),
        ({"matcherRegex": "traceid=(\\w+)"}, ""),
        ({"matcherRegex": "("}, ""),
        ({"matcherType": "label", "matcherRegex": "trace_id"}, "2e"),
        ({"matcherType": "label", "matcherRegex": "traceid"}, ""),
    ],
)
def test_a_derived_field_finds(field: dict[str, Any], expected: str) -> None:
    assert found_by(field, {"trace_id": "2e"}, "level=info trace_id=1f") == expected


TRACE = {
    "traceID": "1f",
    "processes": {"p1": {"serviceName": "a", "tags": [{"key": "pod", "value": "p"}]}},
}
SPAN = {"spanID": "2e", "processID": "p1", "tags": [{"key": "zone", "value": "z"}]}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"customQuery": True, "query": '{a="b"} | json | trace_id="${__trace.traceId}"'},
            '{a="b"} | json | trace_id="1f"',
        ),
        (
            {
                "customQuery": True,
                "query": '{${__tags}} |= "${__span.spanId}"',
                "tags": [{"key": "pod", "value": "k8s_pod"}, {"key": "gone"}],
            },
            '{k8s_pod="p"} |= "2e"',
        ),
        ({"tags": [{"key": "zone"}], "filterByTraceID": True}, '{zone="z"} |="1f"'),
    ],
)
def test_a_span_s_query_is_built_as_grafana_builds_it(
    settings: dict[str, Any], expected: str
) -> None:
    assert logs_query(settings, TRACE, SPAN) == expected


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            {
                "field": "Line",
                "transformations": [
                    {
                        "type": "regex",
                        "field": "labels",
                        "expression": '"service":"([^"]+)"',
                        "mapValue": "service",
                    }
                ],
            },
            {"service": "a"},
        ),
        (
            {"field": "Line", "transformations": [{"type": "regex", "expression": "no(ne)"}]},
            None,
        ),
        ({"field": "service"}, {"service": "a"}),
        ({"field": "zone"}, None),
    ],
)
def test_a_correlation_reads_a_line(
    config: dict[str, Any], expected: dict[str, str] | None
) -> None:
    assert correlated(config, {"service": "a"}, "a line") == expected


def test_explore_is_read_in_both_forms() -> None:
    query = '{"refId":"A","expr":"up","datasource":{"type":"prometheus","uid":"p"}}'
    pane = f'{{"datasource":"p","queries":[{query}],"range":{{"from":"now-2h","to":"now"}}}}'
    for given in ({"left": pane}, {"panes": f'{{"a":{pane}}}'}):
        (found,) = explored(given, NOW)
        assert (found.expr, found.source, found.span.seconds) == ("up", "prometheus", 7200)
    assert list(explored({"panes": "<html>"}, NOW)) == []
