"""The text of the modules: the queries, the panels in parts of a readable length, the dashboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboards.beyond import Beyond
from dashboards.imported import Band, Imported, Placed
from delivery.importing.described import Asked, Writer, kind_of, named
from delivery.importing.differ import same
from delivery.importing.fit import placed_of
from delivery.importing.naming import Names, plain
from delivery.importing.python_text import WIDTH, Call, Code, source

#: No module of ours is longer than 400 lines.
_LONGEST = 360
_HOMES = {
    "catalog.artifact": ("Suppression",),
    "dashboards.beyond": ("Beyond",),
    "dashboards.imported": ("UNCONFIRMED", "Band", "Choice", "Imported", "Placed"),
    "dashboards.panels": ("Place",),
    "dashboards.spec": (
        *("AlertList", "Annotation", "Bars", "Column", "Core", "Dashboard", "GraphStat", "Lines"),
        *("Link", "LogLines", "NodeGraph", "Note", "Panel", "Stat", "Step", "Table", "Trace"),
        *("TraceList", "Variable"),
    ),
    "queries.query": ("Jaeger", "Loki", "Prom"),
}


@dataclass(frozen=True, slots=True)
class Module:
    """A module's path in the repository, and its text."""

    path: str
    text: str


def modules(imported: Imported, slug: str) -> tuple[Module, ...]:
    """The queries' modules first, the dashboard's own last: each imports only those before it."""
    functions, told = named(imported)
    blocks = {name: _query_block(asked, name, told[name]) for asked, name in functions.items()}
    parts = _in_parts(blocks)
    homed = {asked: f"{_place('ask', name, parts)}.{name}" for asked, name in functions.items()}
    title = _title(imported)
    queries = _query_modules(functions, blocks, parts, (slug, title))
    asking = _aliases("queries", f"imported_{slug}", "ask", len(parts))
    return (*queries, *_panels_and_head(imported, homed, asking, slug))


def _place(alias: str, name: str, parts: Sequence[Sequence[str]]) -> str:
    """The module that a function is in, as others import it."""
    if len(parts) == 1:
        return alias
    return f"{alias}_{next(index for index, part in enumerate(parts, 1) if name in part)}"


def _aliases(package: str, module: str, alias: str, count: int) -> dict[str, str]:
    """By the name it is used under, how a module is imported."""
    if count == 1:
        return {alias: f"from {package} import {module} as {alias}"}
    return {
        f"{alias}_{index}": f"from {package} import {module}_{index} as {alias}_{index}"
        for index in range(1, count + 1)
    }


def _query_modules(
    functions: Mapping[Asked, str],
    blocks: Mapping[str, str],
    parts: Sequence[Sequence[str]],
    called: tuple[str, str],
) -> Iterator[Module]:
    slug, title = called
    languages = {name: language for (language, _), name in functions.items()}
    for index, held in enumerate(parts):
        used = {languages[name] for name in held} - {""}
        imports = [f"from queries.{each.lower()} import {each}" for each in used]
        about = f"What the imported dashboard '{title}' asks{_of_parts(index, len(parts))}."
        path = f"queries/imported_{slug}{_number(index, parts)}.py"
        yield Module(path, _module(about, imports, [blocks[name] for name in held]))


def _number(index: int, parts: Sequence[object]) -> str:
    return "" if len(parts) == 1 else f"_{index + 1}"


def _query_block(asked: Asked, name: str, about: str) -> str:
    language, query = asked
    value: Any = Call(language, (("", query),)) if language else query
    returned = source(value, "    ", len("return "))
    docstring = _docstring(about)
    return f"def {name}() -> {language or 'str'}:\n    {docstring}\n    return {returned}\n"


def _docstring(text: str) -> str:
    return f'"""{text[0].upper()}{text[1:]}"""'


def _in_parts(blocks: Mapping[str, str]) -> list[list[str]]:
    """Names of blocks, as many together as a module may hold."""
    parts: list[list[str]] = [[]]
    lines = 0
    for name, block in blocks.items():
        size = block.count("\n") + 2
        if parts[-1] and lines + size > _LONGEST:
            parts.append([])
            lines = 0
        parts[-1].append(name)
        lines += size
    return [part for part in parts if part]


def _of_parts(index: int, count: int) -> str:
    return "" if count == 1 else f", part {index + 1} of {count}"


def _panels_and_head(
    imported: Imported, homed: Mapping[Asked, str], asking: Mapping[str, str], slug: str
) -> Iterator[Module]:
    every = list(placed_of(imported.items))
    names = Names()
    called = {one.number: names.give(one.panel.title, "panel") for one in every}
    by_name = {called[one.number]: one for one in every}
    # How long each is without what it has in common with others, which only makes it shorter.
    rough = {name: _panel_block(one, name, Writer(homed), {}) for name, one in by_name.items()}
    parts = _in_parts(rough)
    title = _title(imported)
    for index, held in enumerate(parts):
        writer = Writer(homed)
        shared = _shared([by_name[name] for name in held])
        constants = [
            f"{name} = {source(writer.value(common), '', len(name) + 3)}\n"
            for name, common in shared.values()
        ]
        blocks = [_panel_block(by_name[name], name, writer, shared) for name in held]
        about = f"Panels of the imported dashboard '{title}'{_of_parts(index, len(parts))}."
        writer.used.add("Placed")
        text = _module(about, _imports(writer.used, asking), blocks, constants)
        yield Module(f"dashboards/imported_{slug}_panels{_number(index, parts)}.py", text)
    panels = _aliases("dashboards", f"imported_{slug}_panels", "panels", len(parts))
    where = {number: f"{_place('panels', name, parts)}.{name}" for number, name in called.items()}
    yield _head(imported, Writer(homed), where, {**asking, **(panels if parts else {})}, slug)


def _shared(placed: Sequence[Placed]) -> dict[str, tuple[str, Beyond]]:
    """What panels of a kind all say alike beside the model: told once, by a name."""
    result: dict[str, tuple[str, Beyond]] = {}
    kinds = Counter(map(kind_of, placed))
    for kind, count in kinds.items():
        ones = [each.beyond for each in placed if kind_of(each) == kind]
        first = ones[0]
        put = {
            key: item
            for key, item in first.put.items()
            if not key.startswith("/targets/")
            and all(key in each.put and same(each.put[key], item) for each in ones)
        }
        without = tuple(each for each in first.without if all(each in one.without for one in ones))
        if count > 1 and len(put) + len(without) > 1:
            result[kind] = f"_{kind.upper()}", Beyond(put, without)
    return result


def _panel_block(
    placed: Placed, name: str, writer: Writer, shared: Mapping[str, tuple[str, Beyond]]
) -> str:
    said: dict[str, Any] = {}
    if placed.beyond != Beyond():
        said["beyond"] = writer.beyond(placed.beyond, shared, kind_of(placed))
    panel = replace(placed.panel, key=name)
    call = writer.call(replace(placed, panel=panel), **said)
    about = _docstring(f"The panel '{plain(placed.panel.title) or placed.number}'.")
    return f"def {name}() -> Placed:\n    {about}\n    return {source(call, '    ', 7)}\n"


def _imports(used: set[str], modules: Mapping[str, str]) -> list[str]:
    """A line for each module of which something is used."""
    lines = [modules[alias] for alias in modules if alias in used]
    for home, names in _HOMES.items():
        if held := sorted(set(names) & used, key=lambda name: (not name.isupper(), name)):
            lines.append(_import(home, held))
    return lines


def _import(home: str, names: Sequence[str]) -> str:
    line = f"from {home} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    listed = "".join(f"    {name},\n" for name in names)
    return f"from {home} import (\n{listed})"


def _head(
    imported: Imported,
    writer: Writer,
    where: Mapping[int, str],
    aliases: Mapping[str, str],
    slug: str,
) -> Module:
    said: dict[str, Any] = {
        "head": writer.call(imported.head, owner=Code("catalog.platform.owner.team")),
        "items": Code("_items()"),
        **({"choices": Code("_choices()")} if imported.choices else {}),
    }
    call = writer.call(imported, **said)
    made = source(call, "    ", 7)
    about = '    """As it was read."""'
    blocks = [
        f"def build(catalog: Catalog) -> Imported:\n{about}\n    return {made}\n",
        _function("_items() -> tuple[Placed | Band, ...]", _items(imported, where, writer)),
    ]
    if imported.choices:
        choices = writer.value(imported.choices)
        blocks.append(_function("_choices() -> tuple[Choice, ...]", choices))
        writer.used.add("Choice")
    writer.used |= {"Band", "Imported", "Placed"}
    writer.used |= {place.partition(".")[0] for place in where.values()}
    imports = [*_imports(writer.used, aliases), "from catalog.model import Catalog"]
    about = f"The dashboard '{_title(imported)}', imported: see docs/import.md."
    return Module(f"dashboards/imported_{slug}.py", _module(about, imports, blocks))


def _title(imported: Imported) -> str:
    return plain(imported.head.title, 36) or imported.head.uid


def _function(signature: str, value: Any) -> str:
    return f"def {signature}:\n    return {source(value, '    ', 7)}\n"


def _items(imported: Imported, where: Mapping[int, str], writer: Writer) -> Any:
    return tuple(_item(each, where, writer) for each in imported.items)


def _item(each: Placed | Band, where: Mapping[int, str], writer: Writer) -> Any:
    if isinstance(each, Placed):
        return Code(f"{where[each.number]}()")
    held = tuple(Code(f"{where[one.number]}()") for one in each.panels)
    return writer.call(each, **({"panels": held} if held else {}))


def _module(
    about: str, imports: Sequence[str], blocks: Sequence[str], constants: Sequence[str] = ()
) -> str:
    ordered = sorted(imports, key=lambda line: line.split()[1])
    parts = [
        f"{_docstring(about)}\n\nfrom __future__ import annotations\n",
        "\n".join(ordered) + "\n" if ordered else "",
        "\n".join(constants),
    ]
    top = "\n".join(part for part in parts if part)
    return "\n\n".join([top.rstrip("\n") + "\n", *blocks])
