"""Both formats are read, and what is neither is refused with its line."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.record.page import VALUES_KEPT, Family, PageError, read_page

TEXT = r"""
# HELP lookups_total Lookups, by outcome.
# TYPE lookups_total counter
lookups_total{outcome="hit",pool="a"} 3
lookups_total{outcome="miss",pool="a",} 1 1712000000000
# TYPE spans counter
spans{receiver="otlp"} 4
# A remark.
# TYPE depth gauge
depth NaN
depth{queue="q"} +Inf
# TYPE took_seconds histogram
took_seconds_bucket{route="/a b",le="0.1"} 1
took_seconds_bucket{route="/a b",le="+Inf"} 2
took_seconds_sum{route="/a b"} 0.5
took_seconds_count{route="/a b"} 2
# TYPE gc_seconds summary
gc_seconds{quantile="0.5"} 1e-3
gc_seconds_sum 1
gc_seconds_count 2
x_build_info{version="1.2.3"} 1
"""

OPEN_METRICS = r"""
# TYPE lookups counter
# UNIT lookups lookups
# HELP lookups Lookups.
lookups_total{outcome="hit"} 3 1712000000.5 # {trace_id="abc"} 1 1712000000.1
lookups_created{outcome="hit"} 1712000000
# TYPE took_seconds histogram
# UNIT took_seconds seconds
took_seconds_bucket{le="0.1"} 1 # {trace_id="a}b \" c"} 0.05
took_seconds_bucket{le="+Inf"} 2
took_seconds_count 2
took_seconds_sum 0.5
took_seconds_created 1712000000
# TYPE x_build info
x_build_info{version="1.2.3"} 1
# TYPE door stateset
door{door="open"} 1
door{door="shut"} 0
# TYPE sizes gaugehistogram
sizes_bucket{le="+Inf"} 2
sizes_gcount 2
sizes_gsum 3
# TYPE odd unknown
odd 1
# EOF
"""


def read(page: str) -> dict[str, Family]:
    return read_page(page.split("\n"))


def summary(page: str) -> dict[str, tuple[str, dict[str, set[str]]]]:
    return {name: (family.type, family.labels) for name, family in read(page).items()}


def test_the_text_format() -> None:
    assert summary(TEXT) == {
        "lookups_total": ("counter", {"outcome": {"hit", "miss"}, "pool": {"a"}}),
        "spans": ("counter", {"receiver": {"otlp"}}),
        "depth": ("gauge", {"queue": {"q"}}),
        "took_seconds": ("histogram", {"route": {"/a b"}}),
        "gc_seconds": ("summary", {}),
        "x_build_info": ("untyped", {"version": {"1.2.3"}}),
    }


def test_openmetrics_by_the_names_that_a_query_asks_for() -> None:
    assert summary(OPEN_METRICS) == {
        "lookups_total": ("counter", {"outcome": {"hit"}}),
        "took_seconds": ("histogram", {}),
        "x_build_info": ("info", {"version": {"1.2.3"}}),
        "door": ("stateset", {"door": {"open", "shut"}}),
        "sizes": ("gaugehistogram", {}),
        "odd": ("unknown", {}),
    }


def test_a_counter_keeps_its_name_with_and_without_total() -> None:
    page = "# TYPE a counter\na 1\n# TYPE a_total counter\na_total 1\n"
    assert sorted(read(page)) == ["a", "a_total"]


def test_escapes_and_what_looks_like_the_end_of_a_line_stay_within_a_value() -> None:
    page = 'a{x="q\\"uo,te}",y="back\\\\slash",z="new\\nline",w="\u2028\x85"} 1\n'
    assert read(page)["a"].labels == {
        "x": {'q"uo,te}'},
        "y": {"back\\slash"},
        "z": {"new\nline"},
        "w": {"\u2028\x85"},
    }


def test_names_that_need_quotes() -> None:
    page = '# TYPE "http.server.duration" gauge\n{"http.server.duration","net.peer"="x"} 1\n'
    assert summary(page) == {"http.server.duration": ("gauge", {"net.peer": {"x"}})}


def test_an_empty_value_is_no_value() -> None:
    assert read('a{tenant=""} 1\na{tenant="x"} 1\n')["a"].labels == {"tenant": {"x"}}


def test_windows_line_ends_and_blanks() -> None:
    assert summary('# TYPE a gauge\r\na{ x = "1" , y="2" } \t 5\r\n\r\n') == {
        "a": ("gauge", {"x": {"1"}, "y": {"2"}})
    }


def test_few_values_of_a_label_are_kept_of_many_series() -> None:
    page = "\n".join(f'a{{i="{i}"}} 1' for i in range(1000))
    assert len(read(page)["a"].labels["i"]) == VALUES_KEPT


def test_whether_it_is_always_one() -> None:
    families = read('a{x="1"} 1\na{x="2"} 1\nb 1\nb{x="2"} 2\nc NaN\n')
    assert {name: family.always_one for name, family in families.items()} == {
        "a": True,
        "b": False,
        "c": False,
    }


def test_a_page_of_nothing() -> None:
    assert read("\n# EOF\n") == {}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("<!doctype html>", "it is no series with a value"),
        ('{"status": "success"}', "the labels are not closed"),
        ("lookups", "it is no series with a value"),
        ("lookups 1 2 3", "it is no series with a value"),
        ("lookups many", "many is no number"),
        ('lookups{a="1" 1', "the labels are not closed"),
        ('lookups{a="1"', "the labels are not closed"),
        ('lookups{a="1""} 1', "the labels are not closed"),
        ("lookups{a=1} 1", "the labels are not closed"),
        ("lookups{a} 1", "the label a has no value"),
        ('lookups{"a"} 1', "the label a has no value"),
        ("{} 1", "it is no series with a value"),
        ("\x0a\x05\x12\x00", "it is no series with a value"),
    ],
)
def test_a_line_of_something_else(line: str, fault: str) -> None:
    with pytest.raises(PageError) as caught:
        read_page(["# TYPE lookups counter", line])
    assert (caught.value.line, caught.value.fault) == (2, fault)


LABELS = st.dictionaries(
    st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True), st.text(), max_size=3
)


@given(LABELS)
def test_any_label_value_is_read_back(labels: dict[str, str]) -> None:
    escaped = {
        name: value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        for name, value in labels.items()
    }
    pairs = ",".join(f'{name}="{value}"' for name, value in escaped.items())
    found = read_page(["# TYPE a gauge", f"a{{{pairs}}} 1"])["a"].labels
    assert found == {name: {value} if value else set() for name, value in labels.items()}


@given(st.text(alphabet='a1{}",=\\# \n+.NaTYPE_:\x00é', max_size=60))
def test_any_text_is_read_or_refused(page: str) -> None:
    with suppress(PageError):
        read_page(page.split("\n"))
