"""What PromQL and LogQL spell alike: label matchers, quoting and durations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from catalog.scalars import format_duration

_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")


@dataclass(frozen=True, slots=True)
class Matcher:
    """``label="value"``; the value is unquoted and, for a regular expression, escaped."""

    label: str
    value: str
    operator: Literal["=", "!=", "=~", "!~"] = "="

    def __str__(self) -> str:
        return f"{self.label}{self.operator}{quote(self.value)}"


Matchers = tuple[Matcher, ...]


def quote(text: str) -> str:
    """A double-quoted string as Go, and so both languages, reads it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def literal(value: str) -> str:
    """The RE2 expression that matches just this text."""
    return _SPECIAL.sub(r"\\\1", value)


def equal(label: str, value: str) -> Matcher:
    """The label has this value."""
    return Matcher(label, value)


def among(label: str, values: Iterable[str]) -> Matcher:
    """The label has one of these values: an equality where there is only one."""
    listed = tuple(values)
    if len(listed) == 1:
        return Matcher(label, listed[0])
    return Matcher(label, "|".join(literal(value) for value in listed), "=~")


def none_of(label: str, values: Iterable[str]) -> Matcher:
    """The label has none of these values."""
    listed = tuple(values)
    if len(listed) == 1:
        return Matcher(label, listed[0], "!=")
    return Matcher(label, "|".join(literal(value) for value in listed), "!~")


def selection(chosen: Mapping[str, Iterable[str]], *, negate: bool = False) -> Matchers:
    """Matchers of ``{label: values}``, or, of a single label, of all its other values.

    :raises ValueError: when asked to negate more than one label: "not (a and b)" is no
        conjunction of matchers.
    """
    if negate and len(chosen) > 1:
        raise ValueError("a selection of several labels cannot be negated by matchers")
    pick = none_of if negate else among
    return tuple(pick(label, values) for label, values in chosen.items())


def braces(matchers: Matchers) -> str:
    """``{a="b",c=~"d"}``."""
    return "{" + ",".join(map(str, matchers)) + "}"


def window(seconds: int) -> str:
    """A range as both languages write it."""
    return format_duration(seconds)
