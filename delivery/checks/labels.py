"""Label sets as a check knows them: which labels, which values, and which are always there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import re2

from delivery.checks.fill import CHOICE, UNKNOWN

#: The values a label can have; None where the set is open.
Values = frozenset[str] | None
Labels = Mapping[str, Values]

_META = frozenset("\\.+*?()[]{}^$")


@dataclass(frozen=True, slots=True)
class Known:
    """The labels of a family of series: all that may be there, and those that always are."""

    labels: Labels = field(default_factory=dict)
    sure: frozenset[str] = frozenset()
    #: Nothing is known: whatever is asked may be there. Keeps one fault from causing others.
    anything: bool = False
    #: What only some of the releases that the system runs give a series.
    released: frozenset[str] = frozenset()

    def has(self, label: str) -> bool:
        """Whether a series may carry the label."""
        return self.anything or label in self.labels

    def varying(self) -> frozenset[str]:
        """The labels that can tell two of the series apart."""
        return frozenset(
            label for label, values in self.labels.items() if values is None or len(values) > 1
        )


ANYTHING = Known(anything=True)


def union(left: Values, right: Values) -> Values:
    """The values of either."""
    return None if left is None or right is None else left | right


def merged(known: Iterable[Known]) -> Known:
    """What is known of series of which some are like this, and some like that."""
    everything = list(known)
    if not everything or any(each.anything for each in everything):
        return ANYTHING
    labels: dict[str, Values] = {}
    for each in everything:
        for label, values in each.labels.items():
            labels[label] = union(labels[label], values) if label in labels else values
    sure = frozenset.intersection(*(each.sure for each in everything))
    return Known(labels, sure)


def only(known: Known, labels: Iterable[str]) -> Known:
    """The labels that an aggregation keeps."""
    if known.anything:
        return known
    kept = {label: known.labels[label] for label in labels if label in known.labels}
    return Known(kept, known.sure.intersection(kept))


def without(known: Known, labels: Iterable[str]) -> Known:
    """The labels that are left."""
    if known.anything:
        return known
    dropped = frozenset(labels)
    kept = {label: values for label, values in known.labels.items() if label not in dropped}
    return Known(kept, known.sure - dropped)


def added(known: Known, label: str, values: Values) -> Known:
    """One more label, which every series then has."""
    if known.anything:
        return known
    return Known({**known.labels, label: values}, known.sure | {label})


#: So many names help nobody.
_TOO_MANY = 100


def nearest(name: str, known: Iterable[str]) -> str:
    """What to write instead, as a remedy says it."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    if not close:
        close = [choice for choice in choices if len(name) > 3 and name in choice][:1]
    if close:
        return f"Did you mean '{close[0]}'?"
    if not choices or len(choices) > _TOO_MANY:
        return "Declare it in the catalog"
    shown = ", ".join(choices[:12]) + (" and more" if len(choices) > 12 else "")
    return f"Known here are {shown}"


def is_unknown(value: str) -> bool:
    """Whether only the server knows the value."""
    return UNKNOWN in value


def impossible(operator: str, value: str, values: Values) -> tuple[str, ...]:
    """The values that a matcher asks for and the label never has.

    Of a choice that the user makes, one possible value is enough; of an alternation that is
    written out, each has to be possible; of any other expression, one value has to match.
    A matcher that excludes asks for nothing.
    """
    if values is None or is_unknown(value) or operator in {"!=", "!~"} or value == "":
        return ()
    if value.startswith(CHOICE):
        choices = value.removeprefix(CHOICE).split("|")
        return () if values.intersection(choices) else tuple(choices)
    if operator == "=":
        return () if value in values else (value,)
    wrong: list[str] = []
    for alternative in alternatives(value):
        literal = as_literal(alternative)
        if literal is not None:
            possible = literal in values or literal == ""
        else:
            possible = any(matches(alternative, known) for known in values | {""})
        if not possible:
            wrong.append(literal if literal is not None else alternative)
    return tuple(wrong)


def possible(operator: str, value: str, known: Known, label: str) -> bool:
    """Whether a matcher can match one of the series."""
    values = known.labels.get(label, frozenset[str]())
    if known.anything or values is None or is_unknown(value):
        return True
    if label not in known.sure:
        values |= {""}
    if value.startswith(CHOICE):
        return operator in {"!=", "!~"} or not values.isdisjoint(
            value.removeprefix(CHOICE).split("|")
        )
    if operator in {"=", "!="}:
        return any((each == value) == (operator == "=") for each in values)
    return any(matches(value, each) == (operator == "=~") for each in values)


def narrowed(operator: str, value: str, values: Values) -> Values:
    """The values that are left behind a matcher; None where nothing can be said."""
    if is_unknown(value):
        return values
    if value.startswith(CHOICE):
        choices = frozenset(value.removeprefix(CHOICE).split("|"))
        return choices if values is None else values & choices
    if operator == "=":
        return frozenset({value})
    if values is None:
        literals = [as_literal(each) for each in alternatives(value)]
        known = frozenset(each for each in literals if each is not None)
        return known if operator == "=~" and len(known) == len(literals) else None
    if operator == "!=":
        return values - {value}
    wanted = operator == "=~"
    return frozenset(each for each in values if matches(value, each) == wanted)


@lru_cache(maxsize=4096)
def matches(pattern: str, value: str) -> bool:
    """Whether a matcher's regular expression, which is anchored, matches a value."""
    try:
        return re2.fullmatch(pattern, value) is not None
    except re2.error:
        return True  # the parser has said so already


def alternatives(pattern: str) -> list[str]:
    """The alternatives of a regular expression, those in its plain groups multiplied out."""
    expanded = [pattern]
    found = [_first_group(pattern)]
    while any(found):
        expanded = [
            f"{each[: group[0]]}{inner}{each[group[1] :]}" if group else each
            for each, group in zip(expanded, found, strict=True)
            for inner in (_split(each[group[0] + group[2] : group[1] - 1]) if group else ("",))
        ]
        if len(expanded) > _MOST:
            return _split(pattern)
        found = [_first_group(each) for each in expanded]
    return list(dict.fromkeys(part for each in expanded for part in _split(each)))


def _split(pattern: str) -> list[str]:
    """The parts between each ``|`` that stands outside of brackets."""
    parts, depth, start = [], 0, 0
    for place, character in _unescaped(pattern):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == "|" and depth == 0:
            parts.append(pattern[start:place])
            start = place + 1
    return [*parts, pattern[start:]]


def _first_group(pattern: str) -> tuple[int, int, int] | None:
    """Start and end of the first outer group with alternatives, and how long its bracket is.

    A group that is repeated or may be missing is no list of values, nor is any inside of it.
    """
    depth = start = 0
    choosing = False
    for place, character in _unescaped(pattern):
        if character == "(":
            if depth == 0:
                start, choosing = place, False
            depth += 1
        elif character == "|":
            choosing = True
        elif character == ")":
            depth -= 1
            bracket = 3 if pattern.startswith("(?:", start) else 1
            plain = bracket == 3 or not pattern.startswith("(?", start)
            after = pattern[place + 1 : place + 2]
            if depth == 0 and choosing and plain and after not in _REPEATED:
                return start, place + 1, bracket
    return None


def _unescaped(pattern: str) -> Iterator[tuple[int, str]]:
    """Each character with its place, without those that are escaped or in a class."""
    escaped = inside = False
    for place, character in enumerate(pattern):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif inside:
            inside = character != "]"
        elif character == "[":
            inside = True
        else:
            yield place, character


_MOST = 64
_REPEATED = frozenset("?*+{")


def as_literal(pattern: str) -> str | None:
    """The one text that a pattern without operators matches; None where it has some."""
    text: list[str] = []
    escaped = False
    for character in pattern:
        if escaped:
            if character.isalnum():
                return None
            text.append(character)
            escaped = False
        elif character == "\\":
            escaped = True
        elif character in _META:
            return None
        else:
            text.append(character)
    return None if escaped else "".join(text)
