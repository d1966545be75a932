from __future__ import annotations

import pytest

from queries.logql_parser.parse import parse
from queries.logql_parser.releases import MAX_BYTES, lacking


def lacks(query: str) -> list[tuple[str, str]]:
    return [
        (query[lack.start : lack.end], lack.message)
        for lack in lacking(query, parse(query), "2.9.4")
    ]


@pytest.mark.parametrize(
    ("query", "part", "said"),
    [
        ('{a="b"} |> "x"', '|> "x"', "there is no |>; write a regular expression"),
        (
            '{a="b"} |= "x" or "y"',
            '"y"',
            "a line filter has no or; write a regular expression",
        ),
        ("approx_topk(5, vector(1))", "approx_topk", "there is no approx_topk"),
        (
            'variants(vector(1)) of ({a="b"}[5m])',
            'variants(vector(1)) of ({a="b"}[5m])',
            "there is no variants",
        ),
        ("SUM(vector(1))", "SUM", "SUM is written sum"),
        ('{a="b"} | JSON', "JSON", "JSON is written json"),
        ('{a="b"} | x > -5', "x > -5", "a label is compared with no signed number"),
        ('{a="b"} | x > 0x10', "x > 0x10", "0x10 is no number"),
        ('{a=~"(?<n>b)"}', 'a=~"(?<n>b)"', "a named group is written (?P<name>…)"),
        (
            '{a="b"} | regexp "(?P<1a>b)"',
            '| regexp "(?P<1a>b)"',
            "1a names a group and cannot be a label",
        ),
        (
            '{a=~"\\xff",b="c"}',
            'a=~"\\xff"',
            "the regular expression is not valid UTF-8",
        ),
        (
            'label_replace(5, "a", "b", "c", "d")',
            "5",
            "label_replace takes no number; write vector(1)",
        ),
    ],
)
def test_what_2_9_lacks(query, part, said):
    assert lacks(query) == [(part, said)]


def test_a_long_query_is_too_long_for_2_9():
    query = '{a="' + "x" * (MAX_BYTES - 6) + '"}'
    assert lacks(query) == []
    query = query.replace("x", "é", 1)
    assert lacks(query) == [(query, "Loki 2.9.4 takes 5119 bytes at most")]


def test_what_both_have_is_not_lacking():
    query = (
        'sum by (x) (rate({a="b"} |= "c" | logfmt --strict y | keep x, y | y > 5 [5m] offset 1h))'
        " > bool on (x) group_left vector(1)"
    )
    assert lacks(query) == []
