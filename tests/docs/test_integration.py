"""The integration guide: its commands ask for what is emitted, its tables are what ships."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from catalog.exporters import load_exporters
from catalog.load import load_catalog
from delivery.checks.scan import scan
from delivery.checks.universe import Universe, emitted
from delivery.cli import main
from queries.logql_parser.parse import parse as parse_logql
from queries.promql_parser import parse as parse_promql

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/integration.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)\n```", PAGE, re.DOTALL)
Json = dict[str, Any]
ISSUES = (
    "1 Lines do not arrive",
    "2 Loki runs out of memory",
    "3 The object store refuses",
    "4 Queries are slow",
    "5 The agent lags behind",
)


def asked() -> Iterator[tuple[str, str]]:
    """Each query that a command of the page sends, and the server's variable."""
    for block in BLOCKS:
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            for word in words:
                if word.startswith("query="):
                    [server] = [each for each in words if re.match(r"\$\w+_URL/", each)]
                    yield server[1:].partition("_")[0].lower(), word.removeprefix("query=")


QUERIES = list(asked())


@cache
def universe() -> Universe:
    catalog = load_catalog(ROOT / "catalog")
    return Universe(emitted(catalog, load_exporters(ROOT / "catalog/exporters")))


@pytest.mark.parametrize(("server", "query"), QUERIES)
def test_its_commands_ask_for_what_is_emitted(server: str, query: str) -> None:
    if server == "loki":
        parse_logql(query)
        return
    parse_promql(query)
    selectors = scan(query, "promql").selectors
    assert selectors
    for selector in selectors:
        signal = universe().signal(selector.metric)
        assert signal is not None, f"nobody emits {selector.metric}"
        for matcher in selector.matchers:
            assert signal.known.has(matcher.label), matcher.label


def test_each_issue_has_commands_that_are_run_and_a_table() -> None:
    trouble = PAGE.split("## Troubleshooting\n")[1].split("\n## ")[0]
    parts = re.split(r"^### ", trouble, flags=re.MULTILINE)[1:]
    assert [part.splitlines()[0] for part in parts[:5]] == list(ISSUES)
    for part in parts[:5]:
        assert "<!-- run: live -->\n```sh\n" in part
        assert re.search(r"^\| (Seen|The error has) \| It is \| Do \|$", part, re.MULTILINE)
    assert len(QUERIES) >= 25


def test_each_figure_that_a_table_names_is_asked_for() -> None:
    """``3 above 0`` in a table is the third command of the block above it."""
    for issue in ISSUES:
        part = PAGE.split(f"### {issue}\n")[1].split("\n### ")[0].split("\n## ")[0]
        commands = set(re.findall(r"(?:^# |, and )(\d)  ?", part, re.MULTILINE))
        table = part.split("| Seen |")[1].split("\n\n")[0] if "| Seen |" in part else ""
        firsts = [row.split("|")[1] for row in table.splitlines()[2:] if row.count("|") > 2]
        named = {each for first in firsts for each in re.findall(r"(?:^|, )\s?(\d) ", first)}
        assert named <= commands, (issue, named - commands)
        assert named or not table


def test_build_py_is_asked_for_what_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    for block in BLOCKS:
        for line in block.splitlines():
            words = shlex.split(line.replace("…", "x"), comments=True)
            if words[:2] == ["python", "build.py"]:
                assert main([words[2], "--help"]) == 0
                known = capsys.readouterr().out
                options = [word for word in words[3:] if word.startswith("--")]
                assert all(f"{option} " in known or f"{option}\n" in known for option in options)


def test_six_phases_each_with_its_verdict_and_way_back() -> None:
    text = PAGE.split("## Deployment in six phases\n")[1].split("\n## ")[0]
    phases = re.split(r"^### Phase ", text, flags=re.MULTILINE)[1:]
    assert [phase[0] for phase in phases] == list("123456")
    validated = []
    for phase in phases:
        assert "**You must see**" in phase
        assert "**Way back" in phase
        validated += re.findall(r"--phase (\d)", phase)
    assert sorted(validated) == list("1234567")
