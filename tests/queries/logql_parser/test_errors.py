from __future__ import annotations

import pytest

from queries.logql_parser.errors import LogQLError, place


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("", 0, (1, 1)),
        ("ab", 1, (1, 2)),
        ("ab", 2, (1, 3)),
        ("a\nb", 1, (1, 2)),
        ("a\nb", 2, (2, 1)),
        ("a\n\n", 3, (3, 1)),
        # Only a line feed ends a line, and a column is a code point.
        ("a\rb\u2028c\x85d\x0ce", 8, (1, 9)),
        ("é😀x", 2, (1, 3)),
    ],
)
def test_places_are_counted_from_one(text, offset, expected):
    assert place(text, offset) == expected


def test_an_error_tells_its_place_first():
    error = LogQLError("a\nbc", 3, "a fault")
    assert str(error) == "line 2, column 2: a fault"
    assert isinstance(error, ValueError)
