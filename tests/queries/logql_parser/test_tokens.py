from __future__ import annotations

import pytest

from queries.logql_parser.tokens import tokenize


def kinds(text: str) -> str:
    tokens, fault = tokenize(text)
    shown = " ".join(token.kind for token in tokens if token.kind != "$END")
    return f"{shown} !{fault.message}" if fault else shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \t\r\n", ""),
        ("a _b c1 é ²", "NAME NAME NAME NAME NAME"),
        ("aé2", "NAME"),
        ("rate rate( rate by x", "NAME RANGE_FUNCTION LPAREN NAME BY NAME"),
        ("rate by (", "RANGE_FUNCTION BY LPAREN"),
        ("RATE( Sum\n(", "RANGE_FUNCTION LPAREN AGGREGATION LPAREN"),
        ("sum without (", "AGGREGATION WITHOUT LPAREN"),
        ("sum #c\n(", "NAME LPAREN"),
        ("sum\u00a0(", "AGGREGATION NAME LPAREN"),
        ("ip ip(", "NAME IP LPAREN"),
        ("label_replace label_replace(", "NAME LABEL_REPLACE LPAREN"),
        ("bytes bytes(", "NAME CONVERSION LPAREN"),
        ("by BY json OF", "BY BY JSON OF"),
        (
            "|= |~ |> | != !~ !> = =~ == > >= < <=",
            ("PIPE_EXACT PIPE_MATCH PIPE_PATTERN PIPE NEQ NRE NPA EQ RE CMP_EQ GT GTE LT LTE"),
        ),
        ("! ~ $ @ ; : ? & 😀 \x0c", " ".join(["NAME"] * 10)),
        ("{ } ( ) , . ]", "LBRACE RBRACE LPAREN RPAREN COMMA DOT RBRACKET"),
        ("+ - * / % ^", "PLUS MINUS TIMES DIVIDE MODULO POWER"),
        ('"a" `b` ""', "STRING STRING STRING"),
        ("'a' '\\n'", "NAME NAME"),
        ("5 5.5 .5 5e3 0x1p4 017", "NUMBER NUMBER NUMBER NUMBER NUMBER NUMBER"),
        ("5m 1.5h -5m -0 5µs", "DURATION DURATION DURATION DURATION DURATION"),
        ("5KB 5K 5B", "BYTES BYTES BYTES"),
        ("5gb 5S 5μs 5²", "NUMBER NAME NUMBER NAME NUMBER NAME NUMBER NAME"),
        ("5sec", "DURATION NAME"),
        ("-1d -5 - 5", "MINUS DURATION MINUS NUMBER MINUS NUMBER"),
        ("--strict --keep-empty", "FLAG FLAG"),
        ("--strictly --Strict --", "MINUS MINUS NAME MINUS MINUS NAME MINUS MINUS"),
        ("[5m] [0]", "RANGE RANGE"),
        ("a # c\nb // c\nc /* c */ d", "NAME NAME NAME NAME"),
        ("1 / 2", "NUMBER DIVIDE NUMBER"),
        ("\ufeffa", "NAME"),
        ("a\ufeff", "NAME NAME"),
        ("a [b", "NAME !the range has no closing ]"),
        ("a 08", "NAME !8 is no digit of a number that begins with 0"),
    ],
)
def test_text_is_cut_as_loki_cuts_it(text, expected):
    assert kinds(text) == expected


def test_a_token_knows_its_place_and_what_it_says():
    tokens, _ = tokenize('é{a="b\\n"} [5m] Sum(')
    assert [tuple(token) for token in tokens] == [
        ("NAME", "é", 0, 1),
        ("LBRACE", "{", 1, 2),
        ("NAME", "a", 2, 3),
        ("EQ", "=", 3, 4),
        ("STRING", "b\n", 4, 9),
        ("RBRACE", "}", 9, 10),
        ("RANGE", "5m", 11, 15),
        ("AGGREGATION", "sum", 16, 19),
        ("LPAREN", "(", 19, 20),
        ("$END", "", 20, 20),
    ]
