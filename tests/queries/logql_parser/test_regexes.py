from __future__ import annotations

import time

import pytest

from queries.logql_parser import regexes


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "plain-text_1",
        "a|b|",
        "(?i)a.*",
        r"\d+\.\pL\p{Greek}[[:alpha:]]\z",
        "(?P<n>a)(?<m>b)",
        "(?P<n>a)(?P<n>b)",
        r"\Q\C(\E",
        "a{1000}",
        r"\p{LC}\P{Cn}",
        r"\pL{1000}",
        "(" * 998 + "a" + ")" * 998,
    ],
)
def test_what_go_compiles(pattern):
    assert regexes.fault(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("a(", "missing ): a("),
        ("a)", "unexpected ): a)"),
        ("a**", "bad repetition operator: **"),
        ("a{1001}", "invalid repetition size: {1001}"),
        ("(?=a)", "invalid perl operator: (?="),
        (r"\8", "invalid escape sequence: \\8"),
        (r"a\C", "invalid escape sequence: \\C"),
        ("(?P<é>a)", "invalid named capture: (?P<é>"),
        (r"\p{Nope}", "invalid character class range: \\p{Nope}"),
        ("a\udcff.", "invalid UTF-8"),
        ("(" * 999 + "a" + ")" * 999, "expression nests too deeply"),
    ],
)
def test_what_go_refuses(pattern, fault):
    assert regexes.fault(pattern) == fault


def test_a_matcher_of_literals_is_not_compiled():
    assert regexes.matcher_fault("a\udcff|b") is None
    assert regexes.matcher_fault("a\udcff.") == "invalid UTF-8"


def test_captures_come_in_order():
    assert regexes.captures(r"(?P<b>x)(y)[(?P<c>]\(?P<d>(?<a>z)") == ("b", "a")


@pytest.mark.parametrize(
    ("pattern", "empty"),
    [
        ("", True),
        ("a", False),
        ("a|", True),
        ("a|b", False),
        (".*", True),
        (".+", False),
        ("(a|b)?", True),
        ("^$", True),
        ("a{0,5}", True),
        (r"\pL{1000}", False),
        (r"(\pL{1000})?", True),
        (r"(\pL{0,1000}|x)", True),
        (r"\b", False),
    ],
)
def test_what_matches_nothing_at_all(pattern, empty):
    assert regexes.matches_empty(pattern) is empty


def test_a_costly_expression_costs_little():
    start = time.monotonic()
    for number in range(200):
        assert regexes.fault(rf"\pL{{{800 + number}}}") is None
    assert time.monotonic() - start < 10
