"""What the command line says, as the parts of this package take it."""

from __future__ import annotations

from catalog.errors import Problem, UsageError
from catalog.scalars import MisfitError, parse_duration


def seconds(since: str) -> int:
    """How far to look back.

    :raises UsageError: it is no duration.
    """
    try:
        return parse_duration(since)
    except MisfitError as error:
        raise UsageError(Problem("--since", error.fault, error.remedy)) from None
