from __future__ import annotations

import pytest

from queries.logql_parser.go_strings import character_end, is_character, quoted_end, unquote


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        ("plain", "plain"),
        (r"\a\b\f\n\r\t\v\\\"", '\a\b\f\n\r\t\v\\"'),
        (r"\x41\101\u00e9\U0001F600", "AAé😀"),
        (r"\xc3\xa9", "é"),
        (r"\xff", "\udcff"),
        (r"\377", "\udcff"),
        (r"\ud800", "\ufffd"),
        (r"\UFFFFFFFF", "\udcff"),
        (r"é\n", "é\n"),
        ("", ""),
    ],
)
def test_escapes(inner, value):
    assert unquote(inner) == (value, None)


@pytest.mark.parametrize(
    ("inner", "place"),
    [
        (r"ab\d", 2),
        (r"\'", 0),
        (r"\8", 0),
        (r"\01", 0),
        (r"\400", 0),
        (r"\x4", 0),
        (r"\u00e", 0),
        (r"\U00110000", 0),
        (r"\\\q", 2),
        ("\\", 0),
    ],
)
def test_an_escape_that_go_does_not_know_is_placed(inner, place):
    assert unquote(inner)[1] == place


def test_where_literals_end():
    assert quoted_end(r'x"a\"b"c', 1) == 7
    assert quoted_end('"a\nb"', 0) is None
    assert quoted_end('"a\\', 0) is None
    assert character_end("'a'b", 0) == 3
    assert character_end(r"'\n'", 0) == 4
    assert character_end("''", 0) is None
    assert character_end("'ab'", 0) is None
    assert is_character(r"'\u00e9'")
    assert not is_character("'a'b")
