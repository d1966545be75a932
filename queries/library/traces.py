"""The queries about one trace, or about traces of which several services complain.

A trace id is in the line on Loki 2.9 and in structured metadata on 3.x, unless the catalog says
otherwise. Parser first and filter then reads both; each release has a form that reads less.
"""

from __future__ import annotations

from catalog import names
from catalog.model import Catalog
from catalog.service import Service
from queries import log_lines, trace_links
from queries.library import parts
from queries.library.model import Asked, LibraryQuery, Made, Parameter
from queries.logql import LogQL, aggregate, line_format, lines
from queries.text import quote


def _parsers(asked: Asked) -> tuple[str, ...]:
    return log_lines.parsers(traced(asked.catalog))


def traced(catalog: Catalog) -> tuple[Service, ...]:
    """The services whose lines carry a trace id."""
    return tuple(filter(parts.is_traced, catalog.services))


def _of_trace(asked: Asked) -> str:
    """The filter that finds the trace; of an empty variable it finds nothing."""
    fields = trace_links.traced_fields(asked.catalog)
    wanted = " or ".join(f"{field}={asked.tokens['trace_id']}" for field in fields)
    if not asked.templated:
        return wanted
    there = " or ".join(f'{field}!=""' for field in fields)
    return f"{there} | {wanted}"


def _lines(asked: Asked) -> LogQL:
    return lines(asked.matchers, *_parsers(asked), _of_trace(asked))


def _trace_logs(asked: Asked) -> Made:
    return Made(_lines(asked))


def _in_line(asked: Asked) -> Made:
    """For Loki 2.9: most lines are gone before one is parsed."""
    found = f"{lines(asked.matchers)} |= {asked.tokens['trace_id']}"
    return Made(LogQL(" | ".join((found, *_parsers(asked), _of_trace(asked)))))


def _in_metadata(asked: Asked) -> Made:
    """For Loki 3 where the id is structured metadata: no line is parsed to find it."""
    return Made(lines(asked.matchers, _of_trace(asked)))


def _path(asked: Asked) -> Made:
    services = traced(asked.catalog)
    messages = (service.logs.message for service in services)
    times = (event.measures for service in services for event in parts.timed(service))
    shown = (names.SERVICE, names.LEVEL, *messages, *(name for name in times if name))
    return Made(LogQL(f"{_lines(asked)} | {line_format(dict.fromkeys(shown))}"))


def _correlation(asked: Asked) -> Made:
    """One name for the id, where services call it differently."""
    fields = trace_links.traced_fields(asked.catalog)
    field = fields[0]
    stages = [*_parsers(asked)]
    if len(fields) > 1:
        either = "".join(f"{{{{if .{name}}}}}{{{{.{name}}}}}{{{{else}}}}" for name in fields)
        stages.append(f"label_format {field}={quote(either + '{{end}}' * len(fields))}")
    found = lines(parts.errors(asked), *stages, f'{field}!=""', '__error__=""')
    each = log_lines.count(found, (field, names.SERVICE), asked.window)
    several = LogQL(f"{aggregate('count', (field,), each)} >= {asked.tokens['services']}")
    return Made(parts.topmost(asked, several), (field,), "services")


TRACE_LOGS = LibraryQuery(
    name="trace-logs",
    title="Log lines of a trace",
    section="essential",
    subject="every",
    answer="lines",
    cost="json",
    meaning="Every line that carries the trace's id, of all services that took part, the newest "
    "first. Lines without an id cannot be found this way.",
    hint="The same lines in the order of the request, and the trace itself in Jaeger.",
    next=("trace-path", "slow-operations"),
    build=_trace_logs,
    parameters=(parts.TRACE,),
    applies=parts.is_traced,
    needs="a trace id",
    faster={"2.9": _in_line, "3": _in_metadata},
)
CORRELATION = LibraryQuery(
    name="correlation",
    title="Traces that fail in several services",
    section="essential",
    subject="every",
    answer="rows",
    cost="complex",
    meaning="Traces of which several services wrote an error line, with the number of those "
    "services: one fault that went through the system, and not several.",
    hint="The lines of such a trace in order: who complained first is nearest to the cause.",
    next=("trace-path", "trace-logs"),
    build=_correlation,
    parameters=(
        Parameter("services", "count", "At least so many services.", lambda _: "2"),
        parts.TOP,
    ),
    applies=lambda service: parts.is_traced(service) and parts.has_level(service),
    needs="a trace id, and the stream label 'level'",
    least_services=2,
)
TRACE_PATH = LibraryQuery(
    name="trace-path",
    title="A request's way by its trace",
    section="debugging",
    subject="every",
    answer="lines",
    cost="json",
    meaning="The lines of a trace in the order in which they were written, each as its service, "
    "level, message and duration: the way of one request. Clocks of two pods may differ by "
    "milliseconds.",
    hint="The first error on the way, or the longest step.",
    next=("trace-logs", "slow-operations"),
    build=_path,
    parameters=(parts.TRACE,),
    applies=parts.is_traced,
    needs="a trace id",
    oldest_first=True,
)
