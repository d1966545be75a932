"""The advanced patterns: pattern language, regular expressions, binary operators, binning."""

from __future__ import annotations

from catalog import names
from queries import log_alerts, log_lines
from queries.library import parts
from queries.library.model import WHAT, Asked, LibraryQuery, Made, Parameter
from queries.logql import LogQL, aggregate
from queries.text import quote

_BIN = "bin"


def _picked(asked: Asked, stage: str) -> LogQL:
    """The lines in whose message something was picked out."""
    message = asked.of.logs.message
    shown = f"line_format {quote(f'{{{{.{message}}}}}')}"
    matchers = (*asked.matchers, *asked.levels)
    return log_lines.parsed(asked.of, matchers, shown, stage, f'{WHAT}!=""', '__error__=""')


def _anomalies(asked: Asked) -> Made:
    by = (WHAT,)
    found = _picked(asked, f"pattern {asked.tokens['shape']}")
    now = log_lines.count(found, by, asked.window)
    earlier = f"count_over_time({found} [{asked.window}] offset {asked.window})"
    before = aggregate("sum", by, LogQL(earlier))
    return Made(parts.topmost(asked, parts.risen(asked, now, before)), by)


def _regex_counts(asked: Asked) -> Made:
    found = _picked(asked, f"regexp {asked.tokens['expression']}")
    counted = log_lines.count(found, (WHAT,), asked.window)
    return Made(parts.topmost(asked, counted), (WHAT,))


def _failure_share(asked: Asked) -> Made:
    service, event = asked.of, asked.event
    by = log_alerts.counted_by(service, event) or (names.SERVICE,)
    whole = log_lines.count(log_lines.of_event(service, event, asked.matchers), by, asked.window)
    bad = log_lines.of_event(service, event, asked.matchers, bad=True)
    some = log_lines.count(bad, by, asked.window)
    return Made(LogQL(f"({some} or 0 * {whole}) / {whole}"), by, "ratio")


def _histogram(asked: Asked) -> Made:
    field, width = parts.measured_field(asked).name, asked.tokens["width"]
    binned = f"{{{{mulf (floor (divf .{field} {width})) {width}}}}}"
    found = log_lines.of_event(asked.of, asked.event, asked.matchers)
    # Compared with a number, what is none is an error, and left out: a template reads it as 0.
    numbers = f'{found} | {field}>=0 | __error__=""'
    counted = log_lines.count(
        LogQL(f"{numbers} | label_format {_BIN}={quote(binned)}"), (_BIN,), asked.window
    )
    return Made(parts.topmost(asked, counted), (_BIN,))


ADVANCED: tuple[LibraryQuery, ...] = (
    LibraryQuery(
        name="pattern-anomalies",
        title="What messages say more often than before",
        section="advanced",
        subject="one",
        answer="rows",
        cost="complex",
        meaning="What Loki's pattern language picks out of the messages and was picked out "
        "several times as often in this range as in the one just before it, or not at all then.",
        hint="The lines that say it, and since when.",
        next=("pattern-matching", "log-patterns"),
        build=_anomalies,
        parameters=(
            Parameter(
                "shape",
                "pattern",
                f"The message, with <{WHAT}> where the part to count stands and <_> for the rest.",
                lambda _: f"<{WHAT}> <_>",
                label="Shape of the message",
            ),
            parts.LEVEL,
            parts.FACTOR,
            parts.MINIMUM,
            parts.TOP,
        ),
    ),
    LibraryQuery(
        name="regex-counts",
        title="What an expression finds in messages",
        section="advanced",
        subject="one",
        answer="rows",
        cost="complex",
        meaning="How often the messages say what the group of a regular expression matches, the "
        "most frequent first.",
        hint="The lines that say it.",
        next=("pattern-matching", "error-sources"),
        build=_regex_counts,
        parameters=(
            Parameter(
                "expression",
                "regex_what",
                f"A regular expression (RE2) with a group (?P<{WHAT}>…).",
                lambda _: f"(?i)(?P<{WHAT}>time.?out|refused|denied|unavailable|fail(ed|ure))",
                label="Expression",
            ),
            parts.LEVEL,
            parts.TOP,
        ),
    ),
    LibraryQuery(
        name="failure-share",
        title="Share of events that went wrong",
        section="advanced",
        subject="one",
        answer="rows",
        cost="json",
        meaning="Of the events that lines report, the share that went wrong, by what they are "
        "read by: one count divided by another. A part in which nothing went wrong is there "
        "with 0.",
        hint="The part that fails, in its own words.",
        next=("log-patterns", "field-counts"),
        build=_failure_share,
        parameters=(parts.of_event("judged"),),
        applies=lambda service: bool(parts.judged(service)),
        needs="an event of which some outcomes are bad",
        graph=True,
    ),
    LibraryQuery(
        name="duration-histogram",
        title="Histogram of a measured number",
        section="advanced",
        subject="one",
        answer="rows",
        cost="complex",
        meaning="How many events fall into each bin of equal width, by the bin's lower bound in "
        "the unit of the field. Two humps are two kinds of work; a long tail is a slow few.",
        hint="The lines of the highest bins.",
        next=("slow-operations", "latency-percentiles"),
        build=_histogram,
        parameters=(
            parts.of_event("measured"),
            Parameter(
                "width", "number", "The width of a bin, in the field's unit.", parts.bin_width
            ),
            Parameter("top", "count", "The fullest bins, so many at most.", lambda _: "50"),
        ),
        applies=lambda service: bool(parts.measured(service)),
        needs="an event that measures a number",
        by_label=True,
    ),
)
