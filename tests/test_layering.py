"""The arrows of the design: facts, then queries, then what is generated, then delivery."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FACTS = {"catalog"}
# In order: every process that runs tests names them alike.
GENERATORS = ("alerts", "dashboards", "datasources", "pipeline")
MAY_IMPORT: dict[str, set[str]] = {
    "catalog": set(),
    "queries": FACTS,
    **dict.fromkeys(GENERATORS, FACTS | {"queries"}),
    # The backtest holds alerts against their own theory: docs/decisions/0018.
    "simulate": FACTS | {"queries", "alerts"},
    "delivery": FACTS | {"queries", "simulate", *GENERATORS},
}

# What cannot read a file, a clock, the environment or a socket. A generator that needs more
# of the standard library adds it here, if that is true of it.
PURE = {
    *("__future__ abc base64 bisect collections copy dataclasses decimal difflib enum".split()),
    *("fractions functools graphlib hashlib heapq ipaddress itertools json keyword math".split()),
    *("numbers operator re statistics string textwrap types typing unicodedata".split()),
    *("urllib.parse".split()),
}
PURE_PACKAGES = {"queries", *GENERATORS}
# The libraries of the parsers, each behind one module of ours; the grammar ships as a file.
LIBRARIES = {
    "queries/logql_parser/grammar.py": {"importlib.resources", "lark"},
    "queries/logql_parser/regexes.py": {"re2"},
    "queries/promql_parser.py": {"promql_parser"},
}
IMPURE_CALLS = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # `from urllib import parse` is urllib.parse as well.
            module = "." * node.level + (node.module or "")
            if module in {"urllib"}:
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def faults(path: Path, source: str) -> list[str]:
    """What the module at ``path`` imports or calls and must not, a line each."""
    package = path.parts[0]
    tree = ast.parse(source)
    found = []
    for line, module in imports(tree):
        top = module.partition(".")[0]
        if top in MAY_IMPORT and top not in MAY_IMPORT[package] | {package}:
            found.append(f"{path}:{line}: {package} must not import {module}")
        elif top == "grafanalib" and path != Path("dashboards/panels.py"):
            found.append(f"{path}:{line}: only dashboards/panels.py imports grafanalib")
        elif top in {"tests", "build"} or module.startswith("."):
            found.append(f"{path}:{line}: nothing imports {module}")
        elif (
            package in PURE_PACKAGES
            and top not in {*MAY_IMPORT, "grafanalib"}
            and not {module, top} & (PURE | LIBRARIES.get(path.as_posix(), set()))
        ):
            found.append(f"{path}:{line}: {package} is pure and must not import {module}")
    if package in PURE_PACKAGES:
        found += [
            f"{path}:{node.lineno}: {package} is pure and must not call {node.func.id}()"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in IMPURE_CALLS
        ]
    return found


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_arrow_points_backwards(package):
    found = [
        fault
        for path in modules(package)
        for fault in faults(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("catalog/a.py", "import queries.b", "catalog must not import queries.b"),
        ("alerts/a.py", "from dashboards.a import x", "alerts must not import dashboards.a"),
        ("alerts/a.py", "from delivery import write", "alerts must not import delivery"),
        ("simulate/a.py", "import delivery", "simulate must not import delivery"),
        ("delivery/a.py", "import grafanalib.core", "only dashboards/panels.py imports grafanalib"),
        ("dashboards/a.py", "import grafanalib", "only dashboards/panels.py imports grafanalib"),
        ("dashboards/a.py", "def f():\n    import os", "dashboards is pure and must not import os"),
        ("queries/a.py", "from pathlib import Path", "queries is pure and must not import pathlib"),
        ("alerts/a.py", "import datetime", "alerts is pure and must not import datetime"),
        ("pipeline/a.py", "import requests", "pipeline is pure and must not import requests"),
        ("pipeline/a.py", "import yaml", "pipeline is pure and must not import yaml"),
        ("pipeline/a.py", "from urllib import x", "pipeline is pure and must not import urllib.x"),
        ("datasources/a.py", "open('x')", "datasources is pure and must not call open()"),
        ("queries/a.py", "import lark", "queries is pure and must not import lark"),
        ("queries/promql_parser.py", "import re2", "queries is pure and must not import re2"),
        ("delivery/a.py", "from . import write", "nothing imports ."),
        ("delivery/a.py", "from tests import x", "nothing imports tests"),
    ],
)  # fmt: skip
def test_a_backward_arrow_is_found(path, source, fault):
    line = source.count("\n") + 1
    assert faults(Path(path), source) == [f"{path}:{line}: {fault}"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("dashboards/panels.py", "import grafanalib.core as G\nfrom urllib.parse import quote"),
        ("alerts/a.py", "import re\nfrom catalog.artifact import Artifact\nimport alerts.b"),
        ("delivery/a.py", "import os, requests, dashboards.registry, simulate"),
        ("catalog/load.py", "import yaml, pathlib\nopen('x')"),
        ("queries/logql_parser/grammar.py", "import lark.lexer\nimport importlib.resources"),
    ],
)
def test_a_forward_arrow_is_not(path, source):
    assert faults(Path(path), source) == []
