"""Vector matching, which PromQL and LogQL share: can the two sides meet, and in what units?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from catalog import names
from catalog.signals import MEASURES
from delivery.checks.labels import Known, added, is_unknown, nearest, only, without

#: id, reason, remedy, the word in the query that is at fault.
Report = Callable[[str, str, str, str], None]

_SHOWN = 3
_OF_A_TARGET = frozenset({*names.TARGET_LABELS, names.COMPONENT, names.TRACK})
#: Divided by this number, a unit is another one.
CONVERTED: dict[tuple[str, float | None], str] = {("milliseconds", 1000): "seconds"}


class Operand(Protocol):
    """A side of an operation."""

    @property
    def vector(self) -> bool:
        """Whether it is a vector, and no scalar."""

    @property
    def unit(self) -> str:
        """What its numbers measure."""

    @property
    def number(self) -> float | None:
        """A scalar's value where that is written out."""


@dataclass(frozen=True, slots=True)
class Matching:
    """``on`` or ignoring these labels; ``many`` is the side of group_left or group_right."""

    on: bool = False
    labels: tuple[str, ...] = ()
    many: str = "one"
    included: tuple[str, ...] = ()


def matched(report: Report, operator: str, left: Known, right: Known, matching: Matching) -> Known:
    """The labels of the answer of an operation on two vectors."""
    on, labels = matching.on, matching.labels
    joinable(report, operator, left, right, matching)
    _unique(report, operator, left, right, matching)
    if matching.many == "one":
        return only(left, labels) if on else without(left, labels)
    known, one = (left, right) if matching.many == "left" else (right, left)
    for label in matching.included:
        if not one.has(label):
            report(
                "label/missing",
                f"group_{matching.many} copies the label '{label}', which the other side has not",
                nearest(label, one.labels),
                label,
            )
        known = added(known, label, one.labels.get(label))
    return known


def joinable(report: Report, operator: str, left: Known, right: Known, matching: Matching) -> None:
    """Says where no series of the one side can ever meet one of the other."""
    on, labels = matching.on, matching.labels
    if left.anything or right.anything:
        return
    if on:
        for label in labels:
            for side, name in ((left, "left"), (right, "right")):
                if not side.has(label):
                    report(
                        "label/join",
                        f"'{operator}' matches on '{label}', which the {name} side has not",
                        nearest(label, side.labels),
                        label,
                    )
        compared = frozenset(labels)
    else:
        ignored = frozenset(labels)
        for side, other, name in ((left, right, "left"), (right, left, "right")):
            for label in sorted(side.labels.keys() - ignored - other.labels.keys()):
                never = "never matches" if label in side.sure else f"matches no '{label}'"
                report(
                    "label/join",
                    f"'{operator}' {never}: only the {name} side has '{label}'",
                    f"Write on (…) or ignoring ({label})",
                    operator,
                )
        compared = frozenset(left.labels.keys() & right.labels.keys()) - ignored
    for label in sorted(compared):
        one, two = left.labels.get(label), right.labels.get(label)
        if one and two and not one & two and not any(map(is_unknown, one | two)):
            report(
                "label/join",
                f"'{operator}' never matches: '{label}' is {_some(one)} on the left and "
                f"{_some(two)} on the right",
                "Match on other labels, or correct a matcher",
                operator,
            )


def named(report: Report, operator: str, left: Known, right: Known, matching: Matching) -> None:
    """Says where two sides are told apart by a label that neither has, as all is then alike."""
    if left.anything or right.anything or not matching.on:
        return
    for label in matching.labels:
        if not (left.has(label) or right.has(label)):
            report(
                "label/join",
                f"'{operator}' matches on '{label}', which neither side has",
                nearest(label, {*left.labels, *right.labels}),
                label,
            )


def _unique(report: Report, operator: str, left: Known, right: Known, matching: Matching) -> None:
    """Says where several series of a side that may have but one would meet, which is an error."""
    on, labels = matching.on, matching.labels
    for side, name in ((left, "left"), (right, "right")):
        compared = frozenset(labels) if on else side.labels.keys() - frozenset(labels)
        # A label that is copied is one that each series has one of; so are a target's own.
        told = _OF_A_TARGET if names.INSTANCE in compared else frozenset()
        spare = sorted(side.varying() - compared - told - frozenset(matching.included))
        if spare and not side.anything and matching.many != name:
            other = f", or say group_{name}" if matching.many == "one" else ""
            report(
                "label/join",
                f"'{operator}' can meet several series of the {name} side, which differ in "
                f"'{spare[0]}'",
                f"Aggregate '{spare[0]}' away{other}",
                operator,
            )


def alike(report: Report, operator: str, left: str, right: str) -> None:
    """Says where two units are put together that are not alike.

    ``or`` does not add them up, so that there one thing counted is like another.
    """
    if operator == "or":
        left, right = _dimension(left), _dimension(right)
    if operator in {"+", "-"} and "timestamp" in {left, right} and "seconds" in {left, right}:
        return  # so long before or after
    if left and right and left != right:
        report(
            "metric/unit",
            f"'{operator}' puts {left} and {right} together",
            "Convert one of the two, or ask for another metric",
            operator,
        )


def _dimension(unit: str) -> str:
    """The unit, with whatever is counted as a plain count."""
    base, slash, per = unit.partition("/")
    return unit if not base or base in MEASURES else f"count{slash}{per}"


def unit(operator: str, left: Operand, right: Operand) -> str:
    """The unit of an arithmetic operation's answer; "" where nothing can be said."""
    if operator in {"^", "atan2"}:
        return ""
    if operator == "/":
        if not right.vector and not right.unit:
            return CONVERTED.get((left.unit, right.number), left.unit)
        if left.unit and left.unit == right.unit:
            return "ratio"
        return ""
    if operator == "*":
        if 0 in {left.number, right.number}:
            return ""  # nothing is nothing of anything
        if "ratio" in {left.unit, right.unit}:
            return left.unit if right.unit == "ratio" else right.unit
        if not (left.vector and right.vector):
            return left.unit or right.unit
        return ""
    if operator == "%" and left.unit == "timestamp" and not right.vector:
        return "seconds"  # since the last full hour, day or whatever it is divided by
    if "timestamp" in {left.unit, right.unit}:
        return "seconds" if operator == "-" and left.unit == right.unit else "timestamp"
    return left.unit or right.unit


def _some(values: frozenset[str]) -> str:
    shown = sorted(values)
    rest = " …" if len(shown) > _SHOWN else ""
    return " or ".join(f"'{value}'" for value in shown[:_SHOWN]) + rest
