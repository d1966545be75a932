"""LogQL: what is counted, unwrapped, grouped and put together, and in what unit."""

from __future__ import annotations

import pytest

from tests.delivery.checks.asking import asked, faults, golden, renew

CASES = golden("logql-numbers.txt")
LINES = '{service="ryot"}'
TOOK = f'{LINES} | json | unwrap duration_ms | __error__=""'


@pytest.mark.parametrize(("query", "expected"), CASES, ids=[query for query, _ in CASES])
def test_golden_queries(query, expected):
    assert faults(query, "logql") == expected


def test_golden_queries_are_sound_and_faulty_and_renewed():
    renew("logql-numbers.txt", "logql")
    assert {bool(expected) for _, expected in CASES} == {False, True}


@pytest.mark.parametrize(
    ("query", "unit", "labels"),
    [
        (f"sum by (level) (count_over_time({LINES}[5m]))", "lines", "level"),
        (f"sum by (level) (rate({LINES}[5m]))", "lines/s", "level"),
        (f"sum(bytes_over_time({LINES}[5m]))", "bytes", ""),
        (f"sum(bytes_rate({LINES}[5m]))", "bytes/s", ""),
        (f"avg_over_time({TOOK} [5m]) by (module)", "milliseconds", "module"),
        (f"sum by (module) (rate({TOOK} [5m]))", "milliseconds/s", "module"),
        (f"stdvar_over_time({TOOK} [5m]) by ()", "", ""),
        (
            f"max_over_time({TOOK.replace('duration_ms', 'bytes(duration_ms)')} [5m]) by ()",
            "bytes",
            "",
        ),
        (f"count by (level) (count_over_time({LINES}[5m]))", "", "level"),
        (f"sum(rate({LINES}[5m])) / sum(rate({LINES}[1h]))", "ratio", ""),
        (f"sum(rate({LINES}[5m])) / sum(bytes_rate({LINES}[5m]))", "", ""),
        (f"sum(rate({LINES}[5m])) * 60 > 5", "lines/s", ""),
        (f"sum(rate({LINES}[5m])) > bool 5", "", ""),
        (f"sum by (pod) (rate({LINES}[5m])) or vector(0)", "lines/s", "pod"),
        (f"sum by (pod) (rate({LINES}[5m])) unless on () vector(1)", "lines/s", "pod"),
        (f"absent_over_time({LINES}[5m])", "", "service"),
        (
            f"label_replace(sum by (pod) (rate({LINES}[5m])), 'host', '$1', 'pod', '(.*)')".replace(
                "'", '"'
            ),
            "lines/s",
            "host pod",
        ),
        ("vector(1)", "", ""),
        ("1 + 2", "", ""),
    ],
)
def test_the_answer(query, unit, labels):
    read = asked(query, "logql")
    assert read.shape is not None
    assert (read.shape.unit, set(read.shape.known.labels)) == (unit, set(labels.split()))


def test_topk_keeps_the_labels_of_what_it_chooses():
    read = asked(f"topk by (pod) (3, sum by (pod, level) (rate({LINES}[5m])))", "logql")
    assert read.faults == []
    assert read.shape is not None
    assert set(read.shape.known.labels) == {"pod", "level"}
