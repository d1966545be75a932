"""The kinds of values: what each may be, and how it stands in LogQL.

A value is never put into a query as it was typed. Text becomes a quoted string, with what could
end the string escaped; a number, a duration or a trace id is read and written anew; a choice is
one of a list.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from catalog import names
from catalog.scalars import MisfitError, format_duration, parse_duration, shown
from catalog.signals import one_of
from queries.library.model import WHAT, About, KindName, Parameter
from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse
from queries.logql_parser.regexes import captures, fault
from queries.text import quote

#: As logs and traces write it: 64 or 128 bits.
_TRACE_ID: Final = re.compile(r"[0-9a-fA-F]{16}|[0-9a-fA-F]{32}")
_TIME: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
#: How many of its unit make a second.
_OF_A_SECOND: Final = {"milliseconds": 1000.0, "seconds": 1.0}
#: Loki answers no more series than this (``max_query_series``).
_MOST_ROWS: Final = 500
_LONGEST_TEXT: Final = 500
_SPELLED: Final = re.compile(r"\(\?<(?![=!])")

Check = Callable[[str, Parameter, About], str]


def token(parameter: Parameter, value: str, about: About) -> str:
    """A value as it stands in a query.

    :raises MisfitError: it is none of that kind.
    """
    if not value.isprintable():
        raise MisfitError(
            f"is {shown(value)}, with a line break or a control character",
            "Write it as one line of text",
        )
    if len(value) > _LONGEST_TEXT:
        raise MisfitError(
            f"is {len(value)} characters long", f"Shorten it to {_LONGEST_TEXT} at most"
        )
    return _CHECKS[parameter.kind](value, parameter, about)


def variable(parameter: Parameter, name: str) -> str:
    """A dashboard's variable of that name, as it stands in a query.

    Text is quoted by Grafana; an expression stands in backquotes, where a backslash is itself.
    """
    return _VARIABLES[parameter.kind].format(name=name)


def options(parameter: Parameter, about: About) -> tuple[str, ...]:
    """The values to choose from, where there is such a list."""
    if parameter.kind == "levels":
        return about.catalog.platform.levels
    return parameter.choices(about) if parameter.choices else ()


def in_unit(seconds: float, unit: str) -> str:
    """A time in the unit of a field, without a unit."""
    return f"{seconds * _OF_A_SECOND[unit]:.10g}"


def is_time(unit: str) -> bool:
    """Whether a field of that unit is a time."""
    return unit in _OF_A_SECOND


def spelled(number: float, unit: str) -> str:
    """A number of a field that is a time, as a threshold is written: ``1000`` is ``1s``."""
    milliseconds = round(number / _OF_A_SECOND[unit] * 1000)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"


def _choice(value: str, parameter: Parameter, about: About) -> str:
    known = parameter.choices(about) if parameter.choices else ()
    if value not in known:
        raise MisfitError(f"is {shown(value)}, which is not there", one_of(value, known))
    return value


def _levels(value: str, _: Parameter, about: About) -> str:
    known = about.catalog.platform.levels
    chosen = tuple(part.strip() for part in value.split(","))
    for each in chosen:
        if each not in known:
            raise MisfitError(
                f"is {shown(value)}, and {shown(each)} is no level", one_of(each, known)
            )
    everything = set(chosen) == set(known)
    service = about.service
    if not everything and service is not None and names.LEVEL not in service.stream_labels:
        raise MisfitError(
            f"is {shown(value)}, and the service's streams have no label '{names.LEVEL}'",
            "Leave it out",
        )
    return "" if everything else ",".join(chosen)


def _text(value: str, _: Parameter, __: About) -> str:
    if not value:
        raise MisfitError("is empty", "Write the text to look for")
    return quote(value)


def _regex(value: str, _: Parameter, __: About) -> str:
    reason = fault(value) if value else "it is empty"
    if reason is None and _SPELLED.search(value):
        reason = "Loki 2.9 knows no (?<name>…)"  # 3.x does
    if reason is not None:
        raise MisfitError(
            f"is no regular expression to Loki: {reason}",
            "Write it as RE2 reads it, a named group as (?P<name>…)",
        )
    return quote(value)


def _regex_what(value: str, parameter: Parameter, about: About) -> str:
    written = _regex(value, parameter, about)
    if captures(value) != (WHAT,):
        raise MisfitError(
            f"has not just one named group '{WHAT}'",
            f"Write (?P<{WHAT}>…) around what is to be counted, and name no other group",
        )
    return written


def _pattern(value: str, _: Parameter, __: About) -> str:
    written = quote(value)
    try:
        parse(f'{{a="b"}} | pattern {written}')
    except LogQLError as error:
        raise MisfitError(
            f"is no pattern to Loki: {error.message}", "Write text with <what> and <_> in it"
        ) from None
    if re.findall(r"<([a-zA-Z]\w*)>", value) != [WHAT]:
        raise MisfitError(
            f"does not name '{WHAT}' once, and nothing else",
            f"Write <{WHAT}> where what is to be counted stands, <_> for any other part",
        )
    return written


def _trace_id(value: str, _: Parameter, __: About) -> str:
    if not _TRACE_ID.fullmatch(value):
        raise MisfitError(
            f"is {shown(value)}, not a trace id", "Write its 32 (or 16) hexadecimal digits"
        )
    return quote(value)


def _duration(value: str, _: Parameter, __: About) -> str:
    return format_duration(parse_duration(value))


def _threshold(value: str, _: Parameter, about: About) -> str:
    found = _TIME.fullmatch(value)
    if found is None:
        raise MisfitError(
            f"is {shown(value)}, not a time", "Write a number and one of ms, s, m, h, as in 500ms"
        )
    field = measured(about)
    return in_unit(float(found[1]) * _SECONDS[found[2]], field)


def measured(about: About) -> str:
    """The unit of what the event measures."""
    event, service = about.event, about.service
    field = service.logs.field(event.measures) if service and event and event.measures else None
    return field.unit if field else "milliseconds"


def _number(value: str, _: Parameter, __: About) -> str:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise MisfitError(f"is {shown(value)}, not a number above 0", "Write one, as in 1.5")
    return f"{number:.10g}"


def _count(value: str, _: Parameter, __: About) -> str:
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:9]) <= _MOST_ROWS):
        raise MisfitError(
            f"is {shown(value)}, not a whole number from 1 to {_MOST_ROWS}", "Write one, as in 10"
        )
    return str(int(value[:9]))


_CHECKS: Final[Mapping[KindName, Check]] = {
    "choice": _choice,
    "count": _count,
    "duration": _duration,
    "levels": _levels,
    "number": _number,
    "pattern": _pattern,
    "regex": _regex,
    "regex_what": _regex_what,
    "text": _text,
    "threshold": _threshold,
    "trace_id": _trace_id,
}
_RAW: Final = "`${{{name}:raw}}`"
_VARIABLES: Final[Mapping[KindName, str]] = {
    "pattern": _RAW,
    "regex": _RAW,
    "regex_what": _RAW,
    "text": "${{{name}:doublequote}}",
    "threshold": "${{{name}}}",
    "trace_id": "${{{name}:doublequote}}",
}
