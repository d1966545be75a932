"""Every panel is traced to the lines that make it, in every catalog."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from catalog.load import load_catalog
from delivery.places import ROOT
from delivery.publish.pull.code import Sources, replacement
from delivery.publish.pull.sites import made

FIXTURES = ROOT / "tests" / "fixtures"
ARGUMENTS = ("key", "title", "description", "queries", "drawing", "unit", "width", "height")


@pytest.mark.parametrize(
    "catalog", [ROOT / "catalog", FIXTURES / "second", FIXTURES / "minimal"], ids=lambda p: p.name
)
def test_every_panel_is_traced(catalog: Path) -> None:
    sources, asked, told = Sources(), 0, 0
    for uid, dashboard in made(load_catalog(catalog)).items():
        assert sources.site(dashboard.itself, "title") is not None, uid
        for number, row in dashboard.rows.items():
            assert sources.site(dashboard.parts[number], "title") is not None, row.key
        for number, panel in dashboard.panels.items():
            calls = dashboard.parts[number]
            assert all(sources.site(calls, name) for name in ARGUMENTS), panel.key
            title = sources.site(calls, "title")
            assert title is not None
            if isinstance(title.node, ast.Constant):
                assert title.node.value == panel.title
            queries = sources.site(calls, "queries")
            assert queries is not None
            # The explorer's queries are the library's, filled in: they stand in no dashboard.
            if panel.queries and not uid.endswith("-log-explorer"):
                asked += 1
                told += bool(list(sources.queries(queries)))
    assert told >= asked * 0.9


def test_a_replacement_is_python_that_says_the_new_value() -> None:
    dashboard = made(load_catalog(ROOT / "catalog"))["neurectomy-platform"]
    sources = Sources()
    for number, panel in dashboard.panels.items():
        for name, code in (("title", '"Another"'), ("unit", '"dBm"'), ("width", "7")):
            site = sources.site(dashboard.parts[number], name)
            assert site is not None
            made_so = replacement(site, code)
            data = site.module.data
            edited = data[: made_so.start] + made_so.text.encode() + data[made_so.end :]
            ast.parse(edited)
            assert code.encode() in edited, (panel.key, name)
