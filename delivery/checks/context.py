"""What every check is given: the documents, the universe, and each query read once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from catalog import names
from catalog.exporters import Exporter
from catalog.model import Catalog
from delivery.checks import runbook_queries
from delivery.checks.documents import Documents, Rule, Use
from delivery.checks.fill import Filled, fill
from delivery.checks.finding import Finding
from delivery.checks.labels import Known, is_unknown, merged
from delivery.checks.logql_fields import Streams
from delivery.checks.promql_shape import Shape
from delivery.checks.readings import Readings
from delivery.checks.universe import Signal, Universe, emitted

#: Variables that a correlation takes from the log line it stands at.
_OF_A_LINE = frozenset(
    {names.SERVICE, names.NAMESPACE, names.POD, names.CLUSTER, names.ENVIRONMENT}
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query with its answer's shape; None where it could not be read.

    ``unknown`` are the variables in it that nothing defines, with their offsets.
    """

    use: Use
    unknown: tuple[tuple[str, int, int], ...]
    shape: Shape | None


@dataclass(slots=True)
class Context:
    """The catalog, what ships, and what was found while its queries were read."""

    catalog: Catalog
    documents: Documents
    universe: Universe
    readings: Readings
    queries: list[Query] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)

    def of(self, check: str) -> Iterator[Finding]:
        """What reading the queries found under an id."""
        return (fault for fault in self.faults if fault.check == check)


def make_context(
    catalog: Catalog,
    exporters: Iterable[Exporter],
    documents: Documents,
    readings: Readings | None = None,
) -> Context:
    """Reads every query, recorded series first, in the order in which they need each other.

    ``readings`` of another tree of the same catalog save reading again what is the same.
    """
    readings = readings or Readings(Streams(catalog), emitted(catalog, exporters))
    universe = Universe(below=readings.emitted)
    context = Context(catalog, documents, universe, readings)
    recordings = [use for use in documents.uses if use.kind == "recording"]
    for _, alike in groupby(_in_order(recordings), key=lambda use: use.record):
        uses = list(alike)
        if any(use.record in words(use.text) for use in uses):
            context.queries += _running(context, uses)
            continue
        for use in uses:
            query = read_use(context, use)
            context.queries.append(query)
            universe.add(_recorded(use, query.shape))
    _add_alerts(context)
    for use in documents.uses:
        if use.kind != "recording":
            context.queries.append(read_use(context, use))
    _read_runbooks(context)
    return context


def _read_runbooks(context: Context) -> None:
    """A query is at fault that is so for everything its page can be about; it is told of once."""
    for alike in runbook_queries.uses(context.catalog, context.documents):
        before = len(context.faults)
        found = []
        for use in alike:
            start = len(context.faults)
            context.queries.append(read_use(context, use))
            found.append(context.faults[start:])
        context.faults[before:] = found[0] if all(found) else []


def _running(context: Context, uses: list[Use]) -> list[Query]:
    """The rules of a series that reads its own last value, as a running total does.

    Its labels are those of what is added to it. So it is read with none of its own first, then
    with those that were found as if all were always there, and in the end for its faults.
    """
    found = [Signal(uses[0].record, "recorded", "", Known(), uses[0].where)]
    for _ in range(2):
        guess = Universe(below=context.universe)
        for signal in found:
            guess.add(signal)
        shapes = [context.readings.of(use.text, use.language, guess).shape for use in uses]
        last = [_recorded(use, shape) for use, shape in zip(uses, shapes, strict=True)]
        found = [_optimistic(signal) for signal in last]
    for signal in last:
        context.universe.add(signal)
    return [read_use(context, use) for use in uses]


def _optimistic(signal: Signal) -> Signal:
    known = signal.known
    return (
        signal
        if known.anything
        else replace(signal, known=Known(known.labels, frozenset(known.labels)))
    )


def _in_order(recordings: list[Use]) -> list[Use]:
    """Those first that others read; in a cycle, as they stand (``rule/cycle`` says so)."""
    by_name: dict[str, list[Use]] = {}
    for use in recordings:
        by_name.setdefault(use.record, []).append(use)
    ordered: list[Use] = []
    state: dict[str, bool] = {}
    for start, uses in by_name.items():
        stack = [(start, iter(_reads(uses, by_name)))] if start not in state else []
        state.setdefault(start, False)
        while stack:
            name, reads = stack[-1]
            below = next((each for each in reads if each not in state), None)
            if below is None:
                stack.pop()
                state[name] = True
                ordered += by_name[name]
            else:
                state[below] = False
                stack.append((below, iter(_reads(by_name[below], by_name))))
    return ordered


def _reads(uses: list[Use], known: dict[str, list[Use]]) -> list[str]:
    """The recorded names in some expressions; one inside of another's costs nothing but order."""
    return [name for name in known if any(name in use.text for use in uses)]


def words(text: str) -> Iterator[str]:
    """The names in a PromQL expression; a recorded series' name holds colons."""
    return iter(_WORD.findall(text))


_WORD = re.compile(r"[\w:]+")


def _recorded(use: Use, shape: Shape | None) -> Signal:
    if shape is None or shape.known.anything:
        return Signal(use.record, "recorded", "", Known(anything=True), use.where)
    labels = {
        # What nobody knows now is another value tomorrow.
        **{
            label: None if values and any(map(is_unknown, values)) else values
            for label, values in shape.known.labels.items()
        },
        **{key: frozenset({value}) for key, value in use.static},
    }
    sure = shape.known.sure | {key for key, _ in use.static}
    bounds = shape.bounds if shape.buckets else ""
    return Signal(use.record, "recorded", shape.unit, Known(labels, sure), use.where, bounds)


def read_use(context: Context, use: Use) -> Query:
    """One query; what is wrong with it goes to the context's faults."""
    templated = use.kind not in {"recording", "alert", "template", "library", "runbook"}
    # Transformations say what a correlation takes from its line; without any, it is a label.
    of_a_line = use.kind == "correlation" and not use.variables
    own = _OF_A_LINE if of_a_line else frozenset()
    filled = fill(use.text, use.variables, own) if templated else Filled(use.text)
    reading = context.readings.of(filled.text, use.language, context.universe)
    bare = reading.bare if use.kind != "variable" else ()
    for check, reason, remedy, start, end in (*reading.faults, *bare):
        first = filled.original(start)
        last = filled.original(end, end=True) if end > start else first
        finding = Finding(check, use.file, use.where, reason, remedy, use.text, first, last)
        context.faults.append(finding)
    return Query(use, filled.unknown, reading.shape)


def _add_alerts(context: Context) -> None:
    """``ALERTS`` has the labels of every alert, and so of none for sure but its own two."""
    place = context.universe.signal("up")
    shared = place.known.labels if place else {}
    scope = {label: shared[label] for label in names.SCOPE if label in shared}
    alerts: dict[str, list[Rule]] = {}
    for rule in context.documents.rules:
        if rule.kind == "alert" and rule.language == "promql":
            alerts.setdefault(rule.name, []).append(rule)
    for name, rules in alerts.items():
        known = merged(
            Known(
                {
                    **scope,
                    "alertname": frozenset({name}),
                    "alertstate": frozenset({"firing", "pending"}),
                    **{key: frozenset({value}) for key, value in rule.labels.items()},
                },
                frozenset({"alertname", "alertstate"}),
            )
            for rule in rules
        )
        for metric in ("ALERTS", "ALERTS_FOR_STATE"):
            context.universe.add(Signal(metric, "gauge", "none", known, f"the alert {name}"))
