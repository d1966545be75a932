"""What can be done with a line on its way to Loki, as both agents understand it.

The agents share these stages and their meaning: Alloy's are Promtail's, carried on. Each writer
has one function for each of them, so that a stage which one agent lacks cannot be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Runtime:
    """Takes off what the container runtime puts around a line; its time becomes the line's."""

    format: Literal["cri", "docker"]


@dataclass(frozen=True, slots=True)
class Multiline:
    """Joins a record's lines: as many at most, and for so many seconds."""

    first_line: str
    lines: int
    wait: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Ends the way of a line that matches; ``reason`` is how the agent counts it."""

    pattern: str
    reason: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Puts ``by`` in the place of each group that matches in a value; without it, does nothing."""

    pattern: str
    by: str
    source: str


@dataclass(frozen=True, slots=True)
class Output:
    """A value becomes the line, if it is there."""

    source: str


@dataclass(frozen=True, slots=True)
class Parse:
    """Reads these fields of the line, for the stages after it."""

    format: Literal["json", "logfmt"]
    fields: Names


@dataclass(frozen=True, slots=True)
class Match:
    """Reads the named groups of an expression, out of the line or of what ``source`` holds."""

    pattern: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A field, RFC 3339, becomes the line's time.

    ``otherwise`` is what a line gets that has none: the time it has (``skip``, for the runtime
    told it), or one nanosecond after the line before (``fudge``).
    """

    field: str
    otherwise: Literal["fudge", "skip"]


@dataclass(frozen=True, slots=True)
class Template:
    """Makes a value of others, for the stages after it; an empty one removes it."""

    name: str
    template: str


@dataclass(frozen=True, slots=True)
class Labels:
    """Values become labels of the same name; what has no value becomes none."""

    names: Names


@dataclass(frozen=True, slots=True)
class LabelDrop:
    """These labels go."""

    names: Names


@dataclass(frozen=True, slots=True)
class LabelKeep:
    """All other labels go."""

    names: Names


@dataclass(frozen=True, slots=True)
class StructuredMetadata:
    """Values go beside the line, where Loki finds them and no stream is born of them."""

    names: Names


@dataclass(frozen=True, slots=True)
class Count:
    """One metric of the agent's own page, by the labels that the line has here.

    ``source`` is the value that is taken, or that has to be there for the line to count; None
    counts every line. ``idle`` is in seconds.
    """

    name: str
    help: str
    type: Literal["counter", "gauge", "histogram"]
    source: str | None
    idle: int
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Metrics:
    """Several metrics that have the same labels."""

    counts: tuple[Count, ...]


Stage = (
    Runtime
    | Multiline
    | Drop
    | Replace
    | Output
    | Parse
    | Match
    | Timestamp
    | Template
    | Labels
    | LabelDrop
    | LabelKeep
    | StructuredMetadata
    | Metrics
)
