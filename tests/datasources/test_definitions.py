"""The links that join logs, metrics and traces."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from datasources.definitions import datasources
from queries import trace_links

ROOT = Path(__file__).parents[2]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT / "catalog")


@pytest.fixture(scope="module")
def sources(catalog: Catalog) -> dict[str, dict]:
    return {made["type"]: made for made in datasources(catalog, catalog.default_environment)}


@pytest.mark.parametrize(
    "line",
    [
        f'{{"level":"info","trace_id":"{TRACE}","message":"ok"}}',
        f'{{\n  "trace_id" : "{TRACE}"\n}}',
        f"level=info trace_id={TRACE} message=ok",
        f'trace_id="{TRACE}"',
    ],
)
def test_a_trace_id_is_found_in_the_line(line: str) -> None:
    found = re.search(trace_links.in_line("trace_id"), line)
    assert found is not None
    assert found[1] == TRACE


@pytest.mark.parametrize("line", ['{"trace_id":""}', "trace_id=", '{"parent_trace":"abc"}'])
def test_no_trace_id_is_found_where_there_is_none(line: str) -> None:
    assert re.search(trace_links.in_line("trace_id"), line) is None


def test_derived_fields_look_in_the_line_and_in_structured_metadata(sources: dict) -> None:
    in_line, by_label = sources["loki"]["jsonData"]["derivedFields"]
    assert "matcherType" not in in_line
    assert (by_label["matcherType"], by_label["matcherRegex"]) == ("label", "trace_id")
    assert in_line["url"] == by_label["url"] == "${__value.raw}"
    assert in_line["datasourceUid"] == by_label["datasourceUid"] == "neurectomy-jaeger"


def test_exemplars_lead_to_traces(sources: dict) -> None:
    (link,) = sources["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert (link["name"], link["datasourceUid"]) == ("trace_id", "neurectomy-jaeger")


def test_a_span_leads_to_the_lines_of_its_trace_on_old_and_new_servers(sources: dict) -> None:
    settings = sources["jaeger"]["jsonData"]
    query = settings["tracesToLogsV2"]["query"]
    assert query == '{service=~".+"} | json | trace_id="${__trace.traceId}"'
    assert settings["tracesToLogs"]["mapTagNamesEnabled"] is True


def test_a_span_without_tags_still_has_metrics(sources: dict) -> None:
    """PromQL allows the comma that an empty list of tags leaves."""
    for query in sources["jaeger"]["jsonData"]["tracesToMetrics"]["queries"]:
        assert '{service!="",$__tags}' in query["query"]
