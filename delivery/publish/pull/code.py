"""From an argument of a call to the expression that gives it its value, wherever that stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

from dashboards import spec
from delivery.places import ROOT
from delivery.publish.pull.sites import Calls

#: The fields of what dashboards are described with, in order: a call may leave the names out.
_FIELDS: Mapping[str, tuple[str, ...]] = {
    kind.__name__: tuple(field.name for field in fields(kind))
    for kind in (
        *(spec.Panel, spec.Row, spec.Dashboard),
        *(spec.Lines, spec.Bars, spec.Stat, spec.Table, spec.LogLines, spec.AlertList, spec.Note),
    )
}


class Module:
    """A parsed file. Columns are those of its bytes, as Python's parser counts them."""

    def __init__(self, file: Path) -> None:
        self.file, self.data = file, file.read_bytes()
        self.tree = ast.parse(self.data)
        self.parents = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }

    @property
    def name(self) -> str:
        """``dashboards/platform.py``."""
        return self.file.relative_to(ROOT).as_posix()

    @cached_property
    def starts(self) -> Sequence[int]:
        """Where each line begins, in bytes."""
        offsets = [0]
        for line in self.data.splitlines(keepends=True):
            offsets.append(offsets[-1] + len(line))
        return offsets

    def offsets(self, node: ast.expr) -> tuple[int, int]:
        """Where an expression begins and ends, in bytes."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[end_line - 1] + end_column

    def text(self, node: ast.expr) -> str:
        """An expression as it is written."""
        start, end = self.offsets(node)
        return self.data[start:end].decode()

    def call_at(self, span: tuple[int, int, int, int], callee: str) -> ast.Call | None:
        """The call at that place; where a generator is used up, the call that made it."""
        inside = [each for each in ast.walk(self.tree) if isinstance(each, ast.Call)]
        exact = [each for each in inside if _span(each) == span]
        named = [
            each
            for each in inside
            if span[:2] <= _span(each)[:2]
            and _span(each)[2:] <= span[2:]
            and _called(each) == callee
        ]
        return next(iter([*exact, *named]), None)

    def function(self, name: str) -> ast.FunctionDef | None:
        """The function of that name."""
        return next(
            (
                each
                for each in ast.walk(self.tree)
                if isinstance(each, ast.FunctionDef) and each.name == name
            ),
            None,
        )

    def enclosing(self, node: ast.AST) -> ast.FunctionDef | None:
        """The function that an expression stands in."""
        at: ast.AST | None = node
        while at is not None and not isinstance(at, ast.FunctionDef):
            at = self.parents.get(at)
        return at

    def imported(self) -> Mapping[str, str]:
        """What each imported name is: ``ask`` is ``queries.platform``."""
        return {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }


def _span(node: ast.expr) -> tuple[int, int, int, int]:
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def _is_word(node: ast.AST) -> bool:
    """``Step``, and the ``units`` of ``units.RATIO``: names that stand for one thing always."""
    return isinstance(node, ast.Name) and node.id in {"Step", "units"}


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


@dataclass(frozen=True, slots=True)
class Site:
    """Where an argument gets its value.

    ``node`` is the expression, None where ``call`` leaves the argument out. ``depth`` is how many
    calls further out it stands than the constructor's.
    """

    module: Module
    call: ast.Call
    argument: str
    node: ast.expr | None
    depth: int

    @property
    def place(self) -> str:
        """``dashboards/platform.py:71``."""
        return f"{self.module.name}:{(self.node or self.call).lineno}"

    @property
    def is_plain(self) -> bool:
        """Whether another value can simply stand there: nothing is computed that would be lost."""
        return self.node is None or not any(
            isinstance(each, ast.Name | ast.FormattedValue) and not _is_word(each)
            for each in ast.walk(self.node)
        )

    @property
    def written(self) -> str:
        """The expression as it is written; empty if there is none."""
        return self.module.text(self.node) if self.node is not None else ""


class Sources:
    """The files of dashboards/, each parsed once."""

    def __init__(self) -> None:
        self._modules: dict[Path, Module] = {}

    def module(self, file: Path) -> Module:
        """The file, parsed."""
        if file not in self._modules:
            self._modules[file] = Module(file)
        return self._modules[file]

    def site(self, calls: Calls, *arguments: str) -> Site | None:
        """Where an argument of what the calls made comes from: ``("drawing", "steps")``.

        None where that cannot be told: the expression is put together elsewhere.
        """
        found = self._argument(calls, 0, arguments[0])
        for name in arguments[1:]:
            if found is None or not isinstance(found.node, ast.Call):
                return None
            if _called(found.node) not in _FIELDS:
                return None
            found = self._of_call(calls, found.depth, found.node, name)
        return found

    def _argument(self, calls: Calls, depth: int, name: str) -> Site | None:
        if depth >= len(calls):
            return None
        at = calls[depth]
        call = self.module(at.file).call_at(at.span, at.callee)
        return None if call is None else self._of_call(calls, depth, call, name)

    def _of_call(self, calls: Calls, depth: int, call: ast.Call, name: str) -> Site | None:
        module = self.module(calls[depth].file)
        names = _FIELDS.get(_called(call)) or self._parameters(calls, depth)
        if name not in names or any(isinstance(each, ast.Starred) for each in call.args):
            return None
        given = dict(zip(names, call.args, strict=False))
        given |= {each.arg: each.value for each in call.keywords if each.arg is not None}
        node = given.get(name)
        if isinstance(node, ast.Name):
            return self._followed(calls, depth, Site(module, call, name, node, depth), node.id)
        return Site(module, call, name, node, depth)

    def _followed(self, calls: Calls, depth: int, site: Site, name: str) -> Site | None:
        """Where a variable's value comes from: the caller, or one assignment."""
        function = site.module.enclosing(site.call)
        if function is None:
            return site
        if name in _names(function):
            return self._argument(calls, depth + 1, name)
        values = [
            each.value
            for each in ast.walk(function)
            if isinstance(each, ast.Assign)
            and [target.id for target in each.targets if isinstance(target, ast.Name)] == [name]
        ]
        if len(values) == 1:
            return Site(site.module, site.call, site.argument, values[0], depth)
        return site

    def _parameters(self, calls: Calls, depth: int) -> tuple[str, ...]:
        """Of the function that is called at that depth; it stands where the inner call does."""
        if depth == 0:
            return ()
        function = self.module(calls[depth - 1].file).function(calls[depth].callee)
        return _names(function) if function else ()

    def queries(self, site: Site) -> Iterator[str]:
        """The functions of queries/ that give an expression its value, with their place.

        Variables of the function that it stands in are followed, and functions of its module.
        """
        waiting: list[ast.AST] = [site.node] if site.node is not None else []
        function = site.module.enclosing(site.call)
        imported, seen = site.module.imported(), set[str]()
        while waiting:
            for node in ast.walk(waiting.pop()):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    path = f"{imported.get(node.value.id, '')}.{node.attr}"
                elif isinstance(node, ast.Name) and node.id not in seen:
                    path = imported.get(node.id, "")
                    seen.add(node.id)
                    waiting += _meant(site.module, function, node.id)
                else:
                    continue
                yield from self._function(path)

    def _function(self, path: str) -> Iterator[str]:
        package, _, name = path.rpartition(".")
        file = ROOT / f"{package.replace('.', '/')}.py"
        if package.startswith("queries.") and file.is_file():
            function = self.module(file).function(name)
            if function is not None:
                yield f"{self.module(file).name}:{function.lineno} `{name}`"


def _meant(module: Module, function: ast.FunctionDef | None, name: str) -> list[ast.AST]:
    """What a name stands for: values that the function gives it, or a function of the module."""
    given: list[ast.AST] = []
    for node in ast.walk(function) if function is not None else ():
        match node:
            case ast.Assign(targets=targets, value=value):
                bound = targets
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                bound = [target]
            case _:
                continue
        names = (each for target in bound for each in ast.walk(target))
        if any(isinstance(each, ast.Name) and each.id == name for each in names):
            given.append(value)
    local = module.function(name)
    return [*given, *([local] if local is not None else ())]


def _names(function: ast.FunctionDef) -> tuple[str, ...]:
    arguments = function.args
    return tuple(each.arg for each in (*arguments.args, *arguments.kwonlyargs))


@dataclass(frozen=True, slots=True)
class Replacement:
    """Bytes of a file that another text takes the place of."""

    module: Module
    start: int
    end: int
    text: str


def replacement(site: Site, value: str) -> Replacement:
    """The argument with another value, or added to the call that leaves it out."""
    if site.node is not None:
        start, end = site.module.offsets(site.node)
        return Replacement(site.module, start, end, value)
    given = [*site.call.args, *(each.value for each in site.call.keywords)]
    last = max(given, key=lambda node: site.module.offsets(node)[1])
    _, end = site.module.offsets(last)
    line_start = site.module.starts[last.lineno - 1]
    line = site.module.data[line_start:end].decode()
    indent = line[: len(line) - len(line.lstrip())]
    one_a_line = last.lineno != site.call.lineno
    before = f",\n{indent}" if one_a_line else ", "
    return Replacement(site.module, end, end, f"{before}{site.argument}={value}")
