"""LogQL: which names a stage can read, on both releases and in both formats."""

from __future__ import annotations

import pytest

from tests.delivery.checks.asking import FIRST, SECOND, asked, faults, golden, renew

FILES = (("logql-lines.txt", FIRST), ("logql-loki-3.txt", SECOND))
CASES = [(folder, *case) for name, folder in FILES for case in golden(name)]


@pytest.mark.parametrize(
    ("folder", "query", "expected"), CASES, ids=[query for _, query, _ in CASES]
)
def test_golden_queries(folder, query, expected):
    assert faults(query, "logql", folder) == expected


@pytest.mark.parametrize(("name", "folder"), FILES)
def test_golden_queries_are_sound_and_faulty_and_renewed(name, folder):
    renew(name, "logql", folder)
    assert {bool(expected) for _, expected in golden(name)} == {False, True}


#: What every line of the service has, whatever is done to it.
ALWAYS = "cluster container_name environment level namespace pod service tier track"


@pytest.mark.parametrize(
    ("stages", "more"),
    [
        ("", ""),
        ("| json mod=`module`", "mod"),
        ("| json level=`level`", "level_extracted"),
        ("| regexp `(?P<code>\\d+)` | label_format status=code", "status"),
        ("| pattern `<ip> <_>` | drop ip", ""),
    ],
)
def test_the_labels_of_a_line(stages, more):
    shape = asked(f'{{service="ryot"}} {stages}', "logql").shape
    assert shape is not None
    assert shape.role == "lines"
    errors = {"__error__", "__error_details__"}
    assert set(shape.known.labels) - errors == set(f"{ALWAYS} {more}".split())


def test_a_parser_that_takes_all_takes_each_field():
    shape = asked('{service="ryot"} | json', "logql").shape
    assert shape is not None
    found = {label for label in shape.known.labels if not label.endswith("_extracted")}
    fields = "duration_ms event message module outcome span_id trace_id ts"
    assert found >= set(f"{ALWAYS} {fields}".split())
    assert shape.known.sure == set(ALWAYS.split())


def test_what_is_kept_is_all_there_is():
    shape = asked('{service="ryot"} | json | keep module, level', "logql").shape
    assert shape is not None
    assert set(shape.known.labels) == {"module", "level", "__error__", "__error_details__"}
    assert shape.known.sure == {"level"}
