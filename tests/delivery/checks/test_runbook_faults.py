"""A fault in a runbook that ships is found at its line: every page, every kind of fault.

The pages are no part of generated/, so that the mutations of what ships do not reach them.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from catalog.exporters import load_exporters
from catalog.load import load_catalog
from delivery.checks import runbook_queries
from delivery.checks.context import Context, make_context, read_use
from delivery.checks.documents import Documents
from delivery.checks.finding import Finding
from delivery.checks.read import read_tree
from delivery.checks.read_runbooks import read
from delivery.checks.registry import CHECKS
from delivery.checks.rules.runbook_sections import SECTIONS
from delivery.places import DEFAULT_CATALOG, DEFAULT_OUT, RUNBOOKS
from tests.delivery.checks.mutations.runbook_faults import FAULTS

#: What is found while queries are read.
OF_QUERIES = frozenset({"metric/unknown"})
PAGES = {path.stem: path.read_text("utf-8") for path in sorted(RUNBOOKS.glob("*.md"))}


@pytest.fixture(scope="module")
def context() -> Context:
    """What ships, its queries read; no page."""
    manifest = json.loads((DEFAULT_OUT / "manifest.json").read_text("utf-8"))
    documents = read_tree(DEFAULT_OUT, (each["path"] for each in manifest["files"]))
    return make_context(load_catalog(DEFAULT_CATALOG), load_exporters(DEFAULT_CATALOG), documents)


def findings(context: Context, folder, alert: str, text: str, ids: frozenset[str]) -> list[Finding]:
    """What these checks find in a page."""
    for old in folder.glob("*.md"):
        old.unlink()
    (folder / f"{alert}.md").write_text(text, encoding="utf-8")
    mine = Documents()
    read(folder, mine)
    documents = replace(
        context.documents,
        pages=mine.pages,
        references=mine.references,
        uses=[],
    )
    own = Context(context.catalog, documents, context.universe, context.readings)
    for alike in runbook_queries.uses(context.catalog, documents) if OF_QUERIES & ids else ():
        own.queries += [read_use(own, use) for use in alike]
    return [finding for check in CHECKS if check.id in ids for finding in check.run(own)]


@pytest.mark.parametrize("kind", FAULTS)
def test_it_is_found_on_every_page(context: Context, tmp_path, kind: str) -> None:
    fault = FAULTS[kind]
    made = 0
    for alert, text in PAGES.items():
        # Of many links of one kind on a page the first and the last are enough.
        places = list(fault.pages(text))
        for changed, line in dict.fromkeys((*places[:1], *places[-1:])):
            made += 1
            told = findings(context, tmp_path, alert, changed, frozenset({fault.id}))
            where = {each.where for each in told}
            near = {f"line {line}", f"line {line + 2}"} if kind == "question" else {f"line {line}"}
            whole = kind == "point without number" and where
            assert (where & near) or whole, (alert, line, told)
    assert made >= len(SECTIONS)


def test_a_metric_that_nobody_emits_is_found(context: Context, tmp_path) -> None:
    made = 0
    for alert, text in PAGES.items():
        for block in re.finditer(r"```promql\n(.+?)\n```", text, re.DOTALL):
            query = block[1]
            plain = re.sub(r'"[^"]*"', '""', query)
            names = sorted(set(re.findall(r"\b[a-z]\w+(?::\w+)*\b(?=[{\[)]|$)", plain)))
            names = [name for name in names if "_" in name or ":" in name]
            for name in names[:1]:
                changed = text.replace(query, query.replace(name, f"{name}_x"))
                told = findings(context, tmp_path, alert, changed, frozenset({"metric/unknown"}))
                assert any(f"'{name}_x'" in each.reason for each in told), (alert, name)
                made += 1
    assert made > len(PAGES) / 2


def test_as_they_are_they_are_sound_for_every_service(context: Context, tmp_path) -> None:
    """Stricter than the check, which is content if a query is right for one of them."""
    for alert, text in PAGES.items():
        (tmp_path / f"{alert}.md").write_text(text, encoding="utf-8")
    mine = Documents()
    read(tmp_path, mine)
    documents = replace(context.documents, pages=mine.pages)
    own = Context(context.catalog, documents, context.universe, context.readings)
    asked = 0
    for alike in runbook_queries.uses(context.catalog, documents):
        for use in alike:
            read_use(own, use)
            asked += 1
    assert own.faults == []
    assert asked > 2 * len(PAGES)
