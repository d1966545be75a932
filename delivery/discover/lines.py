"""What a few hundred log lines tell of all of them: the format, and what each field holds.

A sample shows what there was, so that nothing is taken to be closed or always there because the
sample had no other. A trace id is told by its form and its name: 32 hexadecimal digits are also a
digest, and a digest must not link to a trace.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Format = Literal["json", "logfmt"]
FieldType = Literal["string", "integer", "number", "timestamp", "trace_id", "span_id"]

_PAIR = re.compile(r'([^\s="]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))')
_LOGFMT = re.compile(r'(?:[^\s="]+=(?:"(?:[^"\\]|\\.)*"|[^\s"]*)\s*){2,}')
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_INTEGER = re.compile(r"[-+]?\d{1,18}")
_NUMBER = re.compile(r"[-+]?\d{1,18}(?:\.\d+)?(?:[eE][-+]?\d+)?")
_TRACE = re.compile(r"[0-9a-f]{32}|[0-9A-F]{32}")
_SPAN = re.compile(r"[0-9a-f]{16}|[0-9A-F]{16}")
_EPOCH = re.compile(r"1\d{9}(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?")
_MESSAGES = ("message", "msg", "text", "log", "body", "event_message")
_TIMES = ("ts", "time", "timestamp", "at", "date", "datetime")
#: So many different values are kept of a field; more are open without a doubt.
KEPT = 40
#: A format that fewer than so much of the lines have is no format.
_MOST = 0.8


@dataclass(slots=True)
class Seen:
    """One field of a sample: how often it was there, and what stood in it."""

    count: int = 0
    values: Counter[str] = field(default_factory=Counter)
    nested: bool = False

    def add(self, value: str) -> None:
        """One more line has it."""
        self.count += 1
        if value in self.values or len(self.values) < KEPT:
            self.values[value] += 1


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample of lines has in common; ``format`` is None where that is none we read."""

    lines: int
    format: Format | None
    fields: Mapping[str, Seen]
    multiline: bool


def sample(lines: Iterable[str]) -> Sample:
    """Reads the lines as the format that most of them have."""
    texts = list(lines)
    parsed: dict[Format, list[Mapping[str, object]]] = {"json": [], "logfmt": []}
    for text in texts:
        if (found := _json(text)) is not None:
            parsed["json"].append(found)
        elif _LOGFMT.fullmatch(text.strip()):
            parsed["logfmt"].append(_logfmt(text))
    best: Format = max(parsed, key=lambda each: len(parsed[each]))
    has_format = bool(texts) and len(parsed[best]) >= _MOST * len(texts)
    fields: dict[str, Seen] = {}
    for line in parsed[best] if has_format else ():
        for name, value in line.items():
            seen = fields.setdefault(name, Seen())
            if isinstance(value, dict | list):
                seen.nested = True
                seen.count += 1
            elif value is not None:
                seen.add(_text(value))
    multiline = any("\n" in text.strip() for text in texts)
    return Sample(len(texts), best if has_format else None, fields, multiline)


def _json(text: str) -> Mapping[str, object] | None:
    try:
        found = json.loads(text)
    # RecursionError: brackets without end, in a line that is no JSON of ours.
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _logfmt(text: str) -> Mapping[str, object]:
    return {
        match[1]: match[3] if match[2] is None else match[2].replace('\\"', '"')
        for match in _PAIR.finditer(text)
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def type_of(name: str, seen: Seen) -> FieldType:
    """What all values of a field are; text where they are not alike."""
    values = [each for each in seen.values if each]
    plain = name.casefold().replace("_", "").replace("-", "").replace(".", "")
    if not values:
        return "string"
    if "trace" in plain and all(map(_TRACE.fullmatch, values)):
        return "trace_id"
    if "span" in plain and all(map(_SPAN.fullmatch, values)):
        return "span_id"
    if all(map(_TIME.fullmatch, values)):
        return "timestamp"
    if plain in _TIMES and all(map(_EPOCH.fullmatch, values)):
        return "timestamp"
    if all(map(_INTEGER.fullmatch, values)):
        return "integer"
    return "number" if all(map(_NUMBER.fullmatch, values)) else "string"


def looks_like_a_trace(name: str, seen: Seen) -> bool:
    """Whether a field has a trace id's form and not its name."""
    return (
        type_of(name, seen) == "string"
        and len(seen.values) > 1
        and all(map(_TRACE.fullmatch, seen.values))
    )


def timestamp_of(fields: Mapping[str, Seen]) -> str | None:
    """The field of a line's time: a usual name first, then any that holds times."""
    found = [name for name, seen in fields.items() if type_of(name, seen) == "timestamp"]
    return next((each for each in _TIMES if each in found), next(iter(sorted(found)), None))


def message_of(fields: Mapping[str, Seen]) -> str | None:
    """The field of a line's words: a usual name, or the text that has the most blanks."""
    for name in _MESSAGES:
        if name in fields:
            return name
    worded = {
        name: sum(value.count(" ") for value in seen.values) / len(seen.values)
        for name, seen in fields.items()
        if seen.values and type_of(name, seen) == "string"
    }
    best = max(sorted(worded), key=lambda name: worded[name], default=None)
    return best if best is not None and worded[best] >= 1 else None
