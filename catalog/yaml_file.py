"""Reads one YAML file strictly, and remembers on which line everything stands.

PyYAML's own construction keeps the last of two equal keys, follows aliases (a few lines
can then expand to gigabytes), runs tags, recurses once a level, and reads ``yes``,
``12:30`` and ``1_000`` as something else than text. The parser's events are therefore
assembled here, without recursion, with the scalars of the YAML 1.2 core schema.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from catalog.errors import CatalogError, Problem

#: A service file is a few hundred lines; what is larger is not one.
SIZE_LIMIT = 1_000_000
DEPTH_LIMIT = 20
_TOO_DEEP = (
    f"nested deeper than {DEPTH_LIMIT} levels",
    "Close brackets you did not mean to open",
)

Location = tuple[str | int, ...]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: What YAML forbids, and the line breaks that no editor counts as such.
_STRAY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NULL = frozenset({"", "~", "null"})
_BOOLEANS = {"true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?")


@dataclass(slots=True)
class _Container:
    """A mapping or sequence under construction, and the key that waits for its value."""

    line: int
    is_mapping: bool
    location: Location
    items: list[object] = field(default_factory=list)
    pairs: dict[str, object] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)
    key: str | None = None

    def next_location(self) -> Location:
        return (*self.location, self.key if self.key is not None else len(self.items))

    def finished(self) -> object:
        return self.pairs if self.is_mapping else tuple(self.items)


class _Fault(Exception):
    """Raised while assembling; :func:`read_yaml` adds the file to it."""

    def __init__(self, line: int, fault: str, remedy: str) -> None:
        super().__init__(fault)
        self.line, self.fault, self.remedy = line, fault, remedy


def read_yaml(path: Path) -> dict[str, object]:
    """The mapping in the file; sequences are tuples.

    :raises CatalogError: the file cannot be read, is not UTF-8, not YAML or not one
        mapping, repeats a key, or uses tags, anchors or aliases.
    """
    return _read(path, None)


def locate(path: Path) -> dict[Location, int]:
    """The line of every key and item of a file that :func:`read_yaml` accepts.

    Read again rather than remembered: it is needed only when something is wrong, and
    would otherwise cost more memory than the values do.
    """
    lines: dict[Location, int] = {}
    _read(path, lines)
    return lines


def _read(path: Path, lines: dict[Location, int] | None) -> dict[str, object]:
    text = _decode(path)
    try:
        value = _assemble(yaml.parse(text, Loader=_LOADER), lines)
    except _Fault as error:
        raise CatalogError(Problem(f"{path}:{error.line}", error.fault, error.remedy)) from None
    except yaml.MarkedYAMLError as error:
        raise CatalogError(_syntax(path, error)) from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise CatalogError(Problem(str(path), f"not YAML: {reason}", "Save it anew")) from None
    if value is None:
        raise CatalogError(
            Problem(f"{path}:1", "the file is empty", "Fill it in, or delete the file")
        )
    if not isinstance(value, dict):
        raise CatalogError(
            Problem(f"{path}:1", "the file is not a mapping", "Write 'key: value' lines")
        )
    return value


def _syntax(path: Path, error: yaml.MarkedYAMLError) -> Problem:
    """What the parser found, where the user has to look, and what is mostly the reason."""
    fault = f"{error.problem or error.context}"
    opened, met = error.context_mark, error.problem_mark
    unclosed = opened is not None and "quoted" in str(error.context)
    mark = opened if unclosed else met or opened
    if unclosed:
        fault = "a quotation mark is never closed"
        remedy = "Close it; inside it, write a quotation mark twice"
    elif "flow" in str(error.context) and opened is not None:
        remedy = f"Close the bracket of line {opened.line + 1}, or put a comma between two items"
    elif "cannot start any token" in fault:
        remedy = "Indent with spaces instead of tabs; put text that begins with % @ ` in quotes"
    elif "mapping values are not allowed" in fault:
        remedy = "Put text that holds ': ' in quotes, and indent keys of one level alike"
    else:
        remedy = "Indent the lines of one level alike, by spaces, with ': ' after each key"
    where = f"{path}:{mark.line + 1}" if mark else str(path)
    if "maximum nesting depth" in fault:
        # libyaml's own limit, which it may reach while it looks ahead of what we have seen.
        return Problem(where, *_TOO_DEEP)
    return Problem(where, f"not YAML: {fault}", remedy)


def _decode(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise CatalogError(
                Problem(str(path), "not a file", "Put a file of that name in its place")
            )
        with path.open("rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        raise CatalogError(Problem(str(path), "there is no such file", "Create it")) from None
    except OSError as error:
        raise CatalogError(
            Problem(str(path), f"cannot be read: {error.strerror}", "Allow yourself to read it")
        ) from None
    if len(raw) > SIZE_LIMIT:
        raise CatalogError(
            Problem(
                str(path),
                f"larger than {SIZE_LIMIT} bytes",
                "Remove what is not the catalog's; a service takes a few hundred lines",
            )
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CatalogError(
            Problem(
                f"{path}:{line}",
                f"not UTF-8: byte 0x{raw[error.start]:02x} at offset {error.start}",
                "Save the file as UTF-8",
            )
        ) from None
    stray = _STRAY.search(text)
    if stray is not None:
        line = text.count("\n", 0, stray.start()) + 1
        raise CatalogError(
            Problem(
                f"{path}:{line}",
                f"the invisible character U+{ord(stray[0]):04X}",
                "Delete it",
            )
        )
    return text


def _assemble(events: Iterator[yaml.Event], lines: dict[Location, int] | None) -> object:
    stack: list[_Container] = []
    root: object = None
    documents = 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Fault(line, "a second document starts here", "Keep one document a file")
            continue
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            _refuse_decoration(event, line)
            _open(stack, event, line, lines)
            continue
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            value: object = stack.pop().finished()
        elif isinstance(event, yaml.ScalarEvent):
            _refuse_decoration(event, line)
            if stack and stack[-1].is_mapping and stack[-1].key is None:
                _take_key(stack[-1], event, line, lines)
                continue
            value = event.value if event.style else _scalar(event.value)
        elif isinstance(event, yaml.AliasEvent):
            raise _Fault(line, f"'*{event.anchor}' is an alias", "Write the value out")
        else:
            continue
        if stack:
            _add(stack[-1], value, line, lines)
        else:
            root = value
    return root


def _refuse_decoration(
    event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent, line: int
) -> None:
    if event.tag is not None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        raise _Fault(line, f"'{tag}' is a YAML tag", "Write the plain value without it")
    if event.anchor is not None:
        raise _Fault(line, f"'&{event.anchor}' is an anchor", "Write the value out")


def _open(
    stack: list[_Container], event: yaml.Event, line: int, lines: dict[Location, int] | None
) -> None:
    if len(stack) >= DEPTH_LIMIT:
        raise _Fault(line, *_TOO_DEEP)
    location: Location = ()
    if stack:
        parent = stack[-1]
        if parent.is_mapping and parent.key is None:
            raise _Fault(
                line,
                "a key is a list or a mapping",
                "Write 'key: value' with a plain word for a key",
            )
        location = parent.next_location() if lines is not None else ()
        if lines is not None and not parent.is_mapping:
            lines[location] = line
    stack.append(_Container(line, isinstance(event, yaml.MappingStartEvent), location))


def _take_key(
    mapping: _Container, event: yaml.ScalarEvent, line: int, lines: dict[Location, int] | None
) -> None:
    key = event.value
    if key == "<<" and not event.style:
        raise _Fault(line, "'<<' merges another mapping", "Write the keys out")
    if key in mapping.pairs:
        first = mapping.key_lines[key]
        raise _Fault(line, f"the key '{key}' stands on line {first} too", "Keep one of the two")
    mapping.key = key
    mapping.key_lines[key] = line
    if lines is not None:
        lines[(*mapping.location, key)] = line


def _add(parent: _Container, value: object, line: int, lines: dict[Location, int] | None) -> None:
    if parent.is_mapping:
        assert parent.key is not None  # noqa: S101 - the parser alternates keys and values
        parent.pairs[parent.key] = value
        parent.key = None
        return
    if lines is not None:
        lines.setdefault((*parent.location, len(parent.items)), line)
    parent.items.append(value)


def _scalar(text: str) -> object:
    if text.lower() in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text) and len(text) < 20:
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
