"""The signals a service emits: metrics, log fields and the events its log lines report."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from catalog.base import Model, Sourced
from catalog.bounds import Bound, Watch
from catalog.regex import Regex
from catalog.scalars import Identifier, LabelName, LabelValue, Line, MetricName, MisfitError, Title

#: The units that a panel formats. Any other word in the plural is a count of such things.
MEASURES = frozenset(
    {"bytes", "count", "info", "milliseconds", "none", "ratio", "seconds", "timestamp"}
)


def _unit(value: str) -> str:
    close = difflib.get_close_matches(value, MEASURES, n=1, cutoff=0.85)
    if close and close != [value]:
        raise MisfitError(f"is '{value}'", f"Did you mean '{close[0]}'?")
    return value


def distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, each of them once.

    :raises MisfitError: one stands there a second time.
    """
    for index, name in enumerate(names):
        if name in names[:index]:
            raise MisfitError(f"is '{name}' a second time", "Remove it", index)
    return names


Unit = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]+(_[a-z]+)*$", max_length=24),
    AfterValidator(_unit),
]
#: What a generator may do with a metric beyond showing it by its labels.
Role = Literal["build_info", "log_errors", "log_lines", "requests"]
Home = Literal["stream_label", "structured_metadata", "line"]
Values = Annotated[tuple[LabelValue, ...], Field(min_length=1), AfterValidator(distinct)]
Names = Annotated[tuple[LabelName, ...], AfterValidator(distinct)]
#: Which values of which labels: ``{outcome: [denied, failed]}``.
Selection = Annotated[dict[LabelName, Values], Field(min_length=1)]


class Metric(Sourced):
    """One metric as a service, or the agent on its behalf, exposes it.

    ``name`` is the exposed family (a histogram without ``_bucket``). ``labels`` holds the
    metric's own labels with every value they can take, ``None`` where the set is open;
    the labels of the target come on top. ``by`` are the labels people read it by.
    ``good`` and ``bad`` split its events; at most one of the two, the rest is the other.
    ``watch`` looks at some outcomes apart. ``slow`` bounds a histogram's 99th percentile,
    ``ceiling`` what a gauge adds up to by the labels it is read by.
    """

    name: MetricName
    type: Literal["counter", "gauge", "histogram"]
    unit: Unit
    help: Line
    title: Title
    counts: Unit | None = None
    emitted_by: Literal["application", "agent"]
    emission: Literal["always", "lazy"]
    labels: dict[LabelName, Values | None] = {}
    by: Names = ()
    good: Selection | None = None
    bad: Selection | None = None
    role: Role | None = None
    buckets: tuple[float, ...] = ()
    exemplars: bool = False
    watch: tuple[Watch, ...] = ()
    slow: Bound | None = None
    ceiling: Bound | None = None

    @model_validator(mode="after")
    def _is_coherent(self) -> Metric:
        self._has_bounds_if_it_needs_them()
        if self.good and self.bad:
            raise MisfitError(
                "stands beside 'good'", "Keep one of the two: the rest is the other", "bad"
            )
        if self.type == "gauge" and (self.good or self.bad):
            raise MisfitError(
                "splits events, and a gauge counts none",
                "Remove it, or make the metric a counter",
                "good" if self.good else "bad",
            )
        for index, label in enumerate(self.by):
            if label not in self.labels:
                raise undeclared(label, "label", self.labels, "by", index)
        for key, selection in (("good", self.good), ("bad", self.bad)):
            for label, values in (selection or {}).items():
                if label not in self.labels:
                    raise undeclared(label, "label", self.labels, key, label)
                refuse_unknown_values(label, values, self.labels[label], key, label)
        return self

    def _has_bounds_if_it_needs_them(self) -> None:
        if self.type == "histogram" and not self.buckets:
            raise MisfitError(
                "is a histogram without 'buckets'",
                "Add their upper bounds, as in 'buckets: [0.1, 0.5, 1]'",
            )
        if self.type != "histogram" and self.buckets:
            raise MisfitError(
                f"belongs to a histogram, not to a {self.type}",
                "Remove the buckets, or make it a histogram",
                "buckets",
            )
        if list(self.buckets) != sorted(set(self.buckets)):
            raise MisfitError(
                "does not rise from one bound to the next", "Sort them, each bound once", "buckets"
            )
        if self.exemplars and self.type == "gauge":
            raise MisfitError("is true, and a gauge carries no exemplars", "Remove it", "exemplars")


def undeclared(name: str, what: str, known: Iterable[str], *at: str | int) -> MisfitError:
    """Some ``what`` is read that is not among the ``known``."""
    return MisfitError(
        f"reads the {what} '{name}', which is not declared", one_of(name, known), *at
    )


def refuse_unknown_values(
    name: str, values: tuple[str, ...], known: tuple[str, ...] | None, *at: str | int
) -> None:
    """Raise if ``name`` cannot have one of the ``values``; where known is None, it can."""
    for index, value in enumerate(values):
        if known is not None and value not in known:
            raise MisfitError(
                f"is '{value}', a value that '{name}' never has", one_of(value, known), *at, index
            )


def one_of(name: str, known: Iterable[str]) -> str:
    """The remedy for a name that is not known: the nearest one, or all there are."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known are {', '.join(choices)}" if choices else "None is declared; declare it first"


class Lives(Model):
    """Where a field is found, by Loki release: the store of 2.9 has no structured metadata."""

    loki_2_9: Literal["stream_label", "line"]
    loki_3: Home


class Field_(Model):  # noqa: N801 - Field is pydantic's
    """One field of a service's log lines."""

    name: LabelName
    type: Literal["string", "integer", "number", "timestamp", "trace_id", "span_id"]
    unit: Unit
    help: Line
    values: Values | None = None
    lives: Lives


class Outcome(Model):
    """Which values of a field mean that an event went wrong."""

    field: LabelName
    bad: Values


class Event(Model):
    """A class of log lines that report one thing that happened.

    ``match`` says which lines, ``by`` the fields people read it by, ``measures`` a numeric
    field, ``trail`` the fields of its one-line form, ``counted_by`` the metric that counts
    the same events, which is cheaper to ask than the lines. ``watch`` looks at some outcomes
    apart. ``slow`` bounds the 99th percentile of a measured time, ``ceiling`` the mean of
    anything else that is measured.
    """

    id: Identifier
    title: Title
    help: Line
    match: Selection
    by: Names = ()
    outcome: Outcome | None = None
    measures: LabelName | None = None
    trail: Annotated[Names, Field(min_length=1)]
    counted_by: MetricName | None = None
    watch: tuple[Watch, ...] = ()
    slow: Bound | None = None
    ceiling: Bound | None = None


class Multiline(Model):
    """How records that span lines are told apart: a regular expression of the first line."""

    first_line: Regex


class Logs(Model):
    """What a service writes: the format, its fields and the events in it."""

    format: Literal["json", "logfmt"]
    multiline: Multiline | None = None
    timestamp: LabelName
    message: LabelName
    fields: Annotated[tuple[Field_, ...], Field(min_length=1)]
    events: tuple[Event, ...] = ()

    def field(self, name: str) -> Field_ | None:
        """The field of that name, or None."""
        return next((field for field in self.fields if field.name == name), None)

    @model_validator(mode="after")
    def _fields_exist(self) -> Logs:
        names = [field.name for field in self.fields]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise MisfitError(
                    f"is '{name}' a second time",
                    "Keep one of the two fields",
                    "fields",
                    index,
                    "name",
                )
        for role, name in (("timestamp", self.timestamp), ("message", self.message)):
            if name not in names:
                raise undeclared(name, "field", names, role)
        ids = [event.id for event in self.events]
        for index, event in enumerate(self.events):
            if event.id in ids[:index]:
                raise MisfitError(
                    f"is '{event.id}' a second time", "Choose another id", "events", index, "id"
                )
            self._event_reads_known_fields(event, index)
        return self

    def _event_reads_known_fields(self, event: Event, index: int) -> None:
        fields = {field.name: field for field in self.fields}
        read: list[tuple[str, tuple[str | int, ...]]] = [
            *((name, ("match", name)) for name in event.match),
            *((name, ("by", at)) for at, name in enumerate(event.by)),
            *((name, ("trail", at)) for at, name in enumerate(event.trail)),
        ]
        if event.outcome:
            read.append((event.outcome.field, ("outcome", "field")))
        if event.measures:
            read.append((event.measures, ("measures",)))
        for name, at in read:
            if name not in fields:
                raise undeclared(name, "field", fields, "events", index, *at)
        for name, values in event.match.items():
            refuse_unknown_values(name, values, fields[name].values, "events", index, "match", name)
        if event.outcome:
            name, values = event.outcome.field, event.outcome.bad
            refuse_unknown_values(
                name, values, fields[name].values, "events", index, "outcome", "bad"
            )
        if event.measures and fields[event.measures].type not in {"integer", "number"}:
            raise MisfitError(
                f"reads '{event.measures}', which is no number",
                "Name a field of type integer or number",
                "events",
                index,
                "measures",
            )
