"""Each query in a guide parses, and asks for what the catalog says is emitted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from catalog.exporters import load_exporters
from catalog.load import load_catalog
from catalog.model import Catalog
from catalog.service import Service
from delivery.checks.context import Context, make_context, read_use
from delivery.checks.documents import Language, Use
from delivery.checks.read import read_tree
from delivery.paths import MANIFEST
from queries.logql_parser.parse import parse as parse_logql
from queries.promql_parser import parse as parse_promql
from tests.docs.pages import ROOT, Block, every

BLOCKS = every("promql", "logql")
#: A word that a reader replaces, with what it may be for a service.
_PLACEHOLDER = re.compile(
    r"(?<![A-Za-z_])(SERVICE|DEPENDENCY|OBJECTIVE|METRIC|EVENT|COMPONENT|CLUSTER|ENVIRONMENT"
    r"|NAMESPACE|LEVEL)(?![A-Z])"
)
PARSERS = {"promql": parse_promql, "logql": parse_logql}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT / "catalog")


@pytest.fixture(scope="module")
def context(catalog: Catalog) -> Context:
    """What `build.py check` knows after it has read what ships."""
    generated = ROOT / "generated"
    manifest: dict[str, Any] = json.loads((generated / MANIFEST).read_text(encoding="utf-8"))
    documents = read_tree(generated, (each["path"] for each in manifest["files"]))
    return make_context(catalog, load_exporters(ROOT / "catalog"), documents)


def choices(service: Service, catalog: Catalog) -> dict[str, list[str]]:
    """For each placeholder, what a reader of that service's page could write there."""
    place = catalog.default_environment
    return {
        "SERVICE": [service.id],
        "DEPENDENCY": [*service.depends_on],
        "OBJECTIVE": [each.id for each in service.objectives],
        "METRIC": [metric.name for metric in service.metrics],
        "EVENT": [event.id for event in service.logs.events],
        "COMPONENT": [str(component) for component in catalog.platform.components],
        "CLUSTER": [place.cluster],
        "ENVIRONMENT": [place.environment],
        "NAMESPACE": [service.workload.namespace],
        "LEVEL": list(catalog.platform.error_levels),
    }


def ways_to_fill(text: str, catalog: Catalog) -> Iterator[str]:
    """The query for each service, and each of what else is to be replaced in it."""
    words = sorted(set(_PLACEHOLDER.findall(text)))
    for service in catalog.services if words else catalog.services[:1]:
        known = choices(service, catalog)
        for values in product(*(known[word] for word in words)):
            meant = dict(zip(words, values, strict=True))
            yield _PLACEHOLDER.sub(lambda found, meant=meant: meant[found[0]], text)


def faults_of(text: str, language: Language, context: Context) -> list[str]:
    """What `build.py check` would say of the query."""
    before = len(context.faults)
    read_use(context, Use("a guide", "a block", "library", language, text))
    found, context.faults[before:] = context.faults[before:], []
    return [f"{each.check}: {each.reason}. {each.remedy}" for each in found]


def test_there_are_queries_of_both_languages() -> None:
    assert {block.language for block in BLOCKS} == {"promql", "logql"}
    assert len(BLOCKS) > 100


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_it_parses_and_what_it_asks_for_is_emitted(
    block: Block, context: Context, catalog: Catalog
) -> None:
    """At least for one service: not every one has the fields that a runbook speaks of."""
    language: Language = "logql" if block.language == "logql" else "promql"
    text = block.text.strip()
    found: list[str] = []
    for filled in ways_to_fill(text, catalog):
        PARSERS[language](filled)
        found = faults_of(filled, language, context)
        if block.said.startswith("On Loki 3"):
            found = [each for each in found if not each.startswith("query/release:")]
        if not found:
            return
    pytest.fail(f"{block}: {text}\n" + "\n".join(found), pytrace=False)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("promql", 'up{service="ryotte"}', "label/value"),
        ("promql", "rate(nobody_emits_total[5m])", "metric/unknown"),
        ("promql", "sum by (colour) (up)", "label/missing"),
        ("logql", '{service="ryot"} | json | colour="red"', "field/unknown"),
        ("logql", '{servce="ryot"}', "stream/not-a-label"),
    ],
)
def test_a_query_for_what_nobody_emits_is_found(
    language: Language, text: str, said: str, context: Context
) -> None:
    assert said in " ".join(faults_of(text, language, context))
