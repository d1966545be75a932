"""The reference pages are what the program and the catalog's models say of themselves."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from catalog.base import Model
from catalog.errors import UserError
from delivery.cli import application
from delivery.guides import catalog_reference, reference

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
COMMANDS = typer.main.get_command(application()).commands  # type: ignore[attr-defined]
PAGES = {"reference.md": reference.page, "catalog-reference.md": catalog_reference.page}


@pytest.mark.parametrize("name", PAGES)
def test_golden_reference(name: str) -> None:
    make: Callable[[], str] = PAGES[name]
    if os.environ.get("UPDATE_GOLDEN"):
        (DOCS / name).write_text(make(), encoding="utf-8")
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == make(), "run `make golden` and review the diff"


@pytest.mark.parametrize("arguments", [[], ["publish"], ["new-service"]], ids=str)
def test_help_is_what_a_terminal_prints(arguments: list[str]) -> None:
    printed = subprocess.run(
        [sys.executable, "build.py", *arguments, "--help"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line.rstrip() for line in printed.rstrip().splitlines()]
    assert reference.help_of(arguments) == "\n".join(lines)


def test_each_command_has_a_guide_that_speaks_of_it() -> None:
    assert set(reference.GUIDES) == set(COMMANDS)
    for name, page in reference.GUIDES.items():
        typed = "build.py`" if name == "build" else f"build.py {name}"
        assert typed in (DOCS / page).read_text(encoding="utf-8"), (name, page)


def read_variables() -> Iterator[str]:
    for path in (ROOT / "delivery").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            asked = node.args[:1] if isinstance(node, ast.Call) else []
            of = node.func if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Subscript):
                asked, of = [node.slice], node.value
            if of is not None and re.search(r"\b_?environ(\.get|\.pop)?$", ast.unparse(of)):
                yield from (each.value for each in asked if isinstance(each, ast.Constant))


def test_each_variable_that_is_read_is_explained() -> None:
    found = set(read_variables())
    assert {"NEURECTOMY_DEBUG", "GRAFANA_HOME"} <= found
    text = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert {name for name in found if f"`{name}`" not in text} == set()


def every_error(kind: type[UserError]) -> Iterator[type[UserError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from every_error(each)


def test_each_exit_status_is_explained() -> None:
    assert {each.exit_status for each in every_error(UserError)} <= set(reference.STATUSES)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    sentence = re.search(r"Exit status: (.*?)\n\n", readme, re.DOTALL)
    assert sentence
    told = re.findall(r"(\d) [a-z]", sentence[1])
    assert len(told) > 4
    assert {int(status) for status in told} <= set(reference.STATUSES)


def test_every_model_says_what_it_is() -> None:
    text = catalog_reference.page()
    for model in catalog_reference.FILES.values():
        assert f"\n### {model.__name__}\n" in text
    # pydantic's own docstring would stand there in the place of a missing one.
    assert Model.__doc__
    assert Model.__doc__.splitlines()[0] not in text
    assert "Annotated[" not in text
