"""Which series a PromQL selector chooses, and what is wrong with its name and matchers."""

from __future__ import annotations

from collections.abc import Callable

import promql_parser as pq

from catalog import names
from delivery.checks.labels import (
    Known,
    alternatives,
    as_literal,
    impossible,
    matches,
    narrowed,
    nearest,
    possible,
)
from delivery.checks.universe import Signal, Universe

#: id, reason, remedy, the word in the query that is at fault.
Fault = tuple[str, str, str, str]
Report = Callable[[str, str, str, str], None]

_NAME = "__name__"
_OPERATORS = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
#: Label, operator, value.
_Matcher = tuple[str, str, str]


def matchers_of(node: pq.VectorSelector) -> list[_Matcher]:
    """The matchers in the braces."""
    return [
        (each.name, _OPERATORS[str(each.op).rsplit(".", 1)[-1]], each.value)
        for each in node.matchers.matchers
    ]


def selected(
    universe: Universe, report: Report, node: pq.VectorSelector
) -> tuple[Signal, Known] | None:
    """What the name means and what is left behind the matchers; None where nobody can say."""
    matchers = matchers_of(node)
    name = node.name or next(
        (value for label, operator, value in matchers if (label, operator) == (_NAME, "=")), None
    )
    if name is None:
        _search(universe, report, matchers)
        return None
    services = (each[2] for each in matchers if each[:2] == (names.SERVICE, "="))
    signal = universe.signal(name, next(services, None))
    if signal is None:
        _unknown(universe, report, name)
        return None
    wanted = tuple(each for each in matchers if each[0] != _NAME)
    known, faults = universe.remember((signal, wanted), _matched)
    for fault in faults:
        report(*fault)
    return signal, known


def _unknown(universe: Universe, report: Report, name: str) -> None:
    report("metric/unknown", f"nobody emits '{name}'", nearest(name, universe.names), name)


def _search(universe: Universe, report: Report, matchers: list[_Matcher]) -> None:
    """``{__name__=~"…"}``: each name that is written out, and each pattern, has to be of one."""
    for label, operator, value in matchers:
        if (label, operator) != (_NAME, "=~"):
            continue
        for pattern in alternatives(value):
            literal = as_literal(pattern)
            if literal is not None:
                if literal not in universe:
                    _unknown(universe, report, literal)
            elif not any(matches(pattern, name) for name in universe.names):
                report(
                    "metric/unknown",
                    f"nobody emits anything called '{pattern}'",
                    nearest(pattern, universe.names),
                    pattern,
                )


def _matched(signal: Signal, matchers: tuple[_Matcher, ...]) -> tuple[Known, tuple[Fault, ...]]:
    """What is left behind the matchers, and what is wrong with them."""
    known = signal.known
    faults: list[Fault] = []
    if known.anything:
        return known, ()
    for label, operator, value in matchers:
        if label not in known.labels:
            if not (value == "" and operator in {"=", "=~"}):
                reason = f"'{signal.name}' has no label '{label}'"
                faults.append(("label/missing", reason, nearest(label, known.labels), label))
            continue
        values = known.labels[label]
        for wrong in impossible(operator, value, values):
            reason = f"'{label}' of '{signal.name}' is never '{wrong}'"
            faults.append(("label/value", reason, nearest(wrong, values or ()), wrong))
        left = narrowed(operator, value, values)
        if left is None or left:
            known = Known({**known.labels, label: left}, known.sure)
    if not faults and not _fits_one(signal, matchers):
        asked = ", ".join(f'{label}{operator}"{value}"' for label, operator, value in matchers)
        reason = f"no series of '{signal.name}' has all of this at once: {asked}"
        faults.append(("label/value", reason, "Ask for what one of them has", signal.name))
    return known, tuple(faults)


def _fits_one(signal: Signal, matchers: tuple[_Matcher, ...]) -> bool:
    """Whether one of the series that are merged here can have all that is asked for."""
    return not signal.variants or any(
        all(possible(operator, value, variant, label) for label, operator, value in matchers)
        for variant in signal.variants
    )
