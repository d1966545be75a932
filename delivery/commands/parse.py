"""``parse``: is each line of standard input a query?"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer


class Language(StrEnum):
    """What the queries are written in."""

    LOGQL = "logql"
    PROMQL = "promql"


LanguageOption = Annotated[
    Language, typer.Option("--language", help="What the queries are written in.")
]


def command(language: LanguageOption) -> int:
    """Is each line of standard input a query?

    Prints one JSON object a line, {"query", "ok", "error"}, in the order of the lines and in
    ASCII; "error" is null or {"line", "column", "message"}. Only a line feed ends a line, and
    nothing is trimmed: an empty line is a query too. A byte that is no UTF-8 is an error of its
    line, and stands in "query" as a lone surrogate. The exit status is 1 if any line is no query.
    """
    fault_of = _fault_of_logql() if language is Language.LOGQL else _fault_of_promql()
    status = 0
    for line in sys.stdin.buffer:
        query = line.removesuffix(b"\n").decode("utf-8", "surrogateescape")
        error = fault_of(query)
        status = 1 if error else status
        print(json.dumps({"query": query, "ok": error is None, "error": error}), flush=True)
    return status


_Fault = dict[str, str | int]


def _fault_of_logql() -> Callable[[str], _Fault | None]:
    from queries.logql_parser.errors import LogQLError
    from queries.logql_parser.parse import parse

    def fault_of(query: str) -> _Fault | None:
        try:
            parse(query)
        except LogQLError as error:
            return _fault(error.line, error.column, error.message)
        return None

    return fault_of


def _fault_of_promql() -> Callable[[str], _Fault | None]:
    from queries.promql_parser import PromQLError, parse

    def fault_of(query: str) -> _Fault | None:
        try:
            parse(query)
        except PromQLError as error:
            return _fault(error.line, error.column, error.message)
        return None

    return fault_of


def _fault(line: int, column: int, message: str) -> _Fault:
    return {"line": line, "column": column, "message": message}
