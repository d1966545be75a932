from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.checks.fill import CHOICE
from delivery.checks.finding import Finding
from delivery.checks.formats import (
    as_blocks,
    as_github,
    as_json,
    as_junit,
    as_lines,
    excerpt,
    line,
)

QUERY = "sum by (clusters) (rate(sales_total[5m]))"
PLACED = Finding(
    "label/missing",
    "prometheus/rules/shop.yaml",
    "alert HighErrorRatio in group shop",
    "sum groups by 'clusters', which no series has",
    "Did you mean 'cluster'?",
    QUERY,
    8,
    16,
)
WHOLE = Finding(
    "panel/title",
    "grafana/dashboards/overview/shop.json",
    "panel 7 ''",
    "this stat has no title",
    "Say in a few words what it shows",
)


def test_one_finding_a_line():
    assert as_lines([PLACED, WHOLE]) == (
        "prometheus/rules/shop.yaml: alert HighErrorRatio in group shop: label/missing: "
        "sum groups by 'clusters', which no series has (at column 9: clusters). "
        "Did you mean 'cluster'?\n"
        "grafana/dashboards/overview/shop.json: panel 7 '': panel/title: "
        "this stat has no title. Say in a few words what it shows."
    )


def test_blocks_with_a_caret():
    assert as_blocks([PLACED, WHOLE]) == (
        "prometheus/rules/shop.yaml: alert HighErrorRatio in group shop\n"
        "  label/missing: sum groups by 'clusters', which no series has\n"
        "    sum by (clusters) (rate(sales_total[5m]))\n"
        "            ^^^^^^^^\n"
        "  Did you mean 'cluster'?\n"
        "\n"
        "grafana/dashboards/overview/shop.json: panel 7 ''\n"
        "  panel/title: this stat has no title\n"
        "  Say in a few words what it shows."
    )


def excerpt_of(query: str, start: int, end: int) -> tuple[str, str]:
    return excerpt(Finding("a/b", "f", "w", "r", "r", query, start, end))


@pytest.mark.parametrize(
    ("query", "start", "end", "shown", "carets"),
    [
        ("abc", 1, 2, "abc", " ^"),
        ("abc", 0, 0, "abc", "^"),
        ("abc", 3, 4, "abc", "   ^"),
        ("", 0, 1, "", "^"),
        # What would tear the caret from its place: lines, tabs, marks of ours.
        ("a\n\tb\u2028c", 3, 4, "a  b c", "   ^"),
        ("x" * 70 + "abc" + "y" * 70, 70, 73, f"…{'x' * 60}abc{'y' * 60}…", f"{' ' * 61}^^^"),
        # A caret that goes on to the end of what is shown.
        ("abc" + "y" * 70, 0, 73, "abc" + "y" * 70, "^" * 73),
    ],
)
def test_excerpts(query, start, end, shown, carets):
    assert excerpt_of(query, start, end) == (shown, carets)


def test_the_mark_of_a_sample_is_not_shown():
    shown, carets = excerpt_of(f'up{{a="{CHOICE}x|y"}}', 3, 4)
    assert shown == 'up{a="x|y"}'
    assert carets == "   ^"


TEXT = st.text(max_size=30) | st.text("a\n\r\t\x0b\x1b\x1e\x85\u2028%:,", max_size=8)
FINDINGS = st.builds(
    Finding,
    st.just("a/b"),
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    TEXT | st.text(max_size=200),
    st.integers(0, 200),
    st.integers(0, 200),
)


@given(FINDINGS)
def test_whatever_a_query_holds_it_is_shown_on_one_line(finding):
    shown, carets = excerpt(finding)
    assert len((shown + "x").splitlines()) == 1
    assert set(carets) <= {" ", "^"}
    assert carets.endswith("^")


def test_json_says_all():
    assert json.loads(as_json([PLACED, WHOLE])) == [
        {
            "check": "label/missing",
            "file": "prometheus/rules/shop.yaml",
            "where": "alert HighErrorRatio in group shop",
            "reason": "sum groups by 'clusters', which no series has",
            "remedy": "Did you mean 'cluster'?",
            "query": QUERY,
            "start": 8,
            "end": 16,
        },
        {
            "check": "panel/title",
            "file": "grafana/dashboards/overview/shop.json",
            "where": "panel 7 ''",
            "reason": "this stat has no title",
            "remedy": "Say in a few words what it shows",
            "query": None,
            "start": 0,
            "end": 0,
        },
    ]
    assert as_json([]) == "[]"


def junit(*findings: Finding) -> ET.Element:
    return ET.fromstring(as_junit(findings).encode())  # noqa: S314 - our own text


def test_junit_is_a_suite_of_failed_cases():
    suite = junit(PLACED, WHOLE)
    assert suite.tag == "testsuite"
    assert suite.attrib == {"name": "check", "tests": "2", "failures": "2", "errors": "0"}
    assert [case.tag for case in suite] == ["testcase", "testcase"]
    first = suite[0]
    assert first.attrib == {
        "classname": "prometheus/rules/shop.yaml",
        "name": "label/missing: alert HighErrorRatio in group shop",
    }
    (failure,) = first
    assert failure.tag == "failure"
    assert failure.attrib == {"message": PLACED.reason}
    assert failure.text == as_blocks([PLACED])


def test_junit_of_nothing_is_one_passed_case():
    suite = junit()
    assert suite.attrib == {"name": "check", "tests": "1", "failures": "0", "errors": "0"}
    (case,) = suite
    assert case.attrib == {"classname": "check", "name": "everything that ships"}
    assert len(case) == 0


@given(st.lists(FINDINGS, max_size=3))
def test_junit_is_xml_whatever_it_says(findings):
    suite = junit(*findings)
    assert len(suite) == max(1, len(findings))
    assert int(suite.attrib["failures"]) == len(findings)


def test_annotations_of_a_pull_request():
    assert as_github([PLACED, WHOLE], "generated") == (
        "::error file=generated/prometheus/rules/shop.yaml,title=label/missing::"
        "alert HighErrorRatio in group shop: sum groups by 'clusters', which no series has. "
        "Did you mean 'cluster'?\n"
        "::error file=generated/grafana/dashboards/overview/shop.json,title=panel/title::"
        "panel 7 '': this stat has no title. Say in a few words what it shows."
    )


def test_an_annotation_cannot_be_broken_out_of():
    finding = Finding("a/b", "x:y,z%.json", "panel 1 '50 %'", "a\r\n::warning::b", "c")
    assert as_github([finding], "out,dir") == (
        "::error file=out%2Cdir/x%3Ay%2Cz%25.json,title=a/b::"
        "panel 1 '50 %25': a%0D%0A::warning::b. c."
    )


@given(FINDINGS)
def test_every_format_of_a_line_is_one_line(finding):
    assert len(f"{as_github([finding], 'generated')}x".splitlines()) == 1
    assert line(finding).isprintable()
    assert as_blocks([finding]).replace("\n", "").isprintable()
