from __future__ import annotations

import pytest

from queries.promql_tokens import closing, depth_fault, newer_faults, time_fault, tokenize


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(text)]


def test_tokens():
    assert kinds('a:b{c=~"d\\"",e!=`f`}[1h30m:5m] # x\n+ 0x1F * 1.5e3') == [
        ("name", "a:b"),
        ("symbol", "{"),
        ("name", "c"),
        ("symbol", "=~"),
        ("string", '"d\\""'),
        ("symbol", ","),
        ("name", "e"),
        ("symbol", "!="),
        ("string", "`f`"),
        ("symbol", "}"),
        ("symbol", "["),
        ("duration", "1h30m"),
        ("symbol", ":"),
        ("duration", "5m"),
        ("symbol", "]"),
        ("symbol", "+"),
        ("number", "0x1F"),
        ("symbol", "*"),
        ("number", "1.5e3"),
    ]
    assert kinds("") == kinds(" \n") == []
    assert kinds('"open') == [("symbol", '"'), ("name", "open")]


@pytest.mark.parametrize(
    ("text", "expected"), [("a(b[c{", "}])"), ("a(b)", ""), (")a(", ")"), ("a(]", ")")]
)
def test_what_closes_the_brackets(text, expected):
    assert closing(tokenize(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "(" * 299 + "a" + ")" * 299,
        "+".join("a" * 299),
        # Long and not deep.
        "f(" + ", ".join(["a + b"] * 1000) + ")",
        "{" + ",".join(['a!="b"'] * 100) + "}",
    ],
)
def test_some_hundred_levels_are_fine(text):
    assert depth_fault(tokenize(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "(" * 301,
        "-" * 301 + "a",
        " or ".join("a" * 302),
        "(" * 150 + "+".join("a" * 200),
        "(" + "+".join("a" * 200) + ")" + "+a" * 200,
    ],
)
def test_more_levels_are_too_deep(text):
    fault = depth_fault(tokenize(text))
    assert fault is not None
    assert fault.message == "nested deeper than 300 levels"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a @ 1e99", "1e99 is no time that Prometheus can count to"),
        (
            "a @ -99999999999999999999",
            "99999999999999999999 is no time that Prometheus can count to",
        ),
        (
            "a @ 0xffffffffffffffffff",
            "0xffffffffffffffffff is no time that Prometheus can count to",
        ),
        ("a @ NaN", "NaN is no time"),
        ("a @ +Inf", "Inf is no time"),
    ],
)
def test_times_that_would_end_the_process(text, said):
    fault = time_fault(tokenize(text))
    assert fault is not None
    assert fault.message == said


def test_other_times_are_fine():
    assert time_fault(tokenize("a @ 1.7e9 + a @ start() + inf @")) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a[5]", "5 needs a unit, such as s or m"),
        ("a[5m:10]", "10 needs a unit, such as s or m"),
        ("a offset 5", "offset takes a duration, such as 5m or -5m"),
        ("a offset +5m", "offset takes a duration, such as 5m or -5m"),
        ("a > 5m", "5m stands only in brackets and behind offset"),
        ('{"a"}', "the name of a label or metric is not quoted"),
        ('a{b="c","d"="e"}', "the name of a label or metric is not quoted"),
        ('sum by ("a") (b)', "the name of a label or metric is not quoted"),
        ('+"a"', "a string has no sign"),
        ("limitk(5, a)", "Prometheus 2.42 has no aggregation limitk"),
        ("limit_ratio by (a) (5, a)", "Prometheus 2.42 has no aggregation limit_ratio"),
    ],
)
def test_what_later_releases_read(text, said):
    assert next(newer_faults(tokenize(text))).message == said


def test_what_2_42_reads_is_not_newer():
    text = 'label_replace(a{b="c"}[5m] offset -1h, "d", "e", "f", "g") + limitk - 5'
    assert list(newer_faults(tokenize(text))) == []
