"""The ten essential queries, by the names that the system's description gives them."""

from __future__ import annotations

from catalog import names
from catalog.service import Service
from queries import log_lines, log_streams
from queries.library import loki_lines as said_by_loki
from queries.library import parts
from queries.library.model import Asked, LibraryQuery, Made, Parameter
from queries.library.traces import CORRELATION, TRACE_LOGS
from queries.logql import LogQL, aggregate, lines, over

#: The percentiles that a distribution is told by.
_PERCENTILES = (0.5, 0.9, 0.99)
_PERCENTILE, _LABEL = "percentile", "label"


def _error_rate(asked: Asked) -> Made:
    by = (names.SERVICE,)
    every = log_lines.count(lines(asked.matchers), by, asked.window)
    bad = log_lines.count(lines(parts.errors(asked)), by, asked.window)
    return Made(LogQL(f"({bad} or 0 * {every}) / {every}"), by, "ratio")


def _percentiles(asked: Asked) -> Made:
    service, event, field = asked.of, asked.event, parts.measured_field(asked)
    found = log_lines.of_event(service, event, asked.matchers)
    unwrapped = f'{found} | unwrap {field.name} | __error__="" [{asked.window}]'
    each = [
        parts.labelled(
            LogQL(f"quantile_over_time({q:g}, {unwrapped}) by ({names.SERVICE})"),
            _PERCENTILE,
            f"p{q * 100:g}",
        )
        for q in _PERCENTILES
    ]
    return Made(parts.any_of(each), (_PERCENTILE,), field.unit)


def _volume(asked: Asked) -> Made:
    by = (names.LEVEL,) if parts.has_level(asked.of) else (names.SERVICE,)
    return Made(log_lines.count(lines(asked.matchers), by, asked.window), by)


def _matching(asked: Asked) -> Made:
    found = lines((*asked.matchers, *asked.levels))
    return Made(LogQL(f"{found} |~ {asked.tokens['matches']}"))


def _field_counts(asked: Asked) -> Made:
    field = asked.words["field"]
    # A field that is structured metadata is there beside a line that cannot be read.
    found = log_lines.parsed(asked.of, asked.matchers, f'{field}!=""', '__error__=""')
    counted = log_lines.count(found, (field,), asked.window)
    return Made(parts.topmost(asked, counted), (field,))


def _spikes(asked: Asked) -> Made:
    by, found = (names.SERVICE,), lines(parts.errors(asked))
    now = log_lines.count(found, by, asked.tokens["window"])
    earlier = f"{found} [{asked.tokens['window']}] offset {asked.tokens['before']}"
    before = aggregate("sum", by, LogQL(f"count_over_time({earlier})"))
    return Made(parts.risen(asked, now, before), by)


def _cardinality(asked: Asked) -> Made:
    counted = over("count_over_time", lines(asked.matchers), asked.tokens["window"])
    each = [
        parts.labelled(_values_of(counted, label), _LABEL, label)
        for label in sorted(told_apart_by(asked.of))
    ]
    streams = log_streams.streams(asked.of, counted)
    whole = aggregate("count", (names.SERVICE,), streams)
    return Made(
        parts.any_of([*each, parts.labelled(whole, _LABEL, "all together")]), (_LABEL,), "values"
    )


def told_apart_by(service: Service) -> set[str]:
    """The stream labels that tell a service's streams apart within a place."""
    return set(service.stream_labels) - {*names.SCOPE, names.SERVICE}


def _values_of(counted: LogQL, label: str) -> LogQL:
    each = aggregate("sum", (names.SERVICE, label), counted)
    return aggregate("count", (names.SERVICE,), each)


def _performance(asked: Asked) -> Made:
    said = f'{lines(asked.matchers)} |= "{said_by_loki.MARK}" | {said_by_loki.FORMAT}'
    unwrapped = f'unwrap duration({said_by_loki.DURATION}) | __error__=""'
    found = f'{said} | {said_by_loki.QUERY}!="" | {unwrapped} [{asked.window}]'
    by = said_by_loki.SHOWN
    slowest = LogQL(f"max_over_time({found}) by ({', '.join(by)})")
    return Made(parts.topmost(asked, slowest), by, "seconds")


ESSENTIAL: tuple[LibraryQuery, ...] = (
    LibraryQuery(
        name="error-rate",
        title="Error rate by service",
        section="essential",
        subject="every",
        answer="rows",
        cost="aggregation",
        meaning="The share of each service's lines that are of an error level: 0.02 is two lines "
        "in a hundred. A service without an error line is there with 0; one without any line is "
        "not there.",
        hint="A share that is higher than the others': what the errors are, and when they began.",
        next=("error-sources", "error-spikes", "log-patterns"),
        build=_error_rate,
        applies=parts.has_level,
        needs="the stream label 'level'",
        graph=True,
    ),
    LibraryQuery(
        name="latency-percentiles",
        title="Latency percentiles",
        section="essential",
        subject="one",
        answer="rows",
        cost="json",
        meaning="How long the service's operations took, as its lines say: half of them at most "
        "p50, 99 of 100 at most p99. Exact, since it is computed from each line and from no "
        "buckets.",
        hint="A p99 far above p50 is a slow few, which the lines name.",
        next=("slow-operations", "duration-histogram"),
        build=_percentiles,
        parameters=(parts.of_event("timed"),),
        applies=lambda service: bool(parts.timed(service)),
        needs="an event that measures a time",
        graph=True,
        by_label=True,
    ),
    LibraryQuery(
        name="volume-trend",
        title="Log volume trend",
        section="essential",
        subject="one",
        answer="series",
        cost="aggregation",
        meaning="How many lines there are in each interval, by level. The intervals touch and do "
        "not overlap, so that they add up to the lines of the range.",
        hint="A sudden rise of one level, or a gap: what changed then.",
        next=("error-rate", "field-counts"),
        build=_volume,
        graph=True,
    ),
    TRACE_LOGS,
    LibraryQuery(
        name="pattern-matching",
        title="Lines that match a pattern",
        section="essential",
        subject="one",
        answer="lines",
        cost="complex",
        meaning="The newest lines in which a regular expression matches anywhere. Each line of "
        "the chosen levels is read, so that fewer levels and a shorter range answer sooner.",
        hint="How often it happens, and in which words.",
        next=("regex-counts", "log-patterns"),
        build=_matching,
        parameters=(
            Parameter(
                "matches",
                "regex",
                "A regular expression (RE2).",
                lambda _: parts.TROUBLE,
                label="Matches",
            ),
            parts.LEVEL,
        ),
    ),
    LibraryQuery(
        name="field-counts",
        title="Lines by a field",
        section="essential",
        subject="one",
        answer="rows",
        cost="json",
        meaning="How many lines have which value of a field of theirs, the most frequent first. "
        "Lines without the field are not counted.",
        hint="The lines of the value that stands out.",
        next=("pattern-matching", "failure-share"),
        build=_field_counts,
        parameters=(
            Parameter(
                "field",
                "choice",
                "A field of the service's lines.",
                lambda about: _first_field(about.service),
                choices=lambda about: parts.countable(about.service) if about.service else (),
            ),
            parts.TOP,
        ),
        applies=lambda service: bool(parts.countable(service)),
        needs="a field that is text",
    ),
    LibraryQuery(
        name="error-spikes",
        title="Error spikes",
        section="essential",
        subject="every",
        answer="rows",
        cost="aggregation",
        meaning="The error lines of each service that has many times as many of them now as a "
        "while before. Nothing is the good answer.",
        hint="Where the errors come from, and whether a release began then.",
        next=("error-sources", "log-patterns"),
        build=_spikes,
        parameters=(
            Parameter("window", "duration", "How long now is.", lambda _: "5m"),
            Parameter("before", "duration", "How long ago it is compared with.", lambda _: "1h"),
            parts.FACTOR,
            parts.MINIMUM,
        ),
        applies=parts.has_level,
        needs="the stream label 'level'",
        own_window=True,
    ),
    CORRELATION,
    LibraryQuery(
        name="label-cardinality",
        title="Label cardinality",
        section="essential",
        subject="one",
        answer="rows",
        cost="aggregation",
        meaning="How many values each stream label of the service has, and how many streams they "
        "make all together. Each stream is a file of its own to Loki: hundreds of values of "
        "one label are too many for a label.",
        hint="A label with many values belongs into the line or into structured metadata.",
        next=("volume-trend", "field-counts"),
        build=_cardinality,
        parameters=(
            Parameter("window", "duration", "Streams with a line within it.", lambda _: "5m"),
        ),
        applies=lambda service: bool(told_apart_by(service)),
        needs="a stream label beside where it is from",
        own_window=True,
    ),
    LibraryQuery(
        name="query-performance",
        title="Query performance",
        section="essential",
        subject="loki",
        answer="rows",
        cost="json",
        meaning="The slowest queries that Loki answered, by their text, with the time that each "
        "took at its slowest. Loki writes a line about each; a range that it split is told of "
        "in parts.",
        hint="A query that is slow by itself: fewer streams, a line filter before the parser, a "
        "shorter range.",
        next=("label-cardinality", "volume-trend"),
        build=_performance,
        parameters=(parts.TOP,),
        needs="Loki's own lines, which the agents collect in Kubernetes",
    ),
)


def _first_field(service: Service | None) -> str:
    """What the first event is read by; else the first field with a closed set of values."""
    if service is None:
        return ""
    known = parts.countable(service)
    read = [name for event in service.logs.events for name in event.by if name in known]
    closed = [
        field.name
        for field in service.logs.fields
        if field.values and field.name in known and field.name != names.LEVEL
    ]
    return next(iter([*read, *closed, *known]), "")
