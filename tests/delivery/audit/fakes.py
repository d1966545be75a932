"""Servers that answer from a small world of series and lines: the faults are put into the world."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import promql_parser as ql

from catalog.load import load_catalog
from catalog.model import Catalog
from delivery.audit.facts import Facts, Rule, facts, matches
from delivery.audit.reasons.promql import matchers_of, name_of
from delivery.audit.servers import Servers
from delivery.places import DEFAULT_CATALOG, DEFAULT_OUT
from delivery.publish.shipped import Shipped
from delivery.publish.transport import Answer
from delivery.validate.system import SERVERS, Link, System
from queries.promql_parser import parse

Json = dict[str, Any]
#: A full hour, so that a range begins and ends with a step.
NOW = 1_800_000_000.0
Handler = Callable[[str, Mapping[str, Any]], Any]


@dataclass
class FakeTransport:
    """The boundary: what a server says to a path and its query or body."""

    handler: Handler
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def _answer(self, where: str, query: Mapping[str, Any] | None) -> Answer:
        self.asked.append((where, dict(query or {})))
        found = self.handler(where, dict(query or {}))
        return found if isinstance(found, Answer) else Answer(200, found)

    def glance(
        self, where: str, query: Mapping[str, Any] | None = None, *, headers: object = None
    ) -> Answer:
        return self._answer(where, query)

    read = glance

    def ask(self, where: str, body: Mapping[str, Any], *, headers: object = None) -> Answer:
        return self._answer(where, body)


@cache
def shipped() -> tuple[Catalog, Shipped]:
    return load_catalog(DEFAULT_CATALOG), Shipped.read(DEFAULT_OUT)


def fake_servers(version: tuple[int, ...] = (11, 0, 0), **handlers: Handler) -> Servers:
    """Servers with an address each; one without a handler answers 404."""
    catalog, tree = shipped()
    links: dict[Any, Link] = {}
    for name in SERVERS:
        handler = handlers.get(name, lambda where, query: Answer(404, {"message": where}))
        links[name] = Link(FakeTransport(handler), {})  # type: ignore[arg-type]
    system = System(catalog, catalog.default_environment, tree, links, clock=lambda: NOW)
    uids = {f"{catalog.prefix}-{kind}": kind for kind in ("prometheus", "loki", "jaeger")}
    listed = {uid: {"uid": uid, "type": kind, "id": 1} for uid, kind in uids.items()}
    return Servers(system, listed, version, system.clock)


@dataclass(frozen=True)
class Series:
    """A series: its labels, when it was there, and its constant value."""

    labels: Mapping[str, str]
    first: float = NOW - 7200
    last: float = NOW
    value: float = 1.0


def series(name: str, first: float = NOW - 7200, last: float = NOW, **labels: str) -> Series:
    return Series({"__name__": name, **labels}, first, last)


@dataclass
class World:
    """What Prometheus holds; it evaluates as much of PromQL as the reasons of a test need."""

    series: list[Series]
    rules: list[Json] = field(default_factory=list)

    def __call__(self, where: str, query: Mapping[str, Any]) -> Any:
        if where == "/api/v1/rules":
            return {"data": {"groups": self.rules}}
        if asked := re.fullmatch(r"/api/v1/label/(\w+)/values", where):
            start, end = float(query["start"]), float(query["end"])
            here = self.selected(parse(query["match[]"]), start, end)
            return {"data": sorted({each.labels.get(asked[1], "") for each in here} - {""})}
        if where == "/api/v1/query":
            at = float(query["time"])
            tree = parse(query["query"])
            values = [[at, str(each)] for each in self.evaluate(tree, at)]
            labels: list[Mapping[str, str]] = [{} for _ in values]
            if isinstance(tree, ql.VectorSelector):
                found = [each.labels for each in self.selected(tree, at - 300, at)]
                labels = found if len(found) == len(values) else labels
            pairs = zip(labels, values, strict=True)
            return {"data": {"result": [{"metric": dict(of), "value": each} for of, each in pairs]}}
        assert where == "/api/v1/query_range", where
        start, end, step = (float(query[key]) for key in ("start", "end", "step"))
        tree, times = parse(query["query"]), int((end - start) / step) + 1
        samples = [
            [start + index * step, str(each)]
            for index in range(times)
            for each in self.evaluate(tree, start + index * step)[:1]
        ]
        return {"data": {"result": [{"metric": {}, "values": samples}] if samples else []}}

    def selected(self, node: Any, start: float, end: float) -> list[Series]:
        name, wanted = name_of(node), matchers_of(node)
        return [
            each
            for each in self.series
            if each.labels["__name__"] == name
            and all(matches(op, value, each.labels.get(label, "")) for label, op, value in wanted)
            and each.first <= end
            and each.last >= start
        ]

    def evaluate(self, node: Any, at: float) -> list[float]:
        if isinstance(node, ql.ParenExpr | ql.AggregateExpr):
            return self.evaluate(node.expr, at)
        if isinstance(node, ql.NumberLiteral):
            return [float(node.val)]
        if isinstance(node, ql.VectorSelector):
            at -= node.offset.total_seconds() if node.offset else 0
            return [each.value for each in self.selected(node, at - 300, at)]
        if isinstance(node, ql.MatrixSelector):
            inner, width = node.vector_selector, node.range.total_seconds()
            at -= inner.offset.total_seconds() if inner.offset else 0
            return [each.value for each in self.selected(inner, at - width, at)]
        if isinstance(node, ql.Call):
            return self.evaluate(node.args[-1], at)
        left, right = self.evaluate(node.lhs, at), self.evaluate(node.rhs, at)
        if str(node.op) == "or":
            return left or right
        if str(node.op) == ">":
            return [each for each in left if right and each > right[0]]
        return left if right else []


def known(*rules: Rule) -> Facts:
    """The facts of the shipped catalog, with those rules in the place of its own."""
    from catalog.exporters import load_exporters

    catalog, tree = shipped()
    found = facts(catalog, load_exporters(DEFAULT_CATALOG), tree, "fake")
    return Facts(catalog, found.metrics, rules, found.trouble, found.releases)
