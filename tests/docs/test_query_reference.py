"""docs/query-reference.md is what the library and the catalog say today."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from catalog.load import load_catalog
from delivery.cli import main
from delivery.query_reference import page
from queries.library.registry import QUERIES
from queries.logql_parser.parse import parse

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "query-reference.md"


def test_golden_query_reference() -> None:
    text = page(load_catalog(ROOT / "catalog"))
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "run `make golden` and review the diff"


@pytest.mark.parametrize("folder", ["catalog", "tests/fixtures/second", "tests/fixtures/minimal"])
def test_every_block_is_a_query_and_every_link_leads_somewhere(folder: str) -> None:
    text = page(load_catalog(ROOT / folder))
    blocks = re.findall(r"^```logql\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 17
    for block in blocks:
        parse(block)
    headings = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    offered = {query.name for query in QUERIES} & headings
    assert offered == headings
    assert set(re.findall(r"\]\(#([a-z-]+)\)", text)) - {query.name for query in QUERIES} == set()


def test_its_commands_take_those_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    """With a service and a trace for the two placeholders; none asks a server."""
    for line in re.findall(r"^python build\.py (query .*)$", PAGE.read_text("utf-8"), re.MULTILINE):
        words = shlex.split(line.replace("--service ID", "--service ryot"), comments=True)
        words = [word.replace("trace_id=ID", "trace_id=4bf92f3577b34da6") for word in words]
        asks = words[1] == "run" and "--link" not in words
        assert main([*words, *(["--link"] if asks else [])]) == 0, capsys.readouterr().err
        assert capsys.readouterr().out
