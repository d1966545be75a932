"""Durations, sizes, targets and lines of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.scalars import format_duration, parse_duration, parse_size, shown
from tests.catalog.editable import PLATFORM, SHOP, EditableCatalog, Spoilt

CASES = (
    Spoilt(
        "target 100",
        SHOP,
        "target: 99.9",
        "target: 100",
        (
            SHOP,
            "target: 100",
            (
                "'objectives[0].target' is 100, which leaves no error budget to burn. "
                "Write a percentage above 0 and below 100, as in 99.9."
            ),
        ),
    ),
    Spoilt(
        "target all but 100",
        SHOP,
        "target: 99.9",
        "target: 99.9999999999",
        (
            SHOP,
            "target: 99.9999999999",
            (
                "'objectives[0].target' is 99.9999999999, which leaves no error budget to "
                "burn. Write a percentage above 0 and below 100, as in 99.9."
            ),
        ),
    ),
    Spoilt(
        "target 150",
        SHOP,
        "target: 99.9",
        "target: 150",
        (
            SHOP,
            "target: 150",
            (
                "'objectives[0].target' is 150, more than can be good. Write a percentage "
                "above 0 and below 100, as in 99.9."
            ),
        ),
    ),
    Spoilt(
        "target 0",
        SHOP,
        "target: 99.9",
        "target: 0",
        (
            SHOP,
            "target: 0",
            (
                "'objectives[0].target' is 0, which promises nothing. Write a percentage "
                "above 0 and below 100, as in 99.9."
            ),
        ),
    ),
    Spoilt(
        "target negative",
        SHOP,
        "target: 99.9",
        "target: -1",
        (
            SHOP,
            "target: -1",
            (
                "'objectives[0].target' is -1, which promises nothing. Write a percentage "
                "above 0 and below 100, as in 99.9."
            ),
        ),
    ),
    Spoilt(
        "target nearly 0",
        SHOP,
        "target: 99.9",
        "target: 0.00000000001",
        (
            SHOP,
            "target: 0.00000000001",
            (
                "'objectives[0].target' is 1e-11, which promises nothing. Write a "
                "percentage above 0 and below 100, as in 99.9."
            ),
        ),
    ),
    Spoilt(
        "duration in words",
        PLATFORM,
        "silence: 15m",
        "silence: 15 minutes",
        (
            PLATFORM,
            "silence: 15 minutes",
            (
                "'thresholds.silence' is '15 minutes', not a duration. Write a whole "
                "number and one of s, m, h, d, w, y, as in 30d."
            ),
        ),
    ),
    Spoilt(
        "duration without a unit",
        PLATFORM,
        "silence: 15m",
        "silence: 15",
        (
            PLATFORM,
            "silence: 15",
            (
                "'thresholds.silence' is 15, not a duration. Write a whole number and one "
                "of s, m, h, d, w, y, as in 30d."
            ),
        ),
    ),
    Spoilt(
        "duration of 0",
        PLATFORM,
        "silence: 15m",
        "silence: 0s",
        (
            PLATFORM,
            "silence: 0s",
            (
                "'thresholds.silence' is '0s', not a duration. Write a whole number and "
                "one of s, m, h, d, w, y, as in 30d."
            ),
        ),
    ),
    Spoilt(
        "duration with a fraction",
        PLATFORM,
        "silence: 15m",
        "silence: 1.5h",
        (
            PLATFORM,
            "silence: 1.5h",
            (
                "'thresholds.silence' is '1.5h', not a duration. Write a whole number and "
                "one of s, m, h, d, w, y, as in 30d."
            ),
        ),
    ),
    Spoilt(
        "duration of two units",
        PLATFORM,
        "silence: 15m",
        "silence: 1h30m",
        (
            PLATFORM,
            "silence: 1h30m",
            (
                "'thresholds.silence' is '1h30m', not a duration. Write a whole number and "
                "one of s, m, h, d, w, y, as in 30d."
            ),
        ),
    ),
    Spoilt(
        "duration of a clock",
        PLATFORM,
        "silence: 15m",
        "silence: 12:30",
        (
            PLATFORM,
            "silence: 12:30",
            (
                "'thresholds.silence' is '12:30', not a duration. Write a whole number and "
                "one of s, m, h, d, w, y, as in 30d."
            ),
        ),
    ),
    Spoilt(
        "duration without end",
        PLATFORM,
        "silence: 15m",
        (
            "silence: "
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "99999999999999999999m"
        ),
        (
            PLATFORM,
            "silence:",
            (
                "'thresholds.silence' is "
                "'9999999999999999999999999999999999999999999999999999999...', not a "
                "duration. Write a whole number and one of s, m, h, d, w, y, as in 30d."
            ),
        ),
    ),
    Spoilt(
        "duration empty",
        PLATFORM,
        "silence: 15m",
        "silence:",
        (
            PLATFORM,
            "silence:",
            (
                "'thresholds.silence' is empty, not a duration. Write a whole number and "
                "one of s, m, h, d, w, y, as in 30d."
            ),
        ),
    ),
    Spoilt(
        "size in words",
        PLATFORM,
        "agent_lag_bytes: 10MB",
        "agent_lag_bytes: ten",
        (
            PLATFORM,
            "agent_lag_bytes: ten",
            (
                "'thresholds.agent_lag_bytes' is 'ten', not a size. Write a number above 0 "
                "and a unit, as in 1.7GB or 512MiB."
            ),
        ),
    ),
    Spoilt(
        "size without a unit",
        PLATFORM,
        "agent_lag_bytes: 10MB",
        "agent_lag_bytes: 10",
        (
            PLATFORM,
            "agent_lag_bytes: 10",
            (
                "'thresholds.agent_lag_bytes' is 10, not a size. Write a number above 0 "
                "and a unit, as in 1.7GB or 512MiB."
            ),
        ),
    ),
    Spoilt(
        "size of 0",
        PLATFORM,
        "agent_lag_bytes: 10MB",
        "agent_lag_bytes: 0.0GB",
        (
            PLATFORM,
            "agent_lag_bytes: 0.0GB",
            (
                "'thresholds.agent_lag_bytes' is '0.0GB', not a size. Write a number above "
                "0 and a unit, as in 1.7GB or 512MiB."
            ),
        ),
    ),
    Spoilt(
        "size without end",
        PLATFORM,
        "agent_lag_bytes: 10MB",
        (
            "agent_lag_bytes: "
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "999999999999999999999999999999999999999999999999999999999999"
            "9999999999999999999999999999999999999999GB"
        ),
        (
            PLATFORM,
            "agent_lag_bytes:",
            (
                "'thresholds.agent_lag_bytes' is "
                "'9999999999999999999999999999999999999999999999999999999...', not a size. "
                "Write a number above 0 and a unit, as in 1.7GB or 512MiB."
            ),
        ),
    ),
    Spoilt(
        "size of a list",
        PLATFORM,
        "agent_lag_bytes: 10MB",
        "agent_lag_bytes: [10MB]",
        (
            PLATFORM,
            "agent_lag_bytes: [10MB]",
            (
                "'thresholds.agent_lag_bytes' is a list, not a size. Write a number above "
                "0 and a unit, as in 1.7GB or 512MiB."
            ),
        ),
    ),
    Spoilt(
        "line break",
        SHOP,
        "description: Sells things.",
        'description: "Sells\\nthings."',
        (
            SHOP,
            'description: "Sells\\nthings."',
            (
                "'description' holds a line break or a control character. Write it as one "
                "line of text."
            ),
        ),
    ),
    Spoilt(
        "block text",
        SHOP,
        "description: Sells things.",
        "description: |\n  Sells things.",
        (
            SHOP,
            "description: |",
            (
                "'description' holds a line break or a control character. Write it as one "
                "line of text."
            ),
        ),
    ),
    Spoilt(
        "control character",
        SHOP,
        "description: Sells things.",
        'description: "Sells \\e[31m things."',
        (
            SHOP,
            'description: "Sells \\e[31m things."',
            (
                "'description' holds a line break or a control character. Write it as one "
                "line of text."
            ),
        ),
    ),
    Spoilt(
        "line separator",
        SHOP,
        "description: Sells things.",
        'description: "Sells\\Lthings."',
        (
            SHOP,
            'description: "Sells\\Lthings."',
            (
                "'description' holds a line break or a control character. Write it as one "
                "line of text."
            ),
        ),
    ),
    Spoilt(
        "blank at the end",
        SHOP,
        "description: Sells things.",
        'description: "Sells things. "',
        (
            SHOP,
            'description: "Sells things. "',
            (
                "'description' is 'Sells things. ', with a blank at an end. Remove the "
                "blanks at both ends."
            ),
        ),
    ),
    Spoilt(
        "nul in a label value",
        SHOP,
        "values: [sold, refused]",
        'values: ["so\\0ld", refused]',
        (
            SHOP,
            'values: ["so\\0ld", refused]',
            (
                "'logs.fields[4].values[0]' holds a line break or a control character. "
                "Write it as one line of text."
            ),
        ),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_it_is_refused_with_place_fault_and_remedy(case: Spoilt, catalog: EditableCatalog) -> None:
    case.check(catalog)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("5m", 300),
        ("720h", 2592000),
        ("30d", 2592000),
        ("2w", 1209600),
        ("1y", 31536000),
    ],
)
def test_a_duration_is_whole_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1s"), (90, "90s"), (300, "5m"), (5400, "90m"), (7200, "2h"), (2592000, "30d")],
)
def test_a_duration_is_written_as_short_as_it_can_be(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


@given(seconds=st.integers(1, 10**8))
def test_a_duration_is_read_as_it_was_written(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *(("1B", 1), ("1.7GB", 1700000000), ("10MB", 10**7), ("3KB", 3000), ("2TB", 2 * 10**12)),
        *(("512MiB", 2**29), ("1.5KiB", 1536), ("1GiB", 2**30), ("1TiB", 2**40)),
    ],
)
def test_a_size_is_whole_bytes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, "empty"), (True, "true"), (False, "false"), ({}, "an empty mapping")),
        *(({"a": 1}, "a mapping"), ((), "an empty list"), ((1,), "a list"), ("", "empty text")),
        *((7, "7"), (0.5, "0.5"), ("a", "'a'"), ("it's", '"it\'s"'), ("a\\b", r"'a\\b'")),
        ("x" * 80, f"'{'x' * 55}...'"),
        ("http://me:secret@host/", "'http://***@host/'"),
    ],
)
def test_a_value_is_shown_short_and_without_secrets(value: object, text: str) -> None:
    assert shown(value) == text
