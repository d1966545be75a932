"""The queries under generated/, with sample values in the place of Grafana's variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

GENERATED = Path(__file__).resolve().parents[2] / "generated"
_RULES = {"logql": "loki/rules", "promql": "prometheus/rules"}
_KINDS = {"loki": "logql", "prometheus": "promql"}
_VARIABLE = re.compile(r"\$(?:\{(?P<name>\w+)(?::(?P<format>\w+))?\}|(?P<plain>\w+))")


class Shipped(NamedTuple):
    """A query, and the file it is in."""

    path: str
    query: str


def shipped(language: str) -> list[Shipped]:
    """Every query of that language in a dashboard or a rule."""
    dashboards = sorted((GENERATED / "grafana" / "dashboards").rglob("*.json"))
    rules = sorted((GENERATED / _RULES[language]).rglob("*.yaml"))
    queries = [
        Shipped(path.name, filled(query))
        for path in dashboards
        for found, query in _queries(json.loads(path.read_text(encoding="utf-8")))
        if found == language
    ]
    queries += [
        Shipped(path.name, rule["expr"])
        for path in rules
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]
    return queries


def filled(query: str) -> str:
    """The query with a sample value for each variable."""

    def sample(found: re.Match[str]) -> str:
        name = found["name"] or found["plain"]
        if name.startswith("__"):
            return "6h" if name == "__range" else "5m"
        return '"sample"' if found["format"] == "doublequote" else "sample"

    return _VARIABLE.sub(sample, query)


def _queries(part: Any) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        source = part.get("datasource")
        if "expr" in part and isinstance(source, dict) and source.get("type") in _KINDS:
            yield _KINDS[source["type"]], part["expr"]
        for value in part.values():
            yield from _queries(value)
    elif isinstance(part, list):
        for value in part:
            yield from _queries(value)
