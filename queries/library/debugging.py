"""The debugging queries: what is slow, where errors come from, and what they say."""

from __future__ import annotations

from catalog import names
from queries import log_lines, log_patterns
from queries.library import parts
from queries.library.model import Asked, LibraryQuery, Made, Parameter
from queries.library.traces import TRACE_PATH
from queries.logql import LogQL, lines


def _slow(asked: Asked) -> Made:
    found = log_lines.of_event(asked.of, asked.event, asked.matchers)
    field, bound = parts.measured_field(asked).name, asked.tokens["slower_than"]
    return Made(LogQL(f'{found} | {field}>{bound} | __error__=""'))


def _sources(asked: Asked) -> Made:
    told = {label for service in asked.catalog.services for label in service.stream_labels}
    by = (names.SERVICE, *((names.POD,) if names.POD in told else ()))
    counted = log_lines.count(lines(parts.errors(asked)), by, asked.window)
    return Made(parts.topmost(asked, counted), by)


def _patterns(asked: Asked) -> Made:
    matchers = (*asked.matchers, *asked.levels)
    number = int(asked.tokens["top"])
    found = log_patterns.top(asked.of, matchers, number, asked.window)
    return Made(found, (names.ERROR_PATTERN,))


DEBUGGING: tuple[LibraryQuery, ...] = (
    LibraryQuery(
        name="slow-operations",
        title="Slow operations",
        section="debugging",
        subject="one",
        answer="lines",
        cost="json",
        meaning="The lines of operations that took longer than the bound, the newest first. The "
        "default is the bound at which the catalog calls the event slow.",
        hint="The trace of one of them: which step took the time.",
        next=("trace-path", "duration-histogram"),
        build=_slow,
        parameters=(
            parts.of_event("timed"),
            Parameter(
                "slower_than",
                "threshold",
                "A time, as in 500ms or 2s.",
                parts.slow_bound,
                label="Slower than",
            ),
        ),
        applies=lambda service: bool(parts.timed(service)),
        needs="an event that measures a time",
    ),
    LibraryQuery(
        name="error-sources",
        title="Where errors come from",
        section="debugging",
        subject="every",
        answer="rows",
        cost="aggregation",
        meaning="Error lines by service and pod, the most first. One pod far above the others of "
        "its service is a sick pod; all of them alike is a fault of the release or of what it "
        "calls.",
        hint="What the errors of that service say.",
        next=("log-patterns", "failure-share"),
        build=_sources,
        parameters=(parts.TOP,),
        applies=parts.has_level,
        needs="the stream label 'level'",
    ),
    TRACE_PATH,
    LibraryQuery(
        name="log-patterns",
        title="Patterns of messages",
        section="debugging",
        subject="one",
        answer="rows",
        cost="complex",
        meaning="Messages without their numbers, ids and quoted names, so that those that differ "
        "in nothing else are one, the most frequent first.",
        hint="The lines of a pattern, by a piece of its text.",
        next=("pattern-matching", "pattern-anomalies"),
        build=_patterns,
        parameters=(parts.ERROR_LEVEL, parts.TOP),
    ),
)
