"""A description as the Python that makes it: calls of our constructors, queries by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from typing import Any

from dashboards.beyond import Beyond
from dashboards.imported import UNCONFIRMED, Imported, Placed
from dashboards.spec import Annotation, Variable
from delivery.importing.fit import placed_of
from delivery.importing.naming import Names, plain
from delivery.importing.python_text import Call, Code
from queries.query import Jaeger, Loki, Prom

#: A query's text and the language it is in: "" of a text that is more than a query.
Asked = tuple[str, str]


def queries_of(imported: Imported) -> Iterator[tuple[Asked, str, str]]:
    """Each query once, what to call it, and what a reader is told of it."""
    seen: set[Asked] = set()
    for asked, name, about in _all_queries(imported):
        if asked not in seen:
            seen.add(asked)
            yield asked, name, about


def _all_queries(imported: Imported) -> Iterator[tuple[Asked, str, str]]:
    for choice in imported.choices:
        variable = choice.variable
        about = f"The series that the variable {plain(variable.name)} takes its values from."
        if variable.series:
            yield ("PromQL", variable.series), f"{variable.name}_series", about
        if variable.query:
            about = f"What the variable {plain(variable.name)} asks."
            yield ("", variable.query), f"{variable.name}_values", about
    for mark in imported.head.annotations:
        about = f"When '{plain(mark.name)}' is marked."
        yield ("PromQL", mark.expr), f"{mark.name}_mark", about
    for placed in placed_of(imported.items):
        title = placed.panel.title
        count = sum(not isinstance(query, Jaeger) for query in placed.panel.queries)
        for index, query in enumerate(placed.panel.queries):
            if isinstance(query, Jaeger):
                continue
            suffix = "" if count == 1 else f" {_telling(query.legend) or index + 1}"
            about = f"'{plain(title) or placed.number}'"
            about += "." if count == 1 else f", query {index + 1} of {count}."
            yield _asked(query), f"{title}{suffix}", f"Of the panel {about}"


def _telling(legend: str) -> str:
    """A legend, as far as it is the same for each series."""
    return "" if "{{" in legend else legend


def _asked(query: Prom | Loki) -> Asked:
    return ("LogQL" if isinstance(query, Loki) else "PromQL"), query.expr


class Writer:
    """Writes calls; ``names`` are where queries' functions are, ``used`` what is to be imported."""

    def __init__(self, names: Mapping[Asked, str]) -> None:
        self._names = names
        self.used: set[str] = set()

    def call(self, value: Any, **instead: Any) -> Call:
        """The constructor's call, without what is as it is by default."""
        name = type(value).__name__
        self.used.add(name)
        arguments = []
        for each in fields(value):
            given = instead.get(each.name, getattr(value, each.name))
            default = each.default
            if each.default_factory is not MISSING:
                default = each.default_factory()
            if each.name in instead or default is MISSING or not _equal(given, default):
                arguments.append((each.name, self.value(given)))
        return Call(name, tuple(arguments))

    def value(self, value: Any) -> Any:
        """Whatever stands in a field."""
        match value:
            case Code() | Call() | str() | bool() | None | int() | float():
                return value
            case Prom() | Loki():
                return self.call(value, expr=self._query(_asked(value)))
            case Annotation():
                return self.call(value, expr=self._query(("PromQL", value.expr)))
            case Variable():
                return self._variable(value)
            case Mapping() if value and all(each == UNCONFIRMED for each in value.values()):
                self.used.add("UNCONFIRMED")
                return dict.fromkeys(value, Code("UNCONFIRMED"))
            case tuple():
                return tuple(map(self.value, value))
            case list():
                return [self.value(item) for item in value]
            case Mapping():
                return {key: self.value(item) for key, item in value.items()}
        return self.call(value)

    def beyond(self, beyond: Beyond, shared: Mapping[str, tuple[str, Beyond]], kind: str) -> Any:
        """What stands beside the model; what many panels say alike by its name."""
        if kind not in shared:
            return self.value(beyond)
        name, common = shared[kind]
        rest = Beyond(
            {key: item for key, item in beyond.put.items() if key not in common.put},
            tuple(each for each in beyond.without if each not in common.without),
        )
        if rest == Beyond():
            return Code(name)
        call = self.value(rest)
        return Call(f"{name}.and_beyond", call.arguments)

    def _query(self, asked: Asked) -> Code:
        place = self._names[asked]
        self.used.add(place.partition(".")[0])
        return Code(f"{place}()")

    def _variable(self, variable: Variable) -> Call:
        said: dict[str, Any] = {}
        if variable.series:
            said["series"] = self._query(("PromQL", variable.series))
        if variable.query:
            said["query"] = self._query(("", variable.query))
        return self.call(variable, **said)


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def named(imported: Imported) -> tuple[dict[Asked, str], dict[str, str]]:
    """The function of each query, and what each function's docstring says."""
    names = Names()
    functions: dict[Asked, str] = {}
    told: dict[str, str] = {}
    for asked, title, about in queries_of(imported):
        functions[asked] = names.give(title, "query")
        told[functions[asked]] = about
    return functions, told


def kind_of(placed: Placed) -> str:
    """What panels have in common that are drawn alike."""
    return f"{type(placed.panel.drawing).__name__}_{placed.manner}"
