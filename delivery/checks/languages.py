"""Parses a query in either language and reads its shape; a fault has its place in the text."""

from __future__ import annotations

import re
from collections.abc import Callable

from delivery.checks.fill import CHOICE
from delivery.checks.logql_fields import OLD, Streams
from delivery.checks.logql_shape import LogReader
from delivery.checks.promql_shape import USE_RATE, Reader, Shape, bare
from delivery.checks.universe import Universe
from queries.logql_parser.errors import LogQLError
from queries.logql_parser.parse import parse as parse_logql
from queries.logql_parser.releases import lacking
from queries.logql_parser.runtime import findings
from queries.promql_parser import PromQLError
from queries.promql_parser import parse as parse_promql

#: id, reason, remedy, and the code points at fault (equal: the whole query).
Report = Callable[[str, str, str, int, int], None]

_SYNTAX = "query/syntax"
_CORRECT = "Correct the query where it is built, under queries/"


def read_promql(text: str, universe: Universe, report: Report) -> Shape | None:
    """The shape of a PromQL query, or None where it does not parse."""
    try:
        tree = parse_promql(text)
    except PromQLError as error:
        report(_SYNTAX, f"PromQL: {error.message}", _CORRECT, error.offset, error.offset + 1)
        return None

    def at_word(check: str, reason: str, remedy: str, word: str) -> None:
        report(check, reason, remedy, *_find(text, word))

    return Reader(universe, at_word).read(tree)


def raw_counter(report: Report, text: str, name: str) -> None:
    """Says that a query's whole answer is the bare value of a counter."""
    report("metric/raw-counter", bare(name), USE_RATE, *_find(text, name))


def _find(text: str, word: str) -> tuple[int, int]:
    """Where a word stands in a query: promql-parser's tree has no positions.

    Outside of strings first: a name or an operator that stands in one too is not meant there.
    In a string a backslash is written twice.
    """
    plain = _STRING.sub(lambda found: " " * len(found[0]), text)
    before, after = (r"\w:", r"\w:") if word[-1:].isalnum() else ("=!<>~", "=~")
    pattern = f"(?<![{before}]){re.escape(word)}(?![{after}])"
    for where in (plain, text):
        found = re.search(pattern, where)
        if found:
            return found.span()
    written = word.replace("\\", "\\\\")
    start = text.find(written)
    return (start, start + len(written)) if start >= 0 else (0, 0)


_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")


def read_logql(text: str, streams: Streams, report: Report) -> Shape | None:
    """The shape of a LogQL query, or None where it does not parse."""
    try:
        tree = parse_logql(text)
    except LogQLError as error:
        report(_SYNTAX, f"LogQL: {error.message}", _CORRECT, error.offset, error.offset + 1)
        return None
    for fault in findings(text, tree):
        report("query/runtime", f"LogQL: {fault.message}", _CORRECT, fault.start, fault.end)
    if OLD in streams.releases:
        for lack in lacking(text, tree, OLD):
            if CHOICE in text and (lack.start, lack.end) == (0, len(text)):
                continue  # too long with every value of a variable, and sent with one
            reason = f"Loki {OLD} cannot run this: {lack.message}"
            report("query/release", reason, _CORRECT, lack.start, lack.end)
    return LogReader(streams, text, report).read(tree)
