"""The page of the catalog's keys: each file's models, with what they are for and their fields.

docs/catalog-reference.md is this text; tests/docs/test_reference.py fails when it is not, and
``make golden`` rewrites it. What a key means is the docstring of its model, where it is written
for those who change the model too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from catalog.base import Model
from catalog.deployment import Deployment
from catalog.exporters import Exporter
from catalog.log_agent import LogAgent
from catalog.platform import Platform, Windows
from catalog.service import Service
from delivery.guides.catalog_tables import table

#: Each file of the catalog and what it holds.
FILES: Mapping[str, type[Model]] = {
    "services/ID.yaml": Service,
    "platform.yaml": Platform,
    "windows.yaml": Windows,
    "agent.yaml": LogAgent,
    "deployment.yaml": Deployment,
    "exporters/NAME.yaml": Exporter,
}

_HEAD = """# The catalog's keys

Made from the models in `catalog/` by `make golden`. An unknown key, a missing one and a value that
does not fit are refused with file, line and remedy before anything is written. A model with
`source` says where a fact is from: `seed`, or `assumed` with a `reason`, which `confirm.md` lists.

"""


def page() -> str:
    """The whole page, Markdown."""
    shown: set[type[Model]] = set()
    parts = [_HEAD, table(["File", "Holds"], _contents()), "\n"]
    for file, model in FILES.items():
        parts.append(f"\n## {file}\n")
        for each in _reached(model, shown):
            parts += _section(each)
    return "".join(parts)


def _contents() -> Iterator[tuple[str, str]]:
    for file, model in FILES.items():
        yield f"`catalog/{file}`", f"[{model.__name__}](#{model.__name__.lower()})"


def _reached(model: type[Model], shown: set[type[Model]]) -> Iterator[type[Model]]:
    """The model and those that its fields hold, each where it is met first."""
    if model in shown:
        return
    shown.add(model)
    yield model
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            yield from _reached(inner, shown)


def _models(annotation: Any) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def _section(model: type[Model]) -> Iterator[str]:
    yield f"\n### {model.__name__}\n\n{_prose(model)}\n\n"
    yield table(["Key", "Type", "If left out"], _fields(model)) + "\n"


def _prose(model: type[Model]) -> str:
    """The docstring, with code as Markdown marks it."""
    text = cleandoc(model.__doc__ or "")
    return re.sub(r":\w+:`[.~]*([^`]+)`", r"`\1`", text).replace("``", "`")


def _fields(model: type[Model]) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        yield f"`{field.alias or name}`", f"`{_type(model, name)}`", _default(field)


def _type(model: type[Model], name: str) -> str:
    """As it is written in the model, without what only a validator reads."""
    written = next(
        str(vars(each)["__annotations__"][name])
        for each in model.__mro__
        if name in vars(each).get("__annotations__", {})
    )
    return ast.unparse(_Bare().visit(ast.parse(written, mode="eval")))


class _Bare(ast.NodeTransformer):
    """``Annotated[X, …]`` as X, wherever it stands."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        named = isinstance(node.value, ast.Name) and node.value.id == "Annotated"
        if named and isinstance(node.slice, ast.Tuple):
            return self.generic_visit(node.slice.elts[0])
        return self.generic_visit(node)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    value = field.default
    if value is None or value is PydanticUndefined or value in ({}, ()):
        return "none"
    if isinstance(value, Model):
        return "its own defaults"
    return f"`{value}`"
