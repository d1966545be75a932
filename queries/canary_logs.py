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
    of_service = (equal(names.SERVICE, service.id),)
    return aggregate("count", _BY, only_on_the_canary((service,), canary, of_service, error_levels))


def only_on_the_canary(
    services: tuple[Service, ...], canary: Canary, matchers: Matchers, error_levels: tuple[str, ...]
) -> LogQL:
    """How often the canary wrote each message that stable has not written for long.

    The matchers choose one of the services.
    """
    limits = canary.patterns

    def counted(track: str, window: int) -> LogQL:
        where = (*matchers, equal(names.TRACK, track), among(names.LEVEL, error_levels))
        found = lines(where, *_parsers(services), _pattern(services), f'{PATTERN}!=""')
        return log_lines.count(found, (*_BY, PATTERN), format_duration(window))

    ours, theirs = counted(canary.canary, limits.window), counted(canary.stable, limits.lookback)
    together = ", ".join((*_BY, PATTERN))
    return LogQL(f"{ours} >= {limits.lines} unless on ({together}) {theirs}")


def of_canary(canary: Canary, matchers: Matchers, *more: str) -> LogQL:
    """The canary's lines."""
    return lines((*matchers, equal(names.TRACK, canary.canary)), *more)


def _parsers(services: tuple[Service, ...]) -> tuple[str, ...]:
    """A line that is not in its service's format carries an error, which fails the query."""
    stages = log_lines.parsers(services)
    return stages if stages == log_lines.ANY_FORMAT else (*stages, '__error__=""')


def _pattern(services: tuple[Service, ...]) -> str:
    """The stage that labels a line with its message's pattern; a field that is not there is ""."""
    messages = dict.fromkeys(service.logs.message for service in services)
    template = "".join(
        f'{{{{ regexReplaceAll {quote(_VARIES)} .{message} "#" }}}}' for message in messages
    )
    return f"label_format {PATTERN}={quote(template)}"
