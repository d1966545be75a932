"""The variables in a text that Grafana fills, and which it knows where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from delivery.checks.documents import Text, Variables
from delivery.checks.labels import nearest

_VARIABLE = re.compile(
    r"\$(?P<plain>[a-zA-Z_]\w*)"
    r"|\$\{(?P<name>\w+)(?P<path>(?:\.|\[)[^:}]+)?(?::[^}]*)?\}"
    r"|\[\[(?P<old>[a-zA-Z_]\w*)(?::\w+)?\]\]"
)
_FIRST = re.compile(r"\.?(\w+)")
#: Known wherever Grafana fills variables, with what may stand behind a full stop.
_EVERYWHERE: dict[str, frozenset[str]] = {
    **dict.fromkeys(("__auto", "__from", "__to", "__timezone"), frozenset()),
    **dict.fromkeys(("__interval", "__interval_ms", "__rate_interval"), frozenset()),
    **dict.fromkeys(("__range", "__range_s", "__range_ms"), frozenset()),
    "__dashboard": frozenset({"uid", "name", "title"}),
    "__org": frozenset({"id", "name"}),
    "__user": frozenset({"id", "login", "email"}),
}
_IN_LINKS: dict[str, frozenset[str]] = {
    **_EVERYWHERE,
    **dict.fromkeys(("__url_time_range", "__all_variables"), frozenset()),
}
_IN_DATA_LINKS: dict[str, frozenset[str]] = {
    **_IN_LINKS,
    "__value": frozenset({"raw", "text", "time", "numeric", "calc"}),
    "__field": frozenset({"name", "displayName", "labels"}),
    "__series": frozenset({"name"}),
    "__data": frozenset({"fields"}),
}
_KNOWN = {"text": _EVERYWHERE, "link": _IN_LINKS, "data link": _IN_DATA_LINKS}


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A variable where it stands; ``path`` is what follows its name, as in ``.labels.pod``."""

    name: str
    path: str
    start: int
    end: int


def occurrences(text: str) -> Iterator[Occurrence]:
    """Every variable in a text."""
    if "$" not in text and "[[" not in text:
        return
    for found in _VARIABLE.finditer(text):
        name = found["plain"] or found["name"] or found["old"]
        yield Occurrence(name, found["path"] or "", found.start(), found.end())


def unknown(text: Text) -> Iterator[tuple[Occurrence, str, str]]:
    """The variables that nothing fills, with the reason and the remedy."""
    known = _KNOWN[text.kind]
    for each in occurrences(text.text):
        if each.name in text.variables:
            continue
        paths = known.get(each.name)
        if paths is None:
            yield each, f"nothing fills '${each.name}' here", _remedy(each, text)
        elif each.path and _first(each.path) not in paths:
            reason = f"'${each.name}' has no '{_first(each.path)}'"
            yield each, reason, nearest(_first(each.path), paths)


def _first(path: str) -> str:
    found = _FIRST.match(path)
    return found[1] if found else path


def _remedy(each: Occurrence, text: Text) -> str:
    if each.name in _IN_DATA_LINKS and text.kind != "data link":
        return "Only the data links of a panel know it; move the link there"
    return known_variable(each.name, text.variables)


def known_variable(name: str, variables: Variables) -> str:
    """What to write instead of a variable that is not known."""
    built_in = _EVERYWHERE if name.startswith("__") else {}
    return nearest(name, built_in or variables)
