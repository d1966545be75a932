from __future__ import annotations

import math

import pytest

from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse
from queries.logql_parser.semantics import arithmetic

NO_REAL_MATCHER = (
    'the selector needs a matcher that an absent label does not match, such as app=~".+"'
)


@pytest.mark.parametrize(
    ("query", "column", "said"),
    [
        ("{}", 1, NO_REAL_MATCHER),
        ('sum(rate({a=~".*"}[5m]))', 10, NO_REAL_MATCHER),
        ('{a=~"b("}', 2, "not a regular expression: missing ): b("),
        (
            '{a="b"} | drop c=~"*"',
            16,
            "not a regular expression: no argument for repetition operator: *",
        ),
        ('{a="b"} | regexp "x"', 18, "regexp needs at least one named group, such as (?P<name>…)"),
        ('{a="b"} | regexp "(?P<x>a)(?P<x>b)"', 18, "two groups are named x"),
        ('{a="b"} | pattern "x <_>"', 19, "pattern needs at least one capture, such as <name>"),
        ('{a="b"} | pattern "<x><y>"', 19, "two captures touch: nothing ends the one before <y>"),
        ('{a="b"} | pattern "<x> <x>"', 19, "two captures are named x"),
        ('rate(5, {a="b"}[5m])', 1, "rate takes no parameter"),
        (
            'quantile_over_time({a="b"} | unwrap x [5m])',
            1,
            "quantile_over_time needs a quantile first, such as 0.99",
        ),
        ('rate({a="b"}[5m]) by (x)', 19, "rate takes no grouping; write sum by (…) (rate(…))"),
        (
            'sum_over_time({a="b"}[5m])',
            1,
            "sum_over_time needs a value: | unwrap a label in its range",
        ),
        (
            'count_over_time({a="b"} | unwrap x [5m])',
            25,
            "count_over_time counts lines and takes no unwrap",
        ),
        ("sum(5, vector(1))", 1, "sum takes no parameter"),
        ("topk(vector(1))", 1, "topk needs a number first: topk(10, …)"),
        ("topk(0, vector(1))", 1, "topk needs a whole number from 1 on, not 0"),
        ("topk(1.5, vector(1))", 1, "topk needs a whole number from 1 on, not 1.5"),
        ("approx_topk(5, vector(1)) by (x)", 27, "approx_topk takes no grouping"),
        ("sort by (x) (vector(1))", 6, "sort and sort_desc take no by or without"),
        (
            'label_replace(vector(1), "a", "b", "c", "(")',
            41,
            "not a regular expression: missing ): ^(?:()$",
        ),
        ('{a="b"} + 1', 9, "+ joins metric queries, and one side is a log query"),
        ("1 or vector(1)", 1, "or joins series, and one side is a number"),
        ("vector(1) and (1 + 1)", 16, "and joins series, and one side is a number"),
        ('sum({a="b"})', 5, "a metric query belongs here, and this is a log query"),
        ("0x10", 1, "0x10 is no number that LogQL knows"),
        ("vector(1) > 1e999", 13, "1e999 is no number that LogQL knows"),
        ("vector(0b1)", 8, "0b1 is no number that LogQL knows"),
        ('{a="b"} | unwrap x', 9, "unwrap belongs into a range function"),
        ('sum_over_time({a="b"} | unwrap x | unwrap y [5m])', 34, "a range has one unwrap"),
        (
            'sum_over_time({a="b"} | unwrap x | json [5m])',
            34,
            "only label filters stand behind unwrap",
        ),
        (
            'rate({a="b"} | json [5m] | json)',
            26,
            "a pipeline stands before the range or behind it, not both",
        ),
        (
            'rate(({a="b"})[5m] | json)',
            20,
            "the pipeline belongs into the parentheses of its selector",
        ),
        (
            '(variants(vector(1)) of ({a="b"}[5m]))',
            1,
            "variants(…) of (…) stands in no parentheses",
        ),
        (
            'sum(variants(vector(1)) of ({a="b"}[5m]))',
            4,
            "variants(…) of (…) stands in no other function",
        ),
    ],
)
def test_each_rule_says_what_to_do(query, column, said):
    with pytest.raises(LogQLError) as caught:
        parse(query)
    assert (caught.value.column, caught.value.message) == (column, said)


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("/", 1, 0, math.nan),
        ("%", 5, 0, math.nan),
        ("%", -5, 3, -2.0),
        ("%", math.inf, 3, math.nan),
        ("^", 10, 999, math.inf),
        ("^", -10, 999, -math.inf),
        ("^", 0, -1, math.inf),
        ("^", -8, 0.5, math.nan),
        ("==", 1, 1, 1.0),
        ("<", 1, 1, 0.0),
    ],
)
def test_arithmetic_is_gos(operator, left, right, result):
    assert arithmetic(operator, float(left), float(right)) == pytest.approx(result, nan_ok=True)
