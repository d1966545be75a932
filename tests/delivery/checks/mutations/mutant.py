"""One fault: which file, what is changed in it, and what has to be found there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.delivery.checks.mutations.shipped import Shipped

Json = dict[str, Any]
Way = tuple[str | int, ...]


class _Gone:
    """The value of what an edit removes."""


GONE = _Gone()


@dataclass(frozen=True, slots=True)
class Edit:
    """A value somewhere in a file's content, or ``GONE``."""

    way: Way
    value: object


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault. The finding's place begins with ``where``, its caret stands under ``word``.

    The finding is in the file with the fault unless ``found_in`` names another: one that reads
    what the fault takes away.
    """

    path: str
    where: str
    edits: tuple[Edit, ...]
    word: str = ""
    found_in: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault: where it can be made, and which ids tell of it.

    ``excluded`` says what is no fault, and is not made for that reason.
    """

    name: str
    ids: frozenset[str]
    mutants: Callable[[Shipped], Iterator[Mutant]] = field(compare=False)
    excluded: str = ""


def edited(content: Json, edits: Iterable[Edit]) -> Json:
    """A copy with the edits in it; what they do not touch is shared."""
    for edit in edits:
        content = _edited(content, edit.way, edit.value)
    return content


def _edited(node: Any, way: Way, value: object) -> Any:
    key, rest = way[0], way[1:]
    copy = list(node) if isinstance(node, list) else dict(node)
    if rest:
        copy[key] = _edited(node[key], rest, value)
    elif value is GONE:
        del copy[key]
    elif isinstance(copy, list) and key == len(copy):
        copy.append(value)
    else:
        copy[key] = value
    return copy


def at(content: Any, way: Way) -> Any:
    """The value at the end of a way."""
    for key in way:
        content = content[key]
    return content
