"""Each task of the schedule has commands that there are, and runbooks that lie there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from catalog.load import load_catalog
from delivery.cli import application
from delivery.guides.maintenance import MINUTES, Task, tasks
from queries import promql_parser
from tests.kubectl.check import Cluster
from tests.kubectl.words import calls

ROOT = Path(__file__).parents[3]
CATALOG = load_catalog(ROOT / "catalog")
TASKS = list(tasks(CATALOG))
COMMANDS = typer.main.get_command(application()).commands  # type: ignore[attr-defined]
FOLDERS = ["catalog", "tests/fixtures/second", "tests/fixtures/minimal"]


def words(task: Task) -> Iterator[list[str]]:
    for command in task.commands:
        for line in command.replace("\\\n", " ").splitlines():
            yield shlex.split(line)


def ours(task: Task) -> Iterator[list[str]]:
    """What follows ``python build.py`` in each call of it."""
    for found in words(task):
        if "build.py" in found:
            yield found[found.index("build.py") + 1 :]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_round_has_tasks(folder: str) -> None:
    found = list(tasks(load_catalog(ROOT / folder)))
    assert {each.every for each in found} == set(MINUTES)
    assert all(each.commands and each.expect and each.otherwise for each in found)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.title)
def test_commands_of_ours_are_taken_by_the_command_line(task: Task) -> None:
    for name, *rest in ours(task):
        assert COMMANDS[name].make_context(name, list(rest))


def test_an_option_that_there_is_not_is_found() -> None:
    with pytest.raises(typer.TyperException):
        COMMANDS["audit"].make_context("audit", ["--reports", "x.html"])


@pytest.mark.parametrize("folder", FOLDERS)
def test_queries_are_queries(folder: str) -> None:
    asked = [
        word.removeprefix("query=")
        for task in tasks(load_catalog(ROOT / folder))
        for found in words(task)
        for word in found
        if word.startswith("query=")
    ]
    assert len(asked) > 5
    for query in asked:
        promql_parser.parse(query)


def test_kubectl_finds_what_it_is_asked_for(tmp_path: Path) -> None:
    cluster = Cluster(ROOT, CATALOG)
    page = tmp_path / "page.md"
    text = "\n".join(command for task in TASKS for command in task.commands)
    page.write_text(f"```sh\n{text}\n```\n", encoding="utf-8")
    found = list(calls(tmp_path, page))
    assert len(found) >= 5
    assert [str(fault) for call in found for fault in cluster.faults(call)] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_it_links_to_is_there(folder: str) -> None:
    told = " ".join(
        f"{each.expect} {each.otherwise}" for each in tasks(load_catalog(ROOT / folder))
    )
    links = re.findall(r"\]\(([^)#]+)", told)
    assert len(links) > 10
    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []
