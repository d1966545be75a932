"""Parameters that several queries take, and what tells whether a service has what they read."""

from __future__ import annotations

from catalog import names
from catalog.service import Service
from catalog.signals import Event, Field_
from queries.library import kinds
from queries.library.model import About, Asked, Parameter
from queries.logql import LogQL, aggregate
from queries.text import Matchers, among

#: A trace id that nobody has: that of the W3C's recommendation on trace context.
EXAMPLE_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
#: What trouble calls itself.
TROUBLE = "(?i)time.?out|refused|denied|unavailable|fail(ed|ure)"
_IDS = frozenset({"trace_id", "span_id"})
_NUMBERS = frozenset({"integer", "number"})
#: How slow is slow where the catalog sets no bound, in seconds, and into how many bins all that
#: is not slow is put.
_SLOW, _BINS = 1.0, 50
#: How wide a bin of anything else is: nobody says what is much of it.
_WIDTH = "10"


def has_level(service: Service) -> bool:
    """Whether its streams are told apart by level."""
    return names.LEVEL in service.stream_labels


def errors(asked: Asked) -> Matchers:
    """The streams of error lines."""
    return (*asked.matchers, among(names.LEVEL, asked.catalog.platform.error_levels))


def timed(service: Service) -> tuple[Event, ...]:
    """Its events that measure a time."""
    return tuple(event for event in measured(service) if kinds.is_time(_field(service, event).unit))


def measured(service: Service) -> tuple[Event, ...]:
    """Its events that measure a number."""
    return tuple(event for event in service.logs.events if event.measures)


def judged(service: Service) -> tuple[Event, ...]:
    """Its events of which some outcomes are bad."""
    return tuple(event for event in service.logs.events if event.outcome)


def measured_field(asked: Asked) -> Field_:
    """The field that the chosen event measures."""
    return _field(asked.of, asked.event)


def _field(service: Service, event: Event) -> Field_:
    field = service.logs.field(event.measures or "")
    assert field is not None  # noqa: S101 - the catalog refuses an event that measures no field
    return field


def countable(service: Service) -> tuple[str, ...]:
    """Fields that lines can be counted by: not what every line has another value of."""
    logs = service.logs
    return tuple(
        field.name
        for field in logs.fields
        if field.name not in {logs.timestamp, logs.message}
        and field.type not in _IDS | _NUMBERS | {"timestamp"}
    )


def is_traced(service: Service) -> bool:
    """Whether its lines carry a trace id."""
    return any(field.type == "trace_id" for field in service.logs.fields)


def topmost(asked: Asked, expression: LogQL) -> LogQL:
    """The highest rows, as many as the parameter ``top`` says."""
    return aggregate("topk", (), expression, asked.tokens["top"])


def risen(asked: Asked, now: LogQL, before: LogQL) -> LogQL:
    """What there is enough of now, and more than so many times as much as before.

    What was not there before is not in the second comparison, and so it stays.
    """
    factor, minimum = asked.tokens["factor"], asked.tokens["minimum"]
    return LogQL(f"({now} >= {minimum}) unless ({now} <= {factor} * {before})")


def labelled(expression: LogQL, label: str, value: str) -> LogQL:
    """The same figures with one label more, so that several kinds can stand in one answer."""
    return LogQL(f'label_replace({expression}, "{label}", "{value}", "", "")')


def any_of(expressions: list[LogQL]) -> LogQL:
    """The rows of all of them."""
    return LogQL(" or ".join(expressions))


TOP = Parameter("top", "count", "How many rows at most, the highest first.", lambda _: "10")
MINIMUM = Parameter(
    "minimum",
    "count",
    "Fewer lines than this say nothing.",
    lambda about: str(min(500, about.catalog.platform.thresholds.minimum_events)),
)
FACTOR = Parameter(
    "factor",
    "number",
    "How many times as many as before are too many.",
    lambda about: f"{about.catalog.platform.thresholds.error_lines_factor:g}",
)
LEVEL = Parameter(
    names.LEVEL,
    "levels",
    "Levels of the lines, with commas between.",
    lambda about: ",".join(about.catalog.platform.levels),
    label="Level",
)
ERROR_LEVEL = Parameter(
    names.LEVEL,
    "levels",
    "Levels of the lines, with commas between.",
    lambda about: ",".join(
        about.catalog.platform.error_levels
        if about.service is None or has_level(about.service)
        else about.catalog.platform.levels
    ),
    label="Level",
)
TRACE = Parameter(
    "trace_id",
    "trace_id",
    "The trace, by its id.",
    example=EXAMPLE_TRACE,
    label="Trace id",
)


def of_event(choices: str) -> Parameter:
    """The event that a query is about; ``choices`` says which events it can be about."""
    find = {"timed": timed, "measured": measured, "judged": judged}[choices]

    def known(about: About) -> tuple[str, ...]:
        return tuple(event.id for event in find(about.service)) if about.service else ()

    return Parameter(
        "event",
        "choice",
        "Which of the service's events.",
        lambda about: next(iter(known(about)), ""),
        choices=known,
    )


def slow_bound(about: About) -> str:
    """From when on the event is slow, as a threshold is written."""
    unit = kinds.measured(about)
    bound = about.event.slow if about.event else None
    return kinds.spelled(bound.above if bound else float(kinds.in_unit(_SLOW, unit)), unit)


def bin_width(about: About) -> str:
    """The fiftieth part of what is slow, in the unit of the field."""
    service, event = about.service, about.event
    if service is None or event is None or event not in timed(service):
        return _WIDTH
    unit = kinds.measured(about)
    bound = event.slow.above if event.slow else float(kinds.in_unit(_SLOW, unit))
    return f"{bound / _BINS:.10g}"
