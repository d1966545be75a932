"""Error messages as patterns: what is the same but for its numbers and names is one message.

A pattern is the message's first line, in which every word with a digit (a number, an id, an
address, a time), every long hexadecimal word and every text in double quotes is one blank to be
filled, and of which the first hundred characters count. The functions are those of Loki 2.9.4
and later alike (pkg/logql/log/fmt.go).
"""

from __future__ import annotations

from typing import Final

from catalog import names
from catalog.service import Service
from queries import log_lines
from queries.logql import LogQL, aggregate, over
from queries.text import Matchers, among, equal, quote

#: Messages of this window ...
NOW: Final = "15m"
#: ... are new if none of the day that ended an hour ago is like them: the hour is how long a
#: new message stays new, the day lets a job that fails every night be known.
BEFORE, GAP = "1d", "1h"
#: So many at most, and the most frequent ones: a flood of unlike messages must not be a flood
#: of alerts, nor more series than Loki answers with (``max_query_series``, 500).
MOST: Final = 5
#: The characters of a pattern: it is a label and stands in a title.
LENGTH: Final = 100

_VARIABLE = r'"[^"]*"|\S*[0-9]\S*|\b[0-9a-fA-F]{8,}\b'
_REST = r"(?s)[\r\n].*"
_BLANK = "<_>"


def new_errors(service: Service, error_levels: tuple[str, ...], minimum: int) -> LogQL:
    """The lines of each error message that was not there before, where there are enough."""
    matchers = (equal(names.SERVICE, service.id), among(names.LEVEL, error_levels))
    by = (*names.SCOPE, names.SERVICE, names.ERROR_PATTERN)
    found = patterns(service, matchers)
    now = log_lines.count(found, by, NOW)
    before = aggregate("sum", by, LogQL(f"count_over_time({found} [{BEFORE}] offset {GAP})"))
    return _most(LogQL(f"({now} >= {minimum}) unless {before}"), MOST)


def top(service: Service, matchers: Matchers, number: int, window: str) -> LogQL:
    """The most frequent patterns of the lines in a window."""
    counted = over("count_over_time", patterns(service, matchers), window)
    return LogQL(f"topk({number}, {aggregate('sum', (names.ERROR_PATTERN,), counted)})")


def patterns(service: Service, matchers: Matchers) -> LogQL:
    """The lines with their pattern as a label; those without a message are left out."""
    message = service.logs.message
    first = f"regexReplaceAll {quote(_REST)} .{message} {quote('')}"
    alike = f"regexReplaceAll {quote(_VARIABLE)} ({first}) {quote(_BLANK)}"
    # Not ``trunc``: that of Loki 2.9 counts bytes, and cuts a letter of two in halves.
    template = f"{{{{ printf {quote(f'%.{LENGTH}s')} ({alike}) }}}}"
    return log_lines.parsed(
        service,
        matchers,
        f"label_format {names.ERROR_PATTERN}={quote(template)}",
        '__error__=""',
        f'{names.ERROR_PATTERN}!=""',
    )


def _most(query: LogQL, number: int) -> LogQL:
    """The highest of each cluster, environment and service."""
    by = ", ".join((*names.SCOPE, names.SERVICE))
    return LogQL(f"topk by ({by}) ({number}, {query})")
