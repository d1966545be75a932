"""What the query command prints: the list, one query, and rows, for people."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from catalog import names
from catalog.scalars import format_duration
from delivery.library.ask import Row
from delivery.library.wish import Question

Json = dict[str, Any]

_TIME, _VALUE, _LINE = "time", "value", "line"
#: Before the line itself, where a line has them.
_OF_A_LINE = (names.SERVICE, names.LEVEL)
_WIDTH = 96


def listed(entries: Sequence[Json]) -> Iterator[str]:
    """One query a line."""
    rows = [(each["name"], each["section"], each["cost"], each["title"]) for each in entries]
    yield from table((("name", "section", "cost", "title"), *rows))


def explained(entry: Json, question: Question, others: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A query in full; ``others`` are releases and the forms that they alone are asked."""
    yield f"{entry['name']}: {entry['title']}"
    yield ""
    yield from textwrap.wrap(entry["meaning"], _WIDTH)
    yield f"Next: {entry['hint']} See {', '.join(entry['next'])}."
    yield ""
    whose = f" of {question.service.id}" if question.service else ""
    yield f"The query{whose}, over {_range(question)}:"
    yield f"  {question.made.text}"
    for release, text in others:
        yield f"Reads less on Loki {release}, where the catalog's fields are as declared:"
        yield f"  {text}"
    yield ""
    yield f"answers    {entry['answer']}, in {question.made.unit}"
    yield f"cost       {entry['cost']}"
    yield f"runs on    Loki {', '.join(entry['releases'])}"
    yield f"reads      {entry['needs']}"
    if entry["services"]:
        yield f"applies to {', '.join(entry['services'])}"
    for parameter in entry["parameters"]:
        yield f"--param {parameter['name']}={_value(parameter)}"
        choices = f" One of {', '.join(parameter['choices'])}." if parameter["choices"] else ""
        yield f"    {parameter['help']}{choices}"


def _range(question: Question) -> str:
    return "a range of its own" if question.query.own_window else format_duration(question.since)


def _value(parameter: Json) -> str:
    if parameter["required"]:
        return f"…   (must be given, as in {parameter['example']})"
    return str(parameter["default"])


def answered(question: Question, rows: Sequence[Row]) -> Iterator[str]:
    """Rows as a table; a line of a log is last, and as long as it is."""
    if not rows:
        return
    if question.query.answer == "lines":
        head = (_TIME, *_OF_A_LINE, _LINE)
        body = [
            (moment(row.moment), *(row.labels.get(each, "") for each in _OF_A_LINE), row.line or "")
            for row in rows
        ]
    else:
        by = question.made.by
        timed = (_TIME,) if question.step is not None else ()
        head = (*timed, *by, _VALUE)
        body = [
            (
                *((moment(row.moment),) if timed else ()),
                *(row.labels.get(each, "") for each in by),
                f"{row.value:.6g}",
            )
            for row in rows
        ]
    yield from table((head, *body))


def data(question: Question, rows: Sequence[Row]) -> str:
    """The same for programs, with all labels of a line."""
    content = {
        "name": question.query.name,
        "service": question.service.id if question.service else None,
        "query": question.made.text,
        "answer": question.query.answer,
        "unit": question.made.unit,
        "rows": [_row(question, row) for row in rows],
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def _row(question: Question, row: Row) -> Json:
    if row.line is not None:
        return {_TIME: moment(row.moment), "labels": dict(row.labels), _LINE: row.line}
    timed = {_TIME: moment(row.moment)} if question.step is not None else {}
    labels = {each: row.labels.get(each, "") for each in question.made.by}
    return {**timed, "labels": labels, _VALUE: row.value}


def moment(nanoseconds: int) -> str:
    """A time in UTC, to the millisecond."""
    seconds, rest = divmod(nanoseconds, 10**9)
    shown = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{shown}.{rest // 10**6:03d}Z"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns below each other, the last one as long as it is; one row a line."""
    plain = [[_on_one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*plain, strict=True)]
    for row in plain:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
        yield "  ".join([*cells, row[-1]]).rstrip()


def _on_one_line(text: str) -> str:
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
