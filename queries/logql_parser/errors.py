"""What is wrong with a query, and where."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A line and a column, both counted from 1; a column is a code point, not a byte."""

    line: int
    column: int


def place(text: str, offset: int) -> Place:
    """Where in ``text`` an offset lies. Only a line feed ends a line."""
    before = text.rfind("\n", 0, offset)
    return Place(text.count("\n", 0, offset) + 1, offset - before)


class LogQLError(ValueError):
    """Loki would refuse the query; ``message`` says why, without the place."""

    def __init__(self, text: str, offset: int, message: str) -> None:
        self.offset = offset
        self.line, self.column = place(text, offset)
        self.message = message
        super().__init__(f"line {self.line}, column {self.column}: {message}")


class Refusal(Exception):
    """A fault found while only an offset is known; it reaches callers as a LogQLError."""

    def __init__(self, offset: int, message: str) -> None:
        self.offset = offset
        self.message = message
        super().__init__(message)
