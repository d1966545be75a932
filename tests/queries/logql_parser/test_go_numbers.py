from __future__ import annotations

import math

import pytest

from queries.logql_parser.go_numbers import (
    parse_bytes,
    parse_duration,
    parse_float,
    parse_int,
    parse_range,
    scan_number,
)

SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("5", 1),
        ("5m", 1),
        ("5.5.5", 3),
        (".5", 2),
        ("5.", 2),
        ("5e3x", 3),
        ("5e-3", 4),
        ("017", 3),
        ("08.5", 4),
        ("1_000", 5),
        ("0x_1F", 5),
        ("0x1p4", 5),
        ("0b11", 4),
        ("0o17", 4),
    ],
)
def test_a_number_ends_where_go_ends_it(text, length):
    assert scan_number(text, 0, adjacent=True) == (length, None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("08", "8 is no digit of a number that begins with 0"),
        ("0b12", "2 is no digit of a number that begins with 0"),
        ("0x", "the number has no digits"),
        ("5e", "the exponent has no digits"),
        ("5e+", "the exponent has no digits"),
        ("5p3", "a number of this kind has no exponent p"),
        ("0b1e5", "a number of this kind has no exponent e"),
        ("0x1.8", "a hexadecimal fraction needs an exponent p"),
        ("0b1.1", "0b begins an integer, which has no point"),
        ("1__0", "an underscore stands only between two digits"),
        ("1_", "an underscore stands only between two digits"),
        ("1_.5", "an underscore stands only between two digits"),
    ],
)
def test_a_broken_number_is_told(text, fault):
    assert scan_number(text, 0, adjacent=True)[1] == fault


def test_a_binary_number_behind_a_space_is_lost():
    assert scan_number("> 0b1", 2, adjacent=False) == (3, "the number has no digits")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_000.5", (1000.5, True)),
        ("0x1p4", (16.0, True)),
        ("010", (10.0, True)),
        ("0x10", (0.0, False)),
        ("0b1", (0.0, False)),
        ("1e999", (math.inf, False)),
        ("0x1p9999", (math.inf, False)),
        ("1e-999", (0.0, True)),
    ],
)
def test_a_number_has_the_value_that_go_gives_it(text, value):
    assert parse_float(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("5m", 300 * SECOND),
        ("1y2w3d4h5m6s7ms", 33019506007 * SECOND // 1000),
        ("05m", 300 * SECOND),
        ("292y", 292 * 365 * 86400 * SECOND),
        ("300y", None),
        ("9" * 30 + "s", None),
        ("30m1h", None),
        ("5m5m", None),
        ("1.5h", None),
        ("-5m", None),
        ("5us", None),
        ("5", None),
        ("", None),
        (" 5m", None),
        ("\u0665m", None),
    ],
)
def test_ranges(text, value):
    assert parse_range(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1d", 86400 * SECOND),
        ("1.5h", 5400 * SECOND),
        ("1h1.5m", 3690 * SECOND),
        ("30m1h", 5400 * SECOND),
        ("-5m", -300 * SECOND),
        ("-0", 0),
        (".5s", SECOND // 2),
        ("5.s", 5 * SECOND),
        ("5µs", 5000),
        ("5μs", 5000),
        ("5us", 5000),
        ("0.1ns", 0),
        ("-1d", None),
        ("1.5d", None),
        (".s", None),
        ("5sh", None),
        ("5", None),
        ("-", None),
        ("5m.", None),
        ("9223372036s", 9223372036 * SECOND),
        ("9223372037s", None),
        ("-2562047h47m16.854775808s", -(2**63)),
        ("2562047h47m16.854775808s", None),
    ],
)
def test_durations(text, value):
    assert parse_duration(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5B", 5),
        ("5K", 5000),
        ("5kb", 5000),
        ("5KiB", 5120),
        ("5ki", 5120),
        ("1.5MB", 1_500_000),
        ("2GiB", 2 * 2**30),
        ("3TB", 3 * 10**12),
        ("3PiB", 3 * 2**50),
        ("3EB", 3 * 10**18),
        ("16EiB", None),
        ("5ib", None),
        ("5ZB", None),
        ("5.5.5B", None),
        ("1_0B", None),
        ("B", None),
    ],
)
def test_sizes(text, value):
    assert parse_bytes(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("010", 10), ("1_0", None), ("1.0", None), ("9" * 18, 10**18 - 1), ("9" * 19, None)],
)
def test_whole_numbers(text, value):
    assert parse_int(text) == value
