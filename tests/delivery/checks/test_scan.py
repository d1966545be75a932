from __future__ import annotations

import pytest

from delivery.checks.scan import scan


def told(text, language="promql"):
    found = scan(text, language)
    selectors = [text[each.start : each.end] for each in found.selectors]
    windows = [
        (each.function, each.selector and each.selector.metric, text[each.start : each.end])
        for each in found.windows
    ]
    return selectors, windows


@pytest.mark.parametrize(
    ("text", "selectors", "windows"),
    [
        ("up", ["up"], []),
        ("sum by (a, b) (up) > bool 5e3", ["up"], []),
        ("rate(x[5m] offset 1h)", ["x"], [("rate", "x", "[5m]")]),
        (
            'rate(x{a=~"[1m]\\"}"} [$__interval])',
            ['x{a=~"[1m]\\"}"}'],
            [("rate", "x", "[$__interval]")],
        ),
        ("rate((x[5m]))", ["x"], [("rate", "x", "[5m]")]),
        (
            "max_over_time(rate(x[5m])[1h:1m])",
            ["x"],
            [("rate", "x", "[5m]"), ("max_over_time", None, "[1h:1m]")],
        ),
        ("a # b[1m]\n/ on (c) group_left (d) e", ["a", "e"], []),
        ('label_replace(up, "a", "$1", "b", "(.*)")', ["up"], []),
        ('{__name__="x"}', ['{__name__="x"}'], []),
        ("a:b:c + Inf", ["a:b:c"], []),
    ],
)
def test_promql(text, selectors, windows):
    assert told(text) == (selectors, windows)


@pytest.mark.parametrize(
    ("text", "selectors", "windows"),
    [
        (
            'sum by (a) (count_over_time({b="c"} |= "[x]" | json | (d="e" or f="g") [5m]))',
            ['{b="c"}'],
            [("count_over_time", "", "[5m]")],
        ),
        ("{b=`c`} |= ${contains:doublequote}", ["{b=`c`}"], []),
    ],
)
def test_logql(text, selectors, windows):
    assert told(text, "logql") == (selectors, windows)


def test_matchers():
    (only,) = scan('x{a="1", b=~"$c|\\"d", e!=`f`,}', "promql").selectors
    assert [(each.label, each.operator, each.value) for each in only.matchers] == [
        ("a", "=", "1"),
        ("b", "=~", '$c|"d'),
        ("e", "!=", "f"),
    ]
    assert only.matcher("e") is only.matchers[2]
    assert only.matcher("g") is None


def test_what_is_read_at_one_moment():
    found = scan("rate(x[5m]) / x", "promql")
    assert [each.metric for each in found.instant] == ["x"]


@pytest.mark.parametrize("text", ["", "sum(", "x{", 'x{a="', "[", ")))", "x[5m", "{}}"])
@pytest.mark.parametrize("language", ["promql", "logql"])
def test_a_broken_query_is_no_trouble(text, language):
    scan(text, language)
