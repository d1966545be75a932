"""What one look at a page tells of its metrics, and what it cannot tell."""

from __future__ import annotations

import pytest

from catalog.exporters import ExporterMetric
from delivery.record.declare import RUNTIME, declare, guesses, unfit
from delivery.record.page import Family, read_page


def family(page: str) -> Family:
    (only,) = read_page(page.split("\n")).values()
    return only


def declared(page: str, *, fresh: bool = False) -> ExporterMetric:
    return declare(family(page), fresh=fresh)


def label(*values: str) -> tuple[str, ...] | None:
    page = "\n".join(f'# TYPE a gauge\na{{x="{value}"}} 2' for value in values)
    return declared(page).labels["x"]


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("# TYPE a counter\na 1", "counter"),
        ("# TYPE a_total gauge\na_total 1", "gauge"),
        ("# TYPE a histogram\na_count 1", "histogram"),
        ("# TYPE a summary\na_count 1", "summary"),
        ("# TYPE a info\na_info 1", "info"),
        ("# TYPE a stateset\na{a='x'} 1".replace("'", '"'), "gauge"),
        ("# TYPE a_info gauge\na_info 1", "info"),
        ("# TYPE a_version gauge\na_version 1", "info"),
        ("# TYPE a_info gauge\na_info 2", "gauge"),
        ("a_total 1", "counter"),
        ("a 1", "gauge"),
        ("# TYPE a unknown\na 1", "gauge"),
        ("# TYPE a nonsense\na 1", "gauge"),
    ],
)
def test_the_type(page: str, kind: str) -> None:
    assert declared(page).type == kind


def test_words_are_a_list() -> None:
    assert label("miss", "hit") == ("hit", "miss")
    assert label("rate_limited", "line_too_long") == ("line_too_long", "rate_limited")
    assert label(*(f"{letter}{letter}" for letter in "abcdefghijkl")) is not None


@pytest.mark.parametrize(
    "values",
    [
        ("hit",),
        ("200", "500"),
        ("GET", "h2c"),
        ("10.0.0.1", "localhost"),
        ("/metrics", "/ready"),
        ("a.example", "b.example"),
        ("x" * 30, "hit"),
        tuple(f"{letter}{letter}" for letter in "abcdefghijklm"),
    ],
)
def test_what_there_will_be_more_of_is_open(values: tuple[str, ...]) -> None:
    assert label(*values) is None


@pytest.mark.parametrize("name", ["pod", "tenant", "route", "version"])
def test_labels_of_a_place_are_open(name: str) -> None:
    page = f'# TYPE a gauge\na{{{name}="one"}} 2\na{{{name}="two"}} 2'
    assert declared(page).labels == {name: None}


def test_labels_of_an_info_metric_are_open() -> None:
    page = '# TYPE a_info gauge\na_info{goos="linux"} 1\na_info{goos="darwin"} 1'
    assert declared(page).labels == {"goos": None}


def test_what_is_lazy() -> None:
    plain, labelled = "# TYPE a counter\na 1", '# TYPE a counter\na{x="1"} 1'
    assert declared(plain).emission == "always"
    assert declared(labelled).emission == "lazy"
    assert declared(labelled, fresh=True).emission == "always"
    assert declared('# TYPE a_info gauge\na_info{x="1"} 1').emission == "always"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("# TYPE a gaugehistogram\na_gcount 1", "the catalog has no gauge histograms"),
        (
            "# TYPE a_bucket histogram\na_bucket_count 1",
            "its name is that of a histogram's buckets",
        ),
        ('{"a.b"} 1', "the catalog cannot hold the name a.b"),
        ("job:a:sum 1", "the catalog cannot hold the name job:a:sum"),
        ('a{"b.c"="1"} 1', "the catalog cannot hold the name b.c"),
        ("a 1", None),
    ],
)
def test_what_cannot_be_declared(page: str, reason: str | None) -> None:
    assert unfit(family(page)) == reason


def test_guesses_are_told() -> None:
    page = 'a_total{outcome="hit",code="1"} 1\na_total{outcome="miss",code="2"} 1'
    assert list(guesses(family(page))) == [
        "the page gives no type, it is taken for a counter by its name",
        "outcome is declared as hit, miss; write null if it has others",
    ]
    assert list(guesses(family("# TYPE a gauge\na 1"))) == []


@pytest.mark.parametrize(
    ("name", "of_a_runtime"),
    [
        ("go_goroutines", True),
        ("process_cpu_seconds_total", True),
        ("python_info", True),
        ("google_requests_total", False),
        ("loki_process_dropped_lines_total", False),
    ],
)
def test_what_every_program_shows(name: str, *, of_a_runtime: bool) -> None:
    assert bool(RUNTIME.fullmatch(name)) is of_a_runtime
