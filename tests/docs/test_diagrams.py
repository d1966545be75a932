"""Diagrams are what the catalog says, and Mermaid's own parser reads each of them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from catalog.load import load_catalog
from catalog.model import Catalog
from datasources.definitions import datasources
from delivery.guides.blocks import Page
from delivery.guides.diagrams import SHIPPED, UNDRAWN, WAYS, calls, correlations, ways
from delivery.guides.registry import makers
from delivery.site.mermaid import DRAWS
from tests.docs.pages import ROOT, every
from tests.queries.lezer.grammar import install

HERE = Path(__file__).parent
CATALOGS = ["catalog", "tests/fixtures/second", "tests/fixtures/minimal"]


def page(catalog: Catalog) -> Page:
    return Page(catalog, PurePosixPath("docs/index.md"))


def verdicts(diagrams: list[str]) -> list[str]:
    done = subprocess.run(
        ["node", "diagram_verdicts.mjs", str(DRAWS)],
        cwd=HERE,
        input=json.dumps(diagrams),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def mermaid(need_binary) -> None:
    need_binary("node")
    need_binary("npm")
    install(ROOT / "delivery/site")


def test_every_diagram_of_every_page_is_one(mermaid) -> None:
    blocks = every("mermaid")
    assert len(blocks) >= 4
    found = zip(blocks, verdicts([block.text for block in blocks]), strict=True)
    assert {str(block): said for block, said in found if said} == {}


@pytest.mark.parametrize("folder", CATALOGS)
def test_every_diagram_of_every_catalog_is_one(folder: str, mermaid) -> None:
    own = page(load_catalog(ROOT / folder))
    # This one says nothing unless it is told a query, and draws none.
    made = [make(own) for name, make in makers().items() if name != "query"]
    diagrams = re.findall(r"^```mermaid\n(.*?)\n```$", "\n".join(made), re.MULTILINE | re.DOTALL)
    assert len(diagrams) >= 3
    assert verdicts(diagrams) == [""] * len(diagrams)


def test_a_broken_diagram_is_seen_as_one(mermaid) -> None:
    good, bad = verdicts(['flowchart LR\n    a["x"] --> b', 'flowchart LR\n    a["x" --> b[['])
    assert good == ""
    assert "Parse error on line 2" in bad


def test_each_call_is_an_arrow() -> None:
    catalog = load_catalog(ROOT / "catalog")
    text = calls(page(catalog))
    arrows = set(re.findall(r"service_(\S+) --> service_(\S+)", text))
    assert arrows == {(each.id, to) for each in catalog.services for to in each.depends_on}
    assert len(arrows) > 3


@pytest.mark.parametrize("folder", CATALOGS)
def test_each_way_between_datasources_is_drawn_or_said_not_to_be(folder: str) -> None:
    catalog = load_catalog(ROOT / folder)
    shipped = datasources(catalog, catalog.default_environment)
    kinds = {each["uid"]: each["type"] for each in shipped}
    found = [(each["type"], way, to) for each in shipped for way, to in ways(each)]
    assert {way for _, way, _ in found} <= {*WAYS, *UNDRAWN}
    text = correlations(page(catalog))
    for start, way, to in found:
        drawn = f'{start} -->|"{WAYS.get(way)}"| {kinds[to]}' in text
        assert drawn == (way not in UNDRAWN), way


def test_each_folder_that_is_drawn_is_generated() -> None:
    assert {folder for folder, *_ in SHIPPED} <= {
        path.name for path in (ROOT / "generated").iterdir()
    }
