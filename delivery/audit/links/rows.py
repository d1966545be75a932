"""The rows of an answer as a data link reads them: fields, labels, the value and its time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from delivery.audit.answers import Answer, Column, Frame

_LOGFMT = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)')
_PLACE = re.compile(
    r"\$\{__data\.fields(?:\.(?P<field>\w+)|\[\"?(?P<quoted>[^\]\"]+)\"?\])\}"
    r"|\$\{__field\.labels(?:\.(?P<label>\w+)|\[\"?(?P<other>[^\]\"]+)\"?\])\}"
    r"|\$\{__value\.(?P<value>raw|text|numeric|time)\}|\$\{__series\.name\}"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what its fields hold, the labels of its number, its value and its time (ms)."""

    fields: Mapping[str, str]
    labels: Mapping[str, str]
    value: str
    time: str


def rows(answer: Answer, name: str = "") -> Iterator[Row]:
    """Each row, the newest first; ``name`` is the field whose link is opened, if one is named."""
    for frame in answer.frames:
        times = next((each for each in frame.columns if each.kind == "time"), None)
        numbers = [each for each in frame.columns if each.kind == "number"]
        sources: list[Column | None] = list(numbers) or [None]
        for column in sources:
            for index in reversed(range(frame.rows)):
                if column is not None and _at(column, index) is None:
                    continue
                fields = _fields(frame, index)
                labels = dict(column.labels) if column is not None else {}
                value = str(_at(column, index)) if column is not None else ""
                if name in fields:
                    value = fields[name]
                elif name in labels and frame.rows == 1:
                    # Of one moment Grafana makes a table, in which each label is a column.
                    value = labels[name]
                time = str(_at(times, index)) if times is not None else ""
                yield Row({**labels, **fields}, labels, value, time)


def resolved(url: str, row: Row) -> str | None:
    """The address with the row's values in it; None if it reads what the row has not."""
    missing = []

    def put(match: re.Match[str]) -> str:
        if name := match["field"] or match["quoted"]:
            found = row.fields.get(name, "")
        elif name := match["label"] or match["other"]:
            found = row.labels.get(name, "")
        elif match["value"] == "time":
            found = row.time
        else:
            found = row.value
        missing.append(not found)
        return quote(found, safe="")

    text = _PLACE.sub(put, url)
    return None if any(missing) else text


def reads_row(url: str) -> bool:
    """Whether an address depends on the row that it is opened from."""
    return _PLACE.search(url) is not None


def _at(column: Column, index: int) -> Any:
    return column.values[index] if index < len(column.values) else None


def _fields(frame: Frame, index: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in frame.columns:
        value = _at(column, index)
        if column.name == "labelTypes":
            # Where Loki keeps each label (S, I or P), under the same names.
            continue
        if isinstance(value, dict):
            found |= {str(key): str(each) for key, each in value.items()}
        elif value is not None:
            found[column.name] = str(value)
        if column.name.lower() in {"line", "body"} and isinstance(value, str):
            found = {**parsed(value), **found}
    return found


def parsed(line: str) -> dict[str, str]:
    """The fields of a JSON or logfmt line, as Grafana's ``extractFields`` finds them."""
    try:
        data = json.loads(line)
    except ValueError:
        return {key: value.strip('"') for key, value in _LOGFMT.findall(line)}
    return {str(key): str(each) for key, each in data.items()} if isinstance(data, dict) else {}
