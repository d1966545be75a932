"""Alloy's syntax, laid out as ``alloy fmt`` lays it out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Raw:
    """An expression that is written as it is: a reference or a call."""

    text: str


Value = str | int | float | bool | Raw | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class Block:
    """A block: its name, its label if it has one, and what stands in it."""

    name: str
    body: tuple[tuple[str, Value] | Block, ...] = ()
    label: str = ""


def text_of(blocks: Sequence[Block], comment: str) -> str:
    """A file of these blocks."""
    return "\n".join([f"// {comment}\n", "\n\n".join(_block(each, 0) for each in blocks)]) + "\n"


def identifier(text: str) -> str:
    """A block's label of an id, which may hold hyphens."""
    return text.replace("-", "_")


def _block(block: Block, depth: int) -> str:
    head = f'{block.name} "{block.label}"' if block.label else block.name
    tabs = "\t" * depth
    if not block.body:
        return f"{tabs}{head} {{ }}"
    parts: list[str] = []
    row: list[tuple[str, Value]] = []
    for entry in block.body:
        if isinstance(entry, Block):
            parts += _rows(row, depth + 1)
            row = []
            parts.append(_block(entry, depth + 1))
        else:
            row.append(entry)
    parts += _rows(row, depth + 1)
    inside = "\n\n".join(parts)
    return f"{tabs}{head} {{\n{inside}\n{tabs}}}"


def _rows(row: Sequence[tuple[str, Value]], depth: int) -> list[str]:
    """Attributes without a blank line between, their equals signs below each other."""
    if not row:
        return []
    width = max(len(name) for name, _ in row)
    tabs = "\t" * depth
    return ["\n".join(f"{tabs}{name:<{width}} = {_value(value, depth)}" for name, value in row)]


def _value(value: Value, depth: int) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        return _mapping(value, depth)
    if isinstance(value, Sequence):
        return f"[{', '.join(_value(each, depth) for each in value)}]"
    return json.dumps(value)


def _mapping(value: Mapping[str, Value], depth: int) -> str:
    if not value:
        return "{}"
    tabs = "\t" * (depth + 1)
    width = max(len(_key(name)) for name in value)
    rows = [
        f"{tabs}{_key(name):<{width}} = {_value(each, depth + 1)}," for name, each in value.items()
    ]
    return "{\n" + "\n".join(rows) + "\n" + "\t" * depth + "}"


def _key(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else quoted(name)


def quoted(text: str) -> str:
    """A string; raw where it would need escapes, so that an expression can be read."""
    plain = json.dumps(text, ensure_ascii=False)
    if len(plain) == len(text) + 2 or "`" in text or not text.isprintable():
        return plain
    return f"`{text}`"
