from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from delivery.checks.fill import CHOICE, UNKNOWN
from delivery.checks.labels import (
    ANYTHING,
    Known,
    added,
    alternatives,
    as_literal,
    impossible,
    merged,
    narrowed,
    nearest,
    only,
    possible,
    union,
    without,
)

LEVELS = frozenset({"info", "warn", "error"})


def known(**labels: str | None) -> Known:
    """A family of series: the values of each label, None for any, ``?`` first if it may lack."""
    values = {
        label: None if text is None else frozenset(text.removeprefix("?").split())
        for label, text in labels.items()
    }
    sure = {label for label, text in labels.items() if text is None or not text.startswith("?")}
    return Known(values, frozenset(sure))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a|b", ["a", "b"]),
        ("a|", ["a", ""]),
        ("(a|b)c", ["ac", "bc"]),
        ("x(?:a|b)(c|d)", ["xac", "xad", "xbc", "xbd"]),
        ("((a|b)|c)d", ["ad", "bd", "cd"]),
        ("p|x(a|b)", ["p", "xa", "xb"]),
        ("a\\|b|c", ["a\\|b", "c"]),
        ("\\(a|b", ["\\(a", "b"]),
        ("[(|]a|b", ["[(|]a", "b"]),
        # A part that may be missing, or comes again, is no list of values.
        ("x(_y)?", ["x(_y)?"]),
        ("x(a|b)?", ["x(a|b)?"]),
        ("(a|b)+", ["(a|b)+"]),
        ("(a|b){2}", ["(a|b){2}"]),
        ("((a|b)c)*", ["((a|b)c)*"]),
        ("(?i)a|b", ["(?i)a", "b"]),
        # Too many to write out.
        ("(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)|x", ["(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)", "x"]),
    ],
)
def test_alternatives(pattern, expected):
    assert alternatives(pattern) == expected


PATTERNS = st.recursive(
    st.sampled_from(["a", "b", "ab", "", "[ab]", "\\.", "a*"]),
    lambda inner: st.one_of(
        st.builds("{}|{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["", "?", "*"])),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=6,
)


@given(PATTERNS, st.text("ab.", max_size=4))
def test_the_alternatives_match_what_the_pattern_does(pattern, text):
    matching = any(re2.fullmatch(each, text) for each in alternatives(pattern))
    assert matching == bool(re2.fullmatch(pattern, text))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("error", "error"),
        ("a\\.b", "a.b"),
        ("", ""),
        ("a.b", None),
        ("a\\d", None),
        ("a\\", None),
        ("a-b/c", "a-b/c"),
    ],
)
def test_literals(pattern, text):
    assert as_literal(pattern) == text


@pytest.mark.parametrize(
    ("operator", "value", "wrong"),
    [
        ("=", "error", ()),
        ("=", "eror", ("eror",)),
        ("=", "", ()),
        ("=", f"{UNKNOWN}level", ()),
        ("!=", "eror", ()),
        ("!~", "eror|x", ()),
        ("=~", "error|warn", ()),
        ("=~", "error|wran|inf", ("wran", "inf")),
        ("=~", "(error|wran)", ("wran",)),
        ("=~", "err.*", ()),
        ("=~", "x.*", ("x.*",)),
        ("=~", ".*", ()),
        ("=~", "|error", ()),
        ("=~", f"{UNKNOWN}level", ()),
        # Of a choice one is enough: another value of the variable is for another label.
        ("=", f"{CHOICE}error|fatal", ()),
        ("=~", f"{CHOICE}fatal|panic", ("fatal", "panic")),
    ],
)
def test_impossible_values(operator, value, wrong):
    assert impossible(operator, value, LEVELS) == wrong
    assert impossible(operator, value, None) == ()


@pytest.mark.parametrize(
    ("operator", "value", "left"),
    [
        ("=", "error", {"error"}),
        ("!=", "error", {"info", "warn"}),
        ("=~", "err.*|warn", {"error", "warn"}),
        ("!~", "err.*", {"info", "warn"}),
        ("=~", f"{UNKNOWN}level", LEVELS),
        ("=~", f"{CHOICE}error|fatal", {"error"}),
    ],
)
def test_what_a_matcher_leaves(operator, value, left):
    assert narrowed(operator, value, LEVELS) == left


@pytest.mark.parametrize(
    ("operator", "value", "left"),
    [
        ("=", "a", {"a"}),
        ("=~", "a|b", {"a", "b"}),
        ("=~", "a.*|b", None),
        ("!=", "a", None),
        ("!~", "a|b", None),
        ("=", f"{CHOICE}a|b", {"a", "b"}),
    ],
)
def test_what_a_matcher_leaves_of_an_open_label(operator, value, left):
    assert narrowed(operator, value, None) == left


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        (("=", "error"), True),
        (("=", "fatal"), False),
        (("=", ""), False),
        (("!=", "error"), True),
        (("=~", "e.*"), True),
        (("=~", "f.*"), False),
        (("!~", "info|warn|error"), False),
        (("=", f"{CHOICE}error|fatal"), True),
        (("=", f"{CHOICE}fatal|panic"), False),
        (("=", f"{UNKNOWN}level"), True),
    ],
)
def test_whether_a_matcher_can_match(matcher, expected):
    assert possible(*matcher, known(level="info warn error"), "level") is expected


def test_a_label_that_may_be_missing_matches_nothing_and_is_matched_by_it():
    assert possible("=", "", known(level="?info"), "level")
    assert possible("=", "", known(), "level")
    assert not possible("=", "info", known(), "level")
    assert possible("=", "x", known(level=None), "level")
    assert possible("=", "x", ANYTHING, "level")


def test_sets_of_series():
    one, two = known(a="1", b="2"), known(a="3", c=None)
    both = merged((one, two))
    assert both == Known({"a": frozenset("13"), "b": frozenset("2"), "c": None}, frozenset("a"))
    assert merged((one, ANYTHING)) == ANYTHING
    assert merged(()) == ANYTHING
    assert only(both, ("a", "x")) == known(a="1 3")
    assert without(both, ("a", "x")) == known(b="?2") or without(both, ("a",)).sure == frozenset()
    assert added(one, "b", None) == known(a="1", b=None)
    assert both.varying() == {"a", "c"}
    assert [only(ANYTHING, ("a",)), without(ANYTHING, ("a",)), added(ANYTHING, "a", None)] == [
        ANYTHING
    ] * 3
    assert union(frozenset("a"), frozenset("b")) == frozenset("ab")
    assert union(None, frozenset("b")) is None


@pytest.mark.parametrize(
    ("name", "choices", "remedy"),
    [
        ("levels", ("level", "pod"), "Did you mean 'level'?"),
        ("route", ("http_route", "pod"), "Did you mean 'http_route'?"),
        ("xyz", ("level", "pod"), "Known here are level, pod"),
        ("xyz", (), "Declare it in the catalog"),
        (
            "xyz",
            tuple("abcdefghijklm"),
            "Known here are a, b, c, d, e, f, g, h, i, j, k, l and more",
        ),
        ("xyz", tuple(map(str, range(101))), "Declare it in the catalog"),
    ],
)
def test_the_nearest_right_name(name, choices, remedy):
    assert nearest(name, choices) == remedy
