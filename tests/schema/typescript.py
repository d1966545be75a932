"""A dashboard's JSON as TypeScript: its parts as literals, each declared with its type.

A part (the dashboard itself, a variable, an annotation, a panel) gets a declaration of its own,
so that a fault in one neither hides nor blurs those of another, and each key a line of its own,
so that a line of the compiler's answer is a place in the dashboard.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tests.schema import tables
from tests.schema.problem import Place

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True)
class Declared:
    """The name of a part that was declared above."""

    name: str


Node: TypeAlias = "bool | int | float | str | Declared | Sequence[Node] | Mapping[str, Node] | None"


@dataclass
class Module:
    """A TypeScript module in the making; `places` holds what each line stands for."""

    types: str
    lines: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    untyped: list[tuple[Place, str]] = field(default_factory=list)
    names: int = 0

    def __post_init__(self) -> None:
        self.line(f"import type * as T from {json.dumps(self.types)};", Place("dashboard"))

    @property
    def text(self) -> str:
        """The module as it is compiled."""
        return "\n".join(self.lines) + "\n"

    def line(self, text: str, place: Place) -> None:
        """Add a line that stands for a place."""
        self.lines.append(text)
        self.places.append(place)

    def declare(self, part: str, typed: str, value: Node) -> Declared:
        """Declare a part; without a literal of its own type no unknown key would be seen."""
        self.names += 1
        name = f"part{self.names}"
        self.literal(f"export const {name}: T.{typed} = ", value, Place(part), ";")
        return Declared(name)

    def literal(self, head: str, value: Node, place: Place, tail: str = ",") -> None:
        """Write a value after `head`, an object or a list one item a line."""
        match value:
            case Declared(name):
                self.line(f"{head}{name}{tail}", place)
            case Mapping():
                self.line(f"{head}{{", place)
                for key, item in value.items():
                    self.literal(f"{json.dumps(key)}: ", item, below(place, key))
                self.line(f"}}{tail}", place)
            case list():
                self.line(f"{head}[", place)
                for index, item in enumerate(value):
                    self.literal("", item, Place(place.part, f"{place.path}[{index}]"))
                self.line(f"]{tail}", place)
            case _:
                self.line(f"{head}{json.dumps(value)}{tail}", place)


def below(place: Place, key: str) -> Place:
    """The place of a key in the object at a place."""
    return Place(place.part, f"{place.path}.{key}" if place.path else key)


def module(dashboard: Json, types: str) -> Module:
    """The module that declares a dashboard, its types imported from the module at `types`."""
    made = Module(types)
    if not isinstance(dashboard, dict):
        made.untyped.append((Place("dashboard"), "is not an object"))
        return made
    whole: dict[str, Node] = {**dashboard}
    for key, one in (("templating", variable), ("annotations", annotation)):
        holder = dashboard.get(key)
        if isinstance(holder, dict) and isinstance(holder.get("list"), list):
            whole[key] = {**holder, "list": [one(made, item) for item in objects(holder["list"])]}
    if isinstance(dashboard.get("panels"), list):
        whole["panels"] = [panel(made, item) for item in objects(dashboard["panels"])]
    made.declare("dashboard", "Dashboard", whole)
    return made


def objects(items: Json) -> Iterator[dict[str, Json]]:
    """The items of a list; what is no object stands as an empty one, which no type takes."""
    for item in items if isinstance(items, list) else ():
        yield item if isinstance(item, dict) else {}


def panel(made: Module, spec: dict[str, Json]) -> Node:
    """Declare a panel, or a row with the panels it holds."""
    kind = text(spec, "type")
    part = f'panel {spec.get("id")} "{text(spec, "title")}"'
    if kind == "row":
        held: list[Node] = [panel(made, item) for item in objects(spec.get("panels"))]
        inside: dict[str, Node] = {"panels": held} if isinstance(spec.get("panels"), list) else {}
        return made.declare(part, "Row", {**spec, **inside})
    typed = tables.PANELS.get(kind)
    if typed is None:
        return missing(made, Place(part, "type"), f'no type for panel type "{kind}"', "PANELS")
    targets = [
        target(made, Place(part, f"targets[{index}]"), item, source(spec))
        for index, item in enumerate(objects(spec.get("targets")))
    ]
    return made.declare(part, f"{typed}<[{', '.join(targets)}]>", {**spec})


def target(made: Module, place: Place, spec: dict[str, Json], default: str) -> str:
    """The type of one target, by its datasource or else its panel's."""
    kind = source(spec) or default
    typed = tables.QUERIES.get(kind)
    if typed is None:
        missing(made, place, f'no type for a target of datasource type "{kind}"', "QUERIES")
        return "any"
    return f"T.{typed}"


def variable(made: Module, spec: dict[str, Json]) -> Node:
    """Declare a template variable."""
    part = f'variable "{text(spec, "name")}"'
    kind = text(spec, "type")
    if kind == "query":
        kind = f"query/{source(spec)}"
    typed = tables.VARIABLES.get(kind)
    if typed is None:
        fault = f'no type for variable type "{kind}"'
        return missing(made, Place(part, "type"), fault, "VARIABLES")
    return made.declare(part, typed, spec)


def annotation(made: Module, spec: dict[str, Json]) -> Node:
    """Declare an annotation query."""
    part = f'annotation "{text(spec, "name")}"'
    kind = source(spec)
    typed = tables.ANNOTATIONS.get(kind)
    if typed is None:
        fault = f'no type for an annotation of datasource type "{kind}"'
        return missing(made, Place(part, "datasource"), fault, "ANNOTATIONS")
    return made.declare(part, typed, spec)


def missing(made: Module, place: Place, fault: str, table: str) -> Node:
    """Note what no table knows, and stand in for it with what every type takes."""
    made.untyped.append((place, f"{fault}: add one to tests/schema/tables.py, {table}"))
    return Declared("undefined as never")


def text(spec: dict[str, Json], key: str) -> str:
    """A string of an object, empty where there is none."""
    value = spec.get(key)
    return value if isinstance(value, str) else ""


def source(spec: dict[str, Json]) -> str:
    """The type of the datasource that an object names."""
    reference = spec.get("datasource")
    return text(reference, "type") if isinstance(reference, dict) else ""
