"""Fills template variables with typed samples, so that a templated query can be parsed.

A sample is taken from the variable's own definition: all values of a custom variable, and
for one whose values only a server knows a word that says so, which every label may have.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from delivery.checks.documents import Variable, Variables

#: A value that only the server knows begins so.
UNKNOWN = "sample-value-of-"
#: Before the values of a variable, of which the user chooses: a private-use character, which
#: both languages allow in a string and no real value holds.
CHOICE = "\ue000"
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"

_VARIABLE = re.compile(
    r"\$(?P<plain>[a-zA-Z_]\w*)"
    r"|\$\{(?P<name>\w+)(?:\.(?P<path>[^:}]+))?(?::(?P<format>[^}]*))?\}"
    r"|\[\[(?P<old>\w+)(?::(?P<old_format>\w+))?\]\]"
)
#: Grafana's own, by the units that their places need; none is empty, or its place were lost.
BUILT_IN: dict[str, str] = {
    "__rate_interval": "1m",
    "__interval": "1m",
    "__auto": "1m",
    "__range": "6h",
    "__interval_ms": "60000",
    "__range_s": "21600",
    "__range_ms": "21600000",
    "__from": "1700000000000",
    "__to": "1700021600000",
    "__org": "1",
    "__tags": f'namespace="{UNKNOWN}namespace",pod="{UNKNOWN}pod"',
    "__trace": TRACE_ID,
    "__span": f"{UNKNOWN}span",
    "__value": f"{UNKNOWN}value",
    "__field": f"{UNKNOWN}field",
    "__data": f"{UNKNOWN}data",
    "__series": f"{UNKNOWN}series",
    "__dashboard": f"{UNKNOWN}dashboard",
    "__user": f"{UNKNOWN}user",
    "__url_time_range": "from=now-1h&to=now",
    "__all_variables": f"{UNKNOWN}all",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """The text with samples in it, and where each sample stood for what.

    ``spans`` are (start in ``text``, end in ``text``, start in the original, end there), in
    order; ``unknown`` the variables that nothing defines, with their offsets.
    """

    text: str
    spans: tuple[tuple[int, int, int, int], ...] = ()
    unknown: tuple[tuple[str, int, int], ...] = ()

    def original(self, offset: int, *, end: bool = False) -> int:
        """The offset in the original text of an offset in the filled one."""
        shift = 0
        for start, stop, first, last in self.spans:
            if offset < start or (offset == start and not end):
                break
            if offset < stop or (offset == stop and end):
                return last if end else first
            shift = last - stop
        return offset + shift


def fill(text: str, variables: Variables, own: frozenset[str] = frozenset()) -> Filled:
    """The text with every variable filled; ``own`` are further names that mean something here."""
    if "$" not in text and "[[" not in text:
        return Filled(text)
    parts: list[str] = []
    spans: list[tuple[int, int, int, int]] = []
    unknown: list[tuple[str, int, int]] = []
    position = length = 0
    for found in _VARIABLE.finditer(text):
        name = found["plain"] or found["name"] or found["old"]
        sample = _sample(name, variables, own)
        if sample is None:
            unknown.append((name, found.start(), found.end()))
            continue
        value = _formatted(sample, found["format"] or found["old_format"] or "")
        parts += [text[position : found.start()], value]
        start = length + found.start() - position
        length = start + len(value)
        spans.append((start, length, found.start(), found.end()))
        position = found.end()
    parts.append(text[position:])
    return Filled("".join(parts), tuple(spans), tuple(unknown))


def _sample(name: str, variables: Variables, own: frozenset[str]) -> str | None:
    if name in BUILT_IN:
        return BUILT_IN[name]
    variable = variables.get(name)
    if variable is not None:
        return sample_of(variable)
    return f"{UNKNOWN}{name}" if name in own else None


def sample_of(variable: Variable) -> str:
    """The values to choose from, told apart from what was written so, or an unknown one."""
    if variable.kind == "textbox" and variable.values:
        # Sent as it stands, until somebody types another: a number must be one, a pattern too.
        return variable.values[0]
    if variable.values:
        return CHOICE + "|".join(variable.values)
    return f"{UNKNOWN}{variable.name}"


def _formatted(value: str, style: str) -> str:
    return _FORMATS.get(style, str)(value)


_FORMATS: dict[str, Callable[[str], str]] = {
    "doublequote": lambda value: '"' + value.replace('"', '\\"') + '"',
    "singlequote": lambda value: "'" + value.replace("'", "\\'") + "'",
    "csv": lambda value: value.replace("|", ","),
}
