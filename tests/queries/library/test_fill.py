"""What is filled in stays where it was put, whatever it says; what is wrong is one clear error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import UsageError
from catalog.load import load_catalog
from queries.library.fill import Wish, filled, on_dashboard
from queries.library.model import LibraryQuery
from queries.library.registry import QUERIES, named, offered
from queries.logql_parser import tree
from queries.logql_parser.parse import parse
from queries.logql_parser.walk import walk

ROOT = Path(__file__).parents[3]
FOLDERS = ("catalog", "tests/fixtures/second", "tests/fixtures/minimal")
CATALOGS = {folder: load_catalog(ROOT / folder) for folder in FOLDERS}
SHIPPED = CATALOGS["catalog"]
PLACE = SHIPPED.default_environment


def text(name: str, service: str | None = None, **given_: str) -> str:
    wish = Wish(PLACE, SHIPPED.service(service) if service else None, given_)
    return filled(named(name), SHIPPED, wish).text


def refusal(name: str, service: str | None = None, **given_: str) -> str:
    with pytest.raises(UsageError) as raised:
        text(name, service, **given_)
    return str(raised.value)


EVIL = [
    '"} or {service=~".+',
    '\\"} | json | x="',
    "`} |= `",
    "\\",
    'a"',
    "{{.level}}",
    "$__interval ${service}",
    "[1h]) or vector(1",
    "# comment",
    "Ünïcödé ☃",
]


@pytest.mark.parametrize("evil", EVIL)
def test_an_evil_text_is_one_string_of_the_same_query(evil: str) -> None:
    expression = re.escape(evil)
    found = parse(text("pattern-matching", "ryot", matches=expression))
    assert isinstance(found, tree.LogQuery)
    (stage,) = found.stages
    assert isinstance(stage, tree.LineFilter)
    assert [each.text for each in stage.alternatives] == [expression]
    assert [(each.label, each.value) for each in found.selector.matchers] == [
        ("cluster", "compose"),
        ("environment", "development"),
        ("service", "ryot"),
    ]


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_no_text_breaks_out_of_its_place(value: str) -> None:
    """Whatever is given is refused, or the query has the same parts as with a harmless value."""
    for name, parameter in (
        ("pattern-matching", "matches"),
        ("pattern-anomalies", "shape"),
        ("regex-counts", "expression"),
        ("field-counts", "field"),
        ("slow-operations", "slower_than"),
        ("duration-histogram", "width"),
        ("error-spikes", "factor"),
        ("error-spikes", "window"),
        ("trace-logs", "trace_id"),
        ("log-patterns", "level"),
        ("log-patterns", "top"),
    ):
        service = "ryot" if named(name).subject == "one" else None
        fault, made = "", ""
        try:
            made = text(name, service, **{parameter: value})
        except UsageError as error:
            fault = str(error)
        if fault:
            assert fault.startswith(f"{name}, parameter {parameter}: ")
            assert "\n" not in fault
        else:
            assert parts(made) == parts(text(name, service)) or parameter == "level"


def parts(query: str) -> list[str]:
    return [type(node).__name__ for node in walk(parse(query))]


def test_a_pattern_that_says_more_is_a_string_too() -> None:
    made = text("pattern-anomalies", "ryot", shape='<what> "} | <_>')
    patterns = [node for node in walk(parse(made)) if isinstance(node, tree.PatternParser)]
    assert {each.pattern for each in patterns} == {'<what> "} | <_>'}


@pytest.mark.parametrize(
    ("name", "service", "values", "message"),
    [
        (
            "trace-logs",
            None,
            {"trace_id": 'x"}'},
            (
                "trace-logs, parameter trace_id: is 'x\"}', not a trace id. "
                "Write its 32 (or 16) hexadecimal digits."
            ),
        ),
        (
            "slow-operations",
            "ryot",
            {"slower_than": "fast"},
            (
                "slow-operations, parameter slower_than: is 'fast', not a time. "
                "Write a number and one of ms, s, m, h, as in 500ms."
            ),
        ),
        (
            "slow-operations",
            "ryot",
            {"event": "operations"},
            (
                "slow-operations, parameter event: is 'operations', which is not there. "
                "Did you mean 'operation'?"
            ),
        ),
        (
            "pattern-matching",
            "ryot",
            {"matches": "a(?=b)"},
            (
                "pattern-matching, parameter matches: is no regular expression to Loki: invalid "
                "perl operator: (?=. Write it as RE2 reads it, a named group as (?P<name>…)."
            ),
        ),
        (
            "pattern-matching",
            "ryot",
            {"matches": "(?<a>b)"},
            (
                "pattern-matching, parameter matches: is no regular expression to Loki: Loki 2.9 "
                "knows no (?<name>…). Write it as RE2 reads it, a named group as (?P<name>…)."
            ),
        ),
        (
            "pattern-matching",
            "ryot",
            {"matches": "a\nb"},
            (
                "pattern-matching, parameter matches: is 'a\\nb', with a line break or a control "
                "character. Write it as one line of text."
            ),
        ),
        (
            "pattern-matching",
            "ryot",
            {"level": "warn,eror"},
            (
                "pattern-matching, parameter level: is 'warn,eror', and 'eror' is no level. "
                "Did you mean 'error'?"
            ),
        ),
        (
            "regex-counts",
            "ryot",
            {"expression": "(?P<which>a)"},
            (
                "regex-counts, parameter expression: has not just one named group 'what'. "
                "Write (?P<what>…) around what is to be counted, and name no other group."
            ),
        ),
        (
            "pattern-anomalies",
            "ryot",
            {"shape": "all the same"},
            (
                "pattern-anomalies, parameter shape: is no pattern to Loki: pattern needs at least "
                "one capture, such as <name>. Write text with <what> and <_> in it."
            ),
        ),
        (
            "pattern-anomalies",
            "ryot",
            {"shape": "<what> <service>"},
            (
                "pattern-anomalies, parameter shape: does not name 'what' once, and nothing else. "
                "Write <what> where what is to be counted stands, <_> for any other part."
            ),
        ),
        (
            "field-counts",
            "ryot",
            {"top": "0"},
            (
                "field-counts, parameter top: is '0', not a whole number from 1 to 500. "
                "Write one, as in 10."
            ),
        ),
        (
            "error-spikes",
            None,
            {"factor": "-1"},
            "error-spikes, parameter factor: is '-1', not a number above 0. Write one, as in 1.5.",
        ),
        (
            "error-spikes",
            None,
            {"window": "soon"},
            (
                "error-spikes, parameter window: is 'soon', not a duration. "
                "Write a whole number and one of s, m, h, d, w, y, as in 30d."
            ),
        ),
        (
            "field-counts",
            "ryot",
            {"fields": "module"},
            "field-counts: there is no parameter 'fields'. Did you mean 'field'?",
        ),
        (
            "volume-trend",
            "ryot",
            {"by": "pod"},
            "volume-trend: there is no parameter 'by'. It takes none: leave it out.",
        ),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_what_mends_it(
    name: str, service: str | None, values: dict[str, str], message: str
) -> None:
    assert refusal(name, service, **values) == message


def test_a_threshold_is_in_the_unit_of_the_field() -> None:
    assert "duration_ms>1500 " in text("slow-operations", "agents", slower_than="1.5s")
    shop = CATALOGS["tests/fixtures/minimal"]
    wish = Wish(shop.default_environment, shop.service("shop"), {"slower_than": "1500ms"})
    assert "took>1.5 " in filled(named("slow-operations"), shop, wish).text


def test_a_default_is_the_catalog_s() -> None:
    for identifier in ("agents", "sigmavault"):
        (event, *_) = SHIPPED.service(identifier).logs.events
        assert event.slow is not None
        assert f"duration_ms>{event.slow.above:g} " in text("slow-operations", identifier)
    factor = SHIPPED.platform.thresholds.error_lines_factor
    assert f" <= {factor:g} * " in text("error-spikes")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_query_of_every_service_is_logql(folder: str) -> None:
    catalog = CATALOGS[folder]
    for query in offered(catalog):
        for service in query.services(catalog) if query.subject == "one" else (None,):
            parse(filled(query, catalog, Wish(catalog.default_environment, service)).text)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_dashboard_has_each_query_once_for_those_that_it_is_right_for(folder: str) -> None:
    catalog = CATALOGS[folder]
    for query in offered(catalog):
        forms = on_dashboard(query, catalog)
        asked = [service.id for form in forms for service in form.services]
        expected = query.services(catalog) if query.subject == "one" else ()
        assert sorted(asked) == [service.id for service in expected]
        assert len({form.made.text for form in forms}) == len(forms)
        kept_apart = query.subject == "one" and len(asked) < len(catalog.services)
        for form in forms:
            # A form that is not for all has a matcher that keeps the lines of others out.
            apart = form.made.text.count('service="$service",service')
            assert bool(apart) == (kept_apart or len(forms) > 1), query.name


def test_units_of_their_own_have_variables_of_their_own() -> None:
    for form in on_dashboard(named("slow-operations"), SHIPPED):
        assert "duration_ms>${slower_than_milliseconds} " in form.made.text
    shop = CATALOGS["tests/fixtures/minimal"]
    texts = [form.made.text for form in on_dashboard(named("slow-operations"), shop)]
    assert any("took>${slower_than_seconds} " in text for text in texts)


def test_names_and_what_follows_them_are_there() -> None:
    known = {query.name for query in QUERIES}
    assert len(known) == len(QUERIES) == 18
    for query in QUERIES:
        assert set(query.next) <= known - {query.name}, query.name
        assert query.meaning.endswith("."), query.name
        assert query.hint.endswith("."), query.name


def test_the_sections_hold_what_the_description_asks_for() -> None:
    counts = {"essential": 10, "advanced": 4, "debugging": 4}
    for section, count in counts.items():
        assert sum(query.section == section for query in QUERIES) == count


def test_classes_of_cost_are_those_that_are_timed() -> None:
    validation = SHIPPED.platform.validation
    assert validation is not None
    assert {query.cost for query in QUERIES} <= set(validation.latencies)


def test_a_query_is_offered_where_there_are_lines() -> None:
    def names(catalog: str) -> set[str]:
        return {query.name for query in offered(CATALOGS[catalog])}

    everything: set[str] = {query.name for query in QUERIES}
    assert names("catalog") == everything
    # Nothing collects the lines of Loki itself there, and one service alone has a trace id.
    left_out = {"query-performance", "correlation"}
    assert names("tests/fixtures/second") == everything - left_out


def test_forms_for_one_release_are_for_those_that_the_system_runs() -> None:
    query: LibraryQuery = named("trace-logs")
    wish = Wish(PLACE, None, {"trace_id": "0af7651916cd43dd"})
    old, new = (filled(query, SHIPPED, wish, release).text for release in ("2.9", "3"))
    assert old.endswith('|= "0af7651916cd43dd" | json | trace_id="0af7651916cd43dd"')
    assert new.endswith('} | trace_id="0af7651916cd43dd"')
