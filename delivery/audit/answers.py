"""What a panel gets back, read from Grafana's frames: series, points, values and statistics."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

#: How Grafana writes what JSON has no number for, frame by frame.
_ENTITIES = {"NaN": math.nan, "Inf": math.inf, "NegInf": -math.inf}


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a frame."""

    name: str
    kind: str
    labels: Mapping[str, str]
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """One table of an answer."""

    columns: tuple[Column, ...]
    refused: str = ""
    stats: Mapping[str, float] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How long it is."""
        return max((len(each.values) for each in self.columns), default=0)


@dataclass(frozen=True, slots=True)
class Answer:
    """All frames of one target."""

    frames: tuple[Frame, ...] = ()

    @property
    def refused(self) -> str:
        """The server's words, where it said that something is wrong."""
        return "; ".join(each.refused for each in self.frames if each.refused)

    @property
    def numbers(self) -> list[float]:
        """Every value that was measured; NaN and Inf are among them."""
        return [
            each
            for frame in self.frames
            for column in frame.columns
            if column.kind == "number"
            for each in column.values
            if isinstance(each, int | float)
        ]

    @property
    def series(self) -> int:
        """Columns of numbers, or the rows of a table of one moment, or streams of lines."""
        return sum(_series(frame) for frame in self.frames)

    @property
    def points(self) -> int:
        """Measured values, or lines, spans and traces."""
        return sum(_points(frame) for frame in self.frames)

    def stat(self, *words: str) -> float | None:
        """The sum of a statistic whose name has those words in it; None where none has."""
        found = [
            value
            for frame in self.frames
            for name, value in frame.stats.items()
            if all(word in name.lower() for word in words)
        ]
        return sum(found) if found else None


def read(result: Json) -> Answer:
    """The answer of one target.

    :raises ValueError: it is no list of frames.
    """
    frames = result.get("frames")
    if frames is None:
        return Answer()
    if not isinstance(frames, list):
        raise ValueError("its frames are no list")
    return Answer(tuple(_frame(each) for each in frames))


def _frame(frame: Any) -> Frame:
    schema, data = _mapping(frame, "schema"), _mapping(frame, "data")
    fields, values = schema.get("fields") or [], data.get("values") or []
    entities = data.get("entities") or []
    if not isinstance(fields, list) or not isinstance(values, list):
        raise ValueError("a frame's fields are no list")
    columns = []
    for index, each in enumerate(fields):
        column = values[index] if index < len(values) and isinstance(values[index], list) else []
        special = entities[index] if index < len(entities) else None
        columns.append(_column(each if isinstance(each, dict) else {}, column, special))
    meta = schema.get("meta") or {}
    notices = meta.get("notices") or []
    refused = "; ".join(
        str(each.get("text", "")) for each in notices if each.get("severity") == "error"
    )
    stats = {
        str(each.get("displayName", "")): float(each["value"])
        for each in meta.get("stats") or ()
        if isinstance(each, dict) and isinstance(each.get("value"), int | float)
    }
    return Frame(tuple(columns), refused, stats)


def _column(schema: Json, values: list[Any], special: Any) -> Column:
    found = list(values)
    for name, number in _ENTITIES.items():
        for index in (special or {}).get(name, ()) if isinstance(special, dict) else ():
            if isinstance(index, int) and index < len(found):
                found[index] = number
    labels = schema.get("labels")
    return Column(
        str(schema.get("name", "")),
        str(schema.get("type", "")),
        labels if isinstance(labels, dict) else {},
        found,
    )


def _mapping(value: Any, key: str) -> Json:
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, dict):
        raise ValueError(f"a frame has no {key}")
    return found


def _measured(frame: Frame) -> Iterator[Column]:
    for column in frame.columns:
        if column.kind == "number" and any(each is not None for each in column.values):
            yield column


def _series(frame: Frame) -> int:
    columns = list(_measured(frame))
    if not columns:
        return 1 if frame.rows else 0
    # A table of one moment has a row for each series, and its labels in columns of text.
    labelled = any(each.kind == "string" for each in frame.columns)
    return frame.rows if labelled and len(columns) == 1 else len(columns)


def _points(frame: Frame) -> int:
    columns = list(_measured(frame))
    if columns:
        return sum(sum(each is not None for each in column.values) for column in columns)
    if any(each.kind == "number" for each in frame.columns):
        return 0
    return frame.rows
