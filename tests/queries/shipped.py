"""The queries under generated/, with sample values in the place of Grafana's variables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
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
        Shipped(path.name, filled(query, _first_texts(content)))
        for path in dashboards
        for content in [json.loads(path.read_text(encoding="utf-8"))]
        for found, query in _queries(content)
        if found == language
    ]
    queries += [
        Shipped(path.name, rule["expr"])
        for path in rules
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]
    return queries


def _first_texts(dashboard: Any) -> dict[str, str]:
    """What its text boxes hold at first, where that is something."""
    variables = (dashboard.get("templating") or {}).get("list") or []
    boxes = (each for each in variables if each["type"] == "textbox")
    return {box["name"]: box["query"] for box in boxes if box["query"]}


def filled(query: str, texts: Mapping[str, str] | None = None) -> str:
    """The query with a sample value, or the text that it has at first, for each variable."""

    def sample(found: re.Match[str]) -> str:
        name = found["name"] or found["plain"]
        if name.startswith("__"):
            return "6h" if name == "__range" else "5m"
        if texts and name in texts and found["format"] != "doublequote":
            return texts[name]
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
