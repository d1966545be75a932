"""The declarations that ship: a selection for every release we name, and all that we query."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.exporters import Exporter, describing, load_exporters, same_release
from catalog.load import load_catalog

ROOT = Path(__file__).resolve().parents[2]
SECOND = ROOT / "tests/fixtures/second"
SHIPPED = load_exporters(ROOT / "catalog")
PREFIXES = tuple(prefix for exporter in SHIPPED for prefix in exporter.prefixes)


def name_of(exporter: Exporter) -> str:
    return f"{exporter.component} {exporter.release}"


def test_each_file_is_called_like_what_it_declares() -> None:
    names = {f"{name_of(each).replace(' ', '-')}.yaml" for each in SHIPPED}
    assert names == {path.name for path in (ROOT / "catalog/exporters").iterdir()}


def test_they_are_in_the_order_of_components_and_releases() -> None:
    assert [name_of(each) for each in SHIPPED] == [
        "agent alloy 1.18.1",
        "agent promtail 2.9.4",
        "alertmanager 0.25.0",
        "alertmanager 0.28.1",
        "jaeger 2.20.0",
        "kube-state-metrics 2.20.0",
        "loki 2.9.4",
        "loki 3.7.6",
        "memcached 1.6.18",
        "prometheus 2.42.0",
        "prometheus 3.12.0",
    ]


@pytest.mark.parametrize("exporter", SHIPPED, ids=name_of)
def test_what_ships_says_how_we_know_it_and_is_a_selection(exporter: Exporter) -> None:
    assert exporter.reason
    assert exporter.prefixes
    assert 15 <= len(exporter.metrics) <= 60
    assert list(exporter.metrics) == sorted(exporter.metrics)


@pytest.mark.parametrize("folder", [ROOT / "catalog", SECOND], ids=["ours", "second"])
def test_every_release_of_a_catalog_is_described(folder: Path) -> None:
    for component, facts in load_catalog(folder).platform.components.items():
        for release in facts.releases if facts.metrics_port else ():
            found = describing(SHIPPED, component, release)
            assert found is not None, f"{component} {release}"
            # Of the second system's servers some are newer than what was recorded.
            assert folder == SECOND or same_release(found.release, release)


def expressions(value: Any) -> Iterator[str]:
    """Every PromQL expression in a file of rules or a dashboard."""
    if isinstance(value, dict):
        for key, content in value.items():
            if key in {"expr", "definition"} and isinstance(content, str):
                yield content
            else:
                yield from expressions(content)
    elif isinstance(value, list):
        for item in value:
            yield from expressions(item)


def asked(text: str) -> set[str]:
    """The names in a query, outside of strings, that are called like a server's metric."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    return {name for name in re.findall(r"[a-zA-Z_:][\w:]*", bare) if name.startswith(PREFIXES)}


def asked_in_generated() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((ROOT / "generated").rglob("*")):
        if path.suffix == ".json" and "dashboards" in path.parts:
            content = json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".yaml" and "prometheus" in path.parts and "rules" in path.parts:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        else:
            continue
        for expression in expressions(content):
            found |= dict.fromkeys(asked(expression), str(path.relative_to(ROOT)))
    return found


def asked_in_queries() -> dict[str, str]:
    """The names that the query modules spell, whether or not something is generated of them."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "queries").glob("platform*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        names = {text for text in texts if re.fullmatch(r"[a-z_]+", text)}
        routes = {name for name in names if name.startswith("loki_api_")}
        found |= dict.fromkeys(
            (name for name in names - routes if name.startswith(PREFIXES)), path.name
        )
    return found


def test_every_metric_of_a_server_that_we_ask_for_is_declared() -> None:
    wanted = asked_in_generated() | asked_in_queries()
    assert len(wanted) > 30
    undeclared = {
        name: place
        for name, place in wanted.items()
        if not any(exporter.metric(name) for exporter in SHIPPED)
    }
    assert undeclared == {}
