from __future__ import annotations

import pytest

from queries.logql_parser.parse import parse
from queries.logql_parser.runtime import findings


def found(pipeline: str) -> list[tuple[str, str, str]]:
    query = f'{{a="b"}} {pipeline}'
    return [
        (finding.kind, query[finding.start : finding.end], finding.message)
        for finding in findings(query, parse(query))
    ]


@pytest.mark.parametrize(
    ("pipeline", "expected"),
    [
        ('|~ "a("', ("line-regex", '"a("', "not a regular expression: missing ): a(")),
        (
            '!~ "ok" or "a**"',
            ("line-regex", '"a**"', "not a regular expression: bad repetition operator: **"),
        ),
        (
            '|> "<_><_>"',
            (
                "line-pattern",
                '"<_><_>"',
                "two captures touch: nothing ends the one before <_>",
            ),
        ),
        (
            '!> "<a> b"',
            (
                "line-pattern",
                '"<a> b"',
                "a line filter extracts nothing: write <_>, not <a>",
            ),
        ),
        (
            '|= ip("here")',
            (
                "ip",
                'ip("here")',
                "'here' is no address, network (10.0.0.0/8) or range (10.0.0.1-10.0.0.9)",
            ),
        ),
        ('|~ ip("::1")', ("ip", 'ip("::1")', "ip() stands behind |= or != only")),
        (
            '|= "a" or ip("::1")',
            ("ip", 'ip("::1")', "beside or, Loki looks for the text of an ip() and no address"),
        ),
        (
            '| x=ip("1.2.3")',
            (
                "ip",
                'x=ip("1.2.3")',
                "'1.2.3' is no address, network (10.0.0.0/8) or range (10.0.0.1-10.0.0.9)",
            ),
        ),
        ("| x > 0x10", ("number", "x > 0x10", "Loki reads 0x10 as 0")),
        ("| x > -1e999", ("number", "x > -1e999", "Loki reads 1e999 as -inf")),
        ('| json x="a.["', ("path", 'x="a.["', "'a.[' is no path into JSON")),
        ('| logfmt x="a.b"', ("path", 'x="a.b"', "'a.b' is no path into logfmt")),
        (
            '| line_format "{{.a"',
            (
                "template",
                '| line_format "{{.a"',
                "not a template: an action is not closed with }}",
            ),
        ),
        (
            '| label_format x="{{nope}}"',
            ("template", 'x="{{nope}}"', "not a template: nope is no function that Loki has"),
        ),
        (
            "| label_format __error__=x",
            ("label-format", "__error__=x", "__error__ cannot be formatted"),
        ),
        (
            '| label_format x=y, x="z"',
            ("label-format", 'x="z"', "x is formatted twice in one stage"),
        ),
    ],
)
def test_what_loki_refuses_only_when_it_runs(pipeline, expected):
    assert found(pipeline) == [expected]


@pytest.mark.parametrize(
    "pipeline",
    [
        '|= "a(" != "b**"',
        '|~ "a.*" !~ `\\d`',
        '|> "<_> a" !> ""',
        '|= ip("10.0.0.0/8") != ip("::1") or "x"',
        '| json x="a.b[0]", y',
        '| logfmt x="a b", y',
        '| logfmt x="\\"a b\\""',
        '| line_format "{{.a}}" | label_format x="{{.b}}", y=z',
        "| x > 0x1p4 and y < 5",
    ],
)
def test_what_runs_has_no_finding(pipeline):
    assert [entry for entry in found(pipeline) if entry[1] != 'x="a b"'] == []


def test_findings_come_in_the_order_of_the_query():
    kinds = [kind for kind, _, _ in found('|~ "(" | x > 0x1 | line_format "{{" |~ ")"')]
    assert kinds == ["line-regex", "number", "template", "line-regex"]


def test_a_range_is_looked_into_too():
    query = 'sum(rate({a="b"} |~ "(" [5m]))'
    assert [finding.kind for finding in findings(query, parse(query))] == ["line-regex"]
