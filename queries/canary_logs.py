"""Error messages that only the canary writes, as LogQL for Loki's ruler and for panels.

A message is known by its pattern: what is quoted, and each word with a digit in it, is left
out, or every id, address and duration would be a message of its own.
"""

from __future__ import annotations

from typing import Final

from catalog import names
from catalog.canary import Canary
from catalog.scalars import format_duration
from catalog.service import Service
from queries import log_lines
from queries.logql import LogQL, aggregate, lines
from queries.text import Matchers, among, equal, quote

#: Not ``pattern``, which is a word of LogQL.
PATTERN: Final = "message_pattern"
_VARIES = "\"[^\"]*\"|'[^']*'|[0-9A-Za-z_.-]*[0-9][0-9A-Za-z_.-]*"
_BY = (*names.SCOPE, names.SERVICE)


def new_patterns(service: Service, canary: Canary, error_levels: tuple[str, ...]) -> LogQL:
    """How many error messages there are that only the canary writes, by cluster."""
    found = only_on_the_canary(
        service, canary, (equal(names.SERVICE, service.id),), error_levels, _BY
    )
    return aggregate("count", _BY, found)


def only_on_the_canary(
    service: Service,
    canary: Canary,
    matchers: Matchers,
    error_levels: tuple[str, ...],
    by: tuple[str, ...],
) -> LogQL:
    """How often the canary wrote each message that stable has not written for long."""
    limits = canary.patterns

    def counted(track: str, window: int) -> LogQL:
        where = (*matchers, equal(names.TRACK, track), among(names.LEVEL, error_levels))
        stages = (*_pattern(service), f'{PATTERN}!=""')
        found = log_lines.parsed(service, where, '__error__=""', *stages)
        return log_lines.count(found, (*by, PATTERN), format_duration(window))

    ours, theirs = counted(canary.canary, limits.window), counted(canary.stable, limits.lookback)
    together = ", ".join((*by, PATTERN))
    return LogQL(f"{ours} >= {limits.lines} unless on ({together}) {theirs}")


def of_canary(canary: Canary, matchers: Matchers, *more: str) -> LogQL:
    """The canary's lines."""
    return lines((*matchers, equal(names.TRACK, canary.canary)), *more)


def _pattern(service: Service) -> tuple[str, ...]:
    """The stage that gives a line the label ``pattern``."""
    message = service.logs.message
    template = f'{{{{ regexReplaceAll {quote(_VARIES)} .{message} "#" }}}}'
    return (f"label_format {PATTERN}={quote(template)}",)
