"""Every error a user can meet says three things: the place, the fault and the remedy.

::

    UserError                 exit status 1 unless a subclass says otherwise
    ├── UsageError            2   the command line asks for something impossible
    ├── CatalogError          2   the catalog is wrong; carries every Problem found
    ├── ServerError           3   a server cannot be reached, or refuses us
    └── TreeError             1   generated/ is unfinished, edited or not ours
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault at one place, and what mends it."""

    place: str
    fault: str
    remedy: str

    def __str__(self) -> str:
        end = "" if self.remedy.endswith("?") else "."
        return _printable(f"{self.place}: {self.fault}. {self.remedy}{end}")


def _printable(text: str) -> str:
    """The text without what would break a line or colour a terminal: a file can hold either."""
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


class UserError(Exception):
    """Something the user can mend. ``str()`` is what is printed, one problem a line."""

    exit_status = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems: Sequence[Problem] = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(UserError):
    """The command line asks for something that cannot be done."""

    exit_status = 2


class CatalogError(UserError):
    """The catalog cannot be read or contradicts itself."""

    exit_status = 2


class ServerError(UserError):
    """A server cannot be reached, or answers something else than what it was asked for."""

    exit_status = 3


class TreeError(UserError):
    """The generated tree is unfinished, was edited, or is not one of ours."""
