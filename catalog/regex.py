r"""Regular expressions of the catalog, judged where they are declared.

Loki and both of its agents are written in Go, whose expressions are RE2's: no look-around, no
backreferences. One that Python takes and RE2 does not would stop an agent as it starts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any

import re2
from pydantic import AfterValidator, StringConstraints

from catalog.scalars import MisfitError

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """The expression as Go would run it.

    :raises MisfitError: RE2 refuses it.
    """
    try:
        return re2.compile(pattern, options=_OPTIONS)
    except re2.error as error:
        reason: object = error.args[0] if error.args else "no reason given"
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise MisfitError(
            f"is no regular expression to RE2: {text}",
            "Write it without look-around and backreferences: the agents are Go programs",
        ) from error


def _taken_by_re2(pattern: str) -> str:
    compiled(pattern)
    return pattern


Regex = Annotated[
    str, StringConstraints(min_length=1, max_length=2000), AfterValidator(_taken_by_re2)
]
