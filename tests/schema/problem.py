"""One thing wrong with a dashboard, and where in its file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A part of a dashboard (`panel 3 "Errors"`) and the path of a key within it."""

    part: str
    path: str = ""

    def __str__(self) -> str:
        return f"{self.part}: {self.path}" if self.path else self.part


@dataclass(frozen=True)
class Problem:
    """A fault at a place of a file."""

    file: str
    place: Place
    fault: str

    def __str__(self) -> str:
        return f"{self.file}: {self.place}: {self.fault}"
