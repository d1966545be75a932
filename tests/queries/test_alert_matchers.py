from __future__ import annotations

import pytest

from queries.alert_matchers import fits, parsed
from queries.text import Matcher


@pytest.mark.parametrize(
    ("matcher", "value", "found"),
    [
        (Matcher("a", "x"), "x", True),
        (Matcher("a", "x"), "xy", False),
        (Matcher("a", "x", "!="), "x", False),
        (Matcher("a", "x", "!="), "", True),
        (Matcher("a", "(.*,)?x(,.*)?", "=~"), "w,x,y", True),
        (Matcher("a", "(.*,)?x(,.*)?", "=~"), "x", True),
        (Matcher("a", "(.*,)?x(,.*)?", "=~"), "xy,wx", False),
        (Matcher("a", "x|y", "!~"), "y", False),
    ],
)
def test_a_matcher(matcher: Matcher, value: str, found: bool) -> None:
    assert fits((matcher,), {"a": value} if value else {}) is found


@pytest.mark.parametrize(
    ("text", "matcher"),
    [
        ('a="x"', Matcher("a", "x")),
        ("a = x", Matcher("a", "x")),
        ('a!="x y"', Matcher("a", "x y", "!=")),
        ('a=~"(.*,)?x\\\\.y"', Matcher("a", "(.*,)?x\\.y", "=~")),
        (r'a!~"\"\n"', Matcher("a", '"\n', "!~")),
        ("a=", Matcher("a", "")),
        ("a", None),
        ('a="x', None),
        ("=x", None),
    ],
)
def test_it_is_read(text: str, matcher: Matcher | None) -> None:
    assert parsed(text) == matcher


def test_what_is_written_is_read_again() -> None:
    for matcher in (Matcher("a", 'x"\\y'), Matcher("a", "(.*,)?x(,.*)?", "=~")):
        assert parsed(str(matcher)) == matcher
