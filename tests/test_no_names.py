"""The code knows no service: what it draws and watches follows from what the catalog declares.

Names stand in the catalog, in the telemetry that we make up (simulate/) and in the tests.
Docstrings may take them as examples.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.load import load_catalog
from tests.own_words import PLAIN_ENGLISH, own_metrics, says, service_names

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("alerts", "catalog", "dashboards", "datasources", "delivery", "pipeline", "queries")
SOURCES = (
    ROOT / "build.py",
    # An imported dashboard says what it said elsewhere: docs/decisions/0038.
    *(
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if not path.name.startswith("imported_")
    ),
)


def strings_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each string, docstrings apart."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        ):
            yield node.lineno, node.value


def identifiers_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and text of each name in the code."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for attribute in ("id", "attr", "name", "arg", "asname", "module"):
            name = getattr(node, attribute, None)
            if isinstance(name, str):
                yield line, name


def names_in(source: str, names: set[str]) -> list[tuple[int, str]]:
    """Line and name of each of the names that stands in a string or an identifier."""
    tree = ast.parse(source)
    # As an identifier, a plain English word is no one's name.
    unmistakable = names - PLAIN_ENGLISH
    found = {(line, name) for line, text in strings_of(tree) for name in names if says(text, name)}
    found |= {
        (line, name)
        for line, text in identifiers_of(tree)
        for name in unmistakable
        if says(text, name)
    }
    return sorted(found)


SHIPPED = load_catalog(ROOT / "catalog")
NAMES = service_names(SHIPPED) | own_metrics(SHIPPED)


def test_there_are_names_to_look_for() -> None:
    assert {"ryot", "ΣLANG", "sigmavault", "agents", "vault_operations_total"} <= NAMES
    assert "http_server_request_duration_seconds" not in NAMES


@pytest.mark.parametrize(
    "source",
    [
        "UID = 'neurectomy-logs-ryot'",
        "service = f'x{y} of ΣLANG'",
        "QUERY = '''sum(rate({service=\"agents\"}[5m]))'''",
        "PANELS = {'agents': 1}",
        "rate('agent_tasks_total')",
        "def ryot_panels(): ...",
        "class X:\n    sigmavault = 1",
        "import dashboards.ryot_panels",
        "from dashboards.ryot import x",
        "x = [1 for ryot in y]",
        "f(ryot=1)",
        "lambda sigmalang: 1",
        "a.ryot_uid",
    ],
)
def test_a_name_is_found(source: str) -> None:
    assert names_in(source, NAMES)


@pytest.mark.parametrize(
    "source",
    [
        "'''Such as ``neurectomy-logs-ryot``.'''",
        "def f():\n    '''The uid of ryot.'''",
        "TITLE = 'Loki, agents and the other servers'",
        "METRIC = 'http_server_request_duration_seconds'",
        "RIOT = 'patriot'",
        "agents = [1]\ndef agents_up(): ...",
        "# ryot\nx = 1",
    ],
)
def test_what_is_no_name_is_let_be(source: str) -> None:
    assert not names_in(source, NAMES)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_service_stands_in_the_code(path: Path) -> None:
    found = names_in(path.read_text(encoding="utf-8"), NAMES)
    assert not found, f"{path} names a service or its metric: take it from the catalog instead"
