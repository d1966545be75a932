"""What a sample of lines tells, and what it must not be taken to tell."""

from __future__ import annotations

import json

import pytest

from delivery.discover.lines import (
    looks_like_a_trace,
    message_of,
    sample,
    timestamp_of,
    type_of,
)

TRACES = [f"{number:032x}" for number in range(1, 9)]


def test_json_lines() -> None:
    lines = [
        json.dumps(
            {
                "at": f"2026-01-02T03:04:0{index}.5Z",
                "msg": f"went to port {index}",
                "trace_id": trace,
                "digest": trace,
                "span": trace[:16],
                "took": 0.5,
                "crates": index,
                "ok": True,
                "nothing": None,
                "inner": {"a": 1},
            }
        )
        for index, trace in enumerate(TRACES)
    ]
    found = sample(lines)
    assert (found.format, found.lines, found.multiline) == ("json", 8, False)
    types = {name: type_of(name, seen) for name, seen in found.fields.items()}
    assert types == {
        "at": "timestamp",
        "msg": "string",
        "trace_id": "trace_id",
        "digest": "string",
        "span": "span_id",
        "took": "number",
        "crates": "integer",
        "ok": "string",
        "nothing": "string",
        "inner": "string",
    }
    assert looks_like_a_trace("digest", found.fields["digest"])
    assert not looks_like_a_trace("trace_id", found.fields["trace_id"])
    assert found.fields["inner"].nested
    assert (timestamp_of(found.fields), message_of(found.fields)) == ("at", "msg")


def test_logfmt_lines() -> None:
    found = sample([f'time=2026-01-02T03:04:05Z lvl=info what="a \\"b\\" {n}"' for n in range(5)])
    assert found.format == "logfmt"
    assert set(found.fields) == {"time", "lvl", "what"}
    assert 'a "b" 3' in found.fields["what"].values
    assert message_of(found.fields) == "what"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Starting up", "Listening on :80", "x=1"],
        ["[1, 2]", '"text"', "7"],
        ['{"a": 1}'] * 7 + ["plain"] * 3,
        ["[" * 100_000] * 3,
    ],
)
def test_what_has_no_format_of_ours(lines: list[str]) -> None:
    found = sample(lines)
    assert (found.format, found.fields) == (None, {})


def test_several_lines_in_one() -> None:
    assert sample(['{\n "a": 1\n}']).multiline
