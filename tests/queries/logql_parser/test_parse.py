from __future__ import annotations

import threading
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import MAX_BYTES, parse
from queries.logql_parser.tokens import FUNCTIONS, SYMBOLS, WORDS
from queries.logql_parser.tree import BinaryOperation, Number
from queries.logql_parser.walk import walk


def fault(query: str) -> str:
    with pytest.raises(LogQLError) as caught:
        parse(query)
    return str(caught.value)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "",
            (
                "line 1, column 1: the query ends too early; expected a number, a range function, "
                "an aggregation, {, (, +, -, variants, label_replace or vector"
            ),
        ),
        ('{a="b"', "line 1, column 7: the query ends too early; expected } or ,"),
        ('{by="b"}', "line 1, column 2: by is a word of LogQL and no name; expected a name or }"),
        (
            '{a="b"} | json |',
            (
                "line 1, column 17: the query ends too early; expected a name, (, "
                "decolorize, drop, json, keep, label_format, line_format, logfmt, pattern, regexp, "
                "unpack or unwrap"
            ),
        ),
        ('{a="b"} | x', "line 1, column 12: the query ends too early; expected a comparison"),
        ("1 -0", "line 1, column 3: unexpected -0; expected the end of the query or an operator"),
        (
            'rate({a="b"})',
            ("line 1, column 13: unexpected ); expected a range such as [5m], | or a line filter"),
        ),
        (
            '{a="b"}\n  |= "x"\n  "y"',
            (
                "line 3, column 3: unexpected string; expected the end of "
                "the query, |, an operator or a line filter"
            ),
        ),
        ('{é="😀", 5="x"}', "line 1, column 9: unexpected 5; expected a name"),
        ('{a="b"} | x > 5gb', "line 1, column 18: the query ends too early; expected a comparison"),
        (
            'rate({a="b"}[0.5h])',
            "line 1, column 13: [0.5h] is no range; one is written like [5m] or [1h30m]",
        ),
        ('rate({a="b"}[5m)', "line 1, column 13: the range has no closing ]"),
        ('{a="b\n"}', 'line 1, column 4: the string has no closing " on its line'),
        ("{a=`b}", "line 1, column 4: the string has no closing `"),
        ('{a="\\d"}', "line 1, column 5: \\d is no escape of a string; write `…` or \\\\"),
        ("{a='bc'}", 'line 1, column 4: a string stands in "…" or `…`, not in single quotes'),
        ('{a="b"} /* x', "line 1, column 9: the comment has no closing */"),
        ('{a="b"} | x > 08', "line 1, column 15: 8 is no digit of a number that begins with 0"),
        ('{a="b\0"}', "line 1, column 6: a query holds no NUL character"),
        ('{a="\udcff"}', "line 1, column 5: the query is not valid UTF-8"),
    ],
)
def test_a_fault_is_told_with_its_place_and_the_remedy(query, said):
    assert fault(query) == said


def test_an_error_holds_its_place_apart():
    with pytest.raises(LogQLError) as caught:
        parse('{a="b"}\n|= x')
    error = caught.value
    assert (error.offset, error.line, error.column) == (11, 2, 4)
    assert error.message == "unexpected x; expected a string or ip"


DEEP = "nested deeper than 300 levels"


@pytest.mark.parametrize(
    "query",
    [
        "+".join("1" * 10_000),
        "^".join("1" * 10_000),
        " or ".join(["vector(1)"] * 10_000),
        "(" * 10_000,
        "(" * 10_000 + '{a="b"}' + ")" * 10_000,
        "sum(" * 10_000 + "1" + ")" * 10_000,
        '{a="b"} | ' + "(" * 10_000 + "x=1" + ")" * 10_000,
        '{a="b"} | ' + ", ".join(["x=1 or y=2"] * 5_000),
        "rate(" + "(" * 10_000 + '{a="b"}[5m]' + ")" * 10_000 + ")",
        "(vector(1)+(vector(2)*" * 5_000,
        "(vector(1)" + "+1)+(1+vector(1)" * 400 + ")",
    ],
)
def test_ten_thousand_levels_are_an_error_and_no_crash(query):
    start = time.monotonic()
    assert fault(query).endswith(DEEP)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    "query",
    [
        "(" * 300 + '{a="b"}' + ")" * 300,
        " or ".join(["vector(1)"] * 301),
        "sum(" * 299 + "vector(1)" + ")" * 299,
        '{a="b"} | ' + "(" * 300 + "x=1" + ")" * 300,
        # Long is not deep.
        '{a="b"}' + ' |= "x"' * 10_000,
        '{a="b"} |= "x"' + ' or "x"' * 10_000,
        '{a="b"} | ' + " or ".join(["x=1"] * 10_000),
        '{a="b"} | ' + ", ".join(["x=1"] * 10_000),
        "{" + ",".join(['a="b"'] * 10_000) + "}",
    ],
)
def test_some_hundred_levels_are_fine(query):
    assert list(walk(parse(query)))


@pytest.mark.parametrize(
    "query",
    [" or ".join(["vector(1)"] * 301), "sum(" * 299 + "vector(1)" + ")" * 299],
)
def test_a_tree_can_be_used_at_pythons_own_depth(query):
    expression = parse(query)
    assert repr(expression)
    assert hash(expression) == hash(parse(query))
    assert expression == parse(query)


def test_a_huge_query_is_an_error():
    query = '{a="' + "é" * 70_000 + '"}'
    assert fault(query) == (
        f"line 1, column 1: the query is 140006 bytes long, and Loki takes {MAX_BYTES} at most"
    )
    assert parse('{a="' + "x" * (MAX_BYTES - 6) + '"}')


def test_numbers_are_calculated():
    assert parse("2 ^ 3 ^ 2 + 1 / 4 * 2 % 3 - -1") == Number(0, 0, 514.0 - 0.5)
    expression = parse("vector(1) > 5 * 60")
    assert isinstance(expression, BinaryOperation)
    assert expression.right == Number(0, 0, 300.0)


FRAGMENTS = [
    *FUNCTIONS,
    *WORDS,
    *SYMBOLS,
    *(
        '"x"',
        "`x`",
        '"',
        "'",
        "`",
        "a",
        "5",
        "5m",
        "-5m",
        "5KB",
        "[5m]",
        "[",
        "0x",
        "1e",
        "--strict",
    ),
    *('{a="b"}', '{a=~"', ".*", "(?P<x>y)", "<x>", "\\", "\\x", "#", "//", "/*", "\n", "\t", "\r"),
    *("é", "😀", "\0", "\ufeff", "\u00a0", "\u2028", "\ud800", "$", "@"),
]
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(FRAGMENTS), max_size=60).map(" ".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join),
)


@given(TEXTS)
@example("\\" * 300)
@example('"' + "\\a" * 20_000)
@example('"' + "a" * 100_000)
@example("'" + "\\" * 50_000)
@example("`" * 99_999)
@example("/*" * 60_000)
@example("[" * 100_000)
@example("rate " * 20_000)
@example("_" * 100_000)
@example("9" * 100_000)
@example("9m" * 50_000)
@example("0_" * 50_000 + "e")
@example('{a="b"} | x=~"' + "(a*)*" * 10_000 + '"')
@example('{a=~"' + "(" * 60_000 + '"}')
@example('{a=~"' + "\\\\pL{1000}" * 5_000 + '"}')
@example('{a="b"} | pattern "' + "<" * 60_000 + '"')
@example('{a="b"} | regexp "' + "[" * 60_000 + '"')
def test_any_text_is_a_query_or_an_error(text):
    start = time.monotonic()
    fault = expression = None
    try:
        expression = parse(text)
    except LogQLError as error:
        fault = error
    assert time.monotonic() - start < 10
    if fault:
        assert fault.message
        assert 0 <= fault.offset <= len(text)
        assert text.count("\n", 0, fault.offset) + 1 == fault.line
    if expression:
        assert all(0 <= node.start < node.end <= len(text) for node in walk(expression))


def test_threads_do_not_meet():
    results: list[bool] = []

    def work(number: int) -> None:
        query = f'sum by (x) (rate({{a="{number}"}}[5m])) > {number}'
        results.append(all(parse(query) == parse(query) for _ in range(50)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 8
